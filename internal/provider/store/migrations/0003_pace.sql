-- +goose Up
-- How long reports take, by type: what the company is told to expect.

alter table jobs add column type     text    not null default '';
alter table jobs add column began_at integer not null default 0; -- of the last claim
update jobs set type = json_extract(request, '$.type');

create table durations (
    type text    not null,
    n    integer not null, -- rises; the last 20 are kept
    took integer not null,
    primary key (type, n)
) strict, without rowid;

-- +goose Down
drop table durations;
alter table jobs drop column began_at;
alter table jobs drop column type;
