-- The tables of the ledger. NULL is "not yet". There are no foreign keys: a
-- webhook may come for a request nobody knows, and a move writes its request
-- before anything that names it. Texts sort by their bytes.

-- +goose Up

-- Rows grow a little at each move and move within their page: some room is left
-- in each, so that the indexes need not hear of it.
CREATE TABLE requests (
    guid          text COLLATE "C" PRIMARY KEY,
    version       bigint  NOT NULL,
    generation    integer NOT NULL,
    state         text COLLATE "C" NOT NULL,
    outcome       text    NOT NULL,
    failure       text,             -- JSON
    owner         text COLLATE "C" NOT NULL, -- owner, type and approval repeat what asked says
    type          text COLLATE "C" NOT NULL,
    approval      text COLLATE "C" NOT NULL,
    asked         text    NOT NULL, -- JSON, never changed
    parameters    bytea,            -- JSON, byte for byte as asked
    approved_hash text    NOT NULL,
    submitted     boolean NOT NULL,
    was_stored    boolean NOT NULL,
    resubmits     integer NOT NULL,
    refetches     integer NOT NULL,
    lost          integer NOT NULL,
    tombstoned    boolean NOT NULL,
    manifest      text,             -- JSON
    accepted_at   timestamptz,
    deadline      timestamptz,
    expected_by   timestamptz,
    missed_at     timestamptz,
    expires_at    timestamptz,
    announced_at  timestamptz,
    late_at       timestamptz,
    stored_at     timestamptz,      -- first entry to STORED since accepted_at: promises are made of it
    ended_at      timestamptz,
    collected_at  timestamptz,
    purged_at     timestamptz,
    created_at    timestamptz,
    updated_at    timestamptz
) WITH (fillfactor = 70);

CREATE INDEX requests_of_state ON requests (state, guid);
CREATE INDEX requests_of_owner ON requests (owner, state, guid);
CREATE INDEX requests_to_approve ON requests (approval, state, guid) WHERE approval <> 'none';
-- The sweeps look only at what is still open, however much was finished.
CREATE INDEX requests_by_deadline ON requests (deadline, guid) WHERE deadline IS NOT NULL;
CREATE INDEX requests_by_promise ON requests (expected_by, guid) WHERE ended_at IS NULL AND late_at IS NULL;
CREATE INDEX requests_ended ON requests (type, ended_at, guid) INCLUDE (accepted_at, stored_at)
    WHERE ended_at IS NOT NULL AND stored_at IS NOT NULL;

CREATE TABLE journal (
    guid       text COLLATE "C" NOT NULL,
    seq        bigint  NOT NULL,
    at         timestamptz NOT NULL,
    role       text    NOT NULL,
    kind       text    NOT NULL,
    name       text    NOT NULL,
    from_state text    NOT NULL,
    to_state   text    NOT NULL,
    step       integer NOT NULL,
    version    bigint  NOT NULL,
    generation integer NOT NULL,
    evidence   text, -- JSON
    PRIMARY KEY (guid, seq)
);

-- Each task is written some five times in a second or two and then never again:
-- dead rows are cleared away after a few thousand, not after a fifth of all.
CREATE TABLE tasks (
    guid        text COLLATE "C" NOT NULL,
    kind        text COLLATE "C" NOT NULL,
    subject     text COLLATE "C" NOT NULL,
    generation  integer NOT NULL,
    done        boolean NOT NULL DEFAULT false,
    due_at      timestamptz NOT NULL,
    attempts    integer NOT NULL DEFAULT 0,
    unclean     integer NOT NULL DEFAULT 0,
    parked_at   timestamptz,
    wakes       bigint  NOT NULL DEFAULT 0,
    fence       bigint  NOT NULL DEFAULT 0,
    leased_till timestamptz,
    worker      text    NOT NULL DEFAULT '',
    created_at  timestamptz NOT NULL,
    last_error  text    NOT NULL DEFAULT '',
    PRIMARY KEY (guid, kind, subject)
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.0, autovacuum_vacuum_threshold = 5000);

-- An open task is in one of two: what nobody works on, by the time it is due,
-- and what somebody does, or did, by the end of the lease.
CREATE INDEX tasks_owed ON tasks (kind, due_at, guid, subject) WHERE NOT done AND leased_till IS NULL;
CREATE INDEX tasks_leased ON tasks (kind, leased_till) WHERE NOT done AND leased_till IS NOT NULL;
-- Those to be parked when they are next found: as good as always empty.
CREATE INDEX tasks_suspect ON tasks (kind) WHERE NOT done AND parked_at IS NULL AND unclean >= 3;
CREATE INDEX tasks_parked ON tasks (parked_at, guid, kind, subject) WHERE NOT done AND parked_at IS NOT NULL;

