-- +goose Up
-- Times are microseconds since 1970, UTC; 0 means none.

create table reports (
    guid          text    not null primary key,
    rev           integer not null,
    tombstone     integer not null default 0, -- generations up to this are gone
    reason        text    not null default '',
    tombstoned_at integer not null default 0,
    updated_at    integer not null
) strict, without rowid;

create index reports_by_change on reports (updated_at, guid);
create index reports_by_tombstone on reports (tombstoned_at) where tombstoned_at > 0;

create table jobs (
    guid        text    not null references reports (guid),
    generation  integer not null,
    state       text    not null,
    attempt     integer not null default 0, -- which claim may publish, and the key of its files
    unclean     integer not null default 0, -- claims that ended with the process
    body_hash   text    not null,
    request     text    not null,           -- protocol.SubmitRequest
    eta_seconds integer not null,
    progress    text    not null default '',
    results     text    not null default '',
    sources     text    not null default '',
    error       text    not null default '',
    queued_at   integer not null,
    expires_at  integer not null default 0,
    primary key (guid, generation)
) strict, without rowid;

create index jobs_by_state on jobs (state, queued_at);
create index jobs_by_expiry on jobs (expires_at) where expires_at > 0;

create table webhooks (
    id         text    not null primary key,
    guid       text    not null,
    generation integer not null,
    body       blob    not null,
    attempts   integer not null default 0,
    next_at    integer not null
) strict, without rowid;

create index webhooks_by_time on webhooks (next_at);
create index webhooks_by_report on webhooks (guid, generation);

-- +goose Down
drop table webhooks;
drop table jobs;
drop table reports;