-- One rising number for the whole ledger, never given twice.
CREATE SEQUENCE fences;

CREATE TABLE recipients (
    guid    text COLLATE "C" NOT NULL,
    account text COLLATE "C" NOT NULL,
    gone_at timestamptz,
    PRIMARY KEY (guid, account)
);

CREATE INDEX recipients_of_account ON recipients (account, guid);

CREATE TABLE report_files (
    guid       text COLLATE "C" NOT NULL,
    generation integer NOT NULL,
    name       text COLLATE "C" NOT NULL,
    media_type text    NOT NULL,
    size       bigint  NOT NULL,
    sha256     text    NOT NULL,
    pages      integer NOT NULL,
    rows       bigint  NOT NULL,
    blob_key   text COLLATE "C" NOT NULL,
    stored_at  timestamptz,
    refused    integer NOT NULL,
    damaged    boolean NOT NULL,
    PRIMARY KEY (guid, generation, name)
);

CREATE INDEX report_files_by_blob ON report_files (blob_key) WHERE blob_key <> '';

CREATE TABLE webhook_inbox (
    id         text COLLATE "C" PRIMARY KEY,
    guid       text COLLATE "C" NOT NULL,
    generation integer NOT NULL,
    type       text    NOT NULL,
    state      text    NOT NULL,
    rev        bigint  NOT NULL,
    key        text    NOT NULL,
    at         timestamptz
);

CREATE INDEX webhook_inbox_of_request ON webhook_inbox (guid, generation);
CREATE INDEX webhook_inbox_by_age ON webhook_inbox (at);

CREATE TABLE mails (
    guid       text COLLATE "C" NOT NULL,
    generation integer NOT NULL,
    subject    text COLLATE "C" NOT NULL,
    account    text COLLATE "C" NOT NULL,
    state      text    NOT NULL,
    letter     bytea, -- byte for byte: the message is assembled from it
    unknowns   integer NOT NULL,
    flagged    boolean NOT NULL,
    reply      text    NOT NULL,
    at         timestamptz,
    created_at timestamptz,
    PRIMARY KEY (guid, generation, subject, account)
);

CREATE SEQUENCE notice_numbers;

CREATE TABLE notices (
    seq        bigint  NOT NULL,
    account    text COLLATE "C" NOT NULL,
    guid       text COLLATE "C" NOT NULL,
    generation integer NOT NULL,
    subject    text COLLATE "C" NOT NULL,
    title      text    NOT NULL, -- JSON
    at         timestamptz,
    seen_at    timestamptz,
    PRIMARY KEY (guid, generation, subject, account)
);

CREATE INDEX notices_of_account ON notices (account, seq);
CREATE INDEX notices_unseen ON notices (account, seq) WHERE seen_at IS NULL;

CREATE TABLE approvals (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    guid     text COLLATE "C" NOT NULL,
    account  text    NOT NULL,
    approved boolean NOT NULL,
    reason   text    NOT NULL,
    at       timestamptz
);

CREATE INDEX approvals_of_request ON approvals (guid, id);

-- One row: the catalog as it was last seen.
CREATE TABLE catalog (
    id   integer PRIMARY KEY CHECK (id = 1),
    etag text NOT NULL,
    body bytea,
    at   timestamptz
);

CREATE TABLE parked (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    role     text   NOT NULL,
    subject  text   NOT NULL,
    sequence bigint NOT NULL, -- the same 64 bits as the unsigned number
    raw      bytea,
    cause    text   NOT NULL,
    at       timestamptz
);

CREATE TABLE accounts (
    name      text COLLATE "C" PRIMARY KEY,
    full_name text    NOT NULL,
    email     text    NOT NULL,
    roles     text    NOT NULL, -- JSON
    locale    text    NOT NULL,
    time_zone text    NOT NULL,
    password  text    NOT NULL,
    gone      boolean NOT NULL,
    at        timestamptz
);

CREATE TABLE sessions (
    token_hash text COLLATE "C" PRIMARY KEY,
    data       bytea,
    expires_at timestamptz
);

CREATE INDEX sessions_by_end ON sessions (expires_at);

CREATE TABLE tokens (
    hash    text COLLATE "C" PRIMARY KEY,
    account text NOT NULL,
    scope   text NOT NULL,
    at      timestamptz
);

-- The last commit of each connection that writes, and whether it may commit
-- still: see fate.go. The rows are updated all the time and never move: each
-- page keeps room for their next versions.
CREATE TABLE marks (
    slot   bigint PRIMARY KEY,
    mark   bigint      NOT NULL DEFAULT 0,
    alive  bigint      NOT NULL DEFAULT 1,
    opened timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 10);
