-- The tables of the ledger. Times are whole microseconds since 1970, UTC; NULL
-- is "not yet". There are no foreign keys: a webhook may come for a request
-- nobody knows, and a move writes its request before anything that names it.

-- +goose Up

-- Rows are found by their GUID, which rises with time: new ones lie together.
CREATE TABLE requests (
    guid          TEXT    NOT NULL UNIQUE,
    version       INTEGER NOT NULL,
    generation    INTEGER NOT NULL,
    state         TEXT    NOT NULL,
    outcome       TEXT    NOT NULL,
    failure       TEXT,             -- JSON
    owner         TEXT    NOT NULL, -- owner, type and approval repeat what asked says
    type          TEXT    NOT NULL,
    approval      TEXT    NOT NULL,
    asked         TEXT    NOT NULL, -- JSON, never changed
    parameters    TEXT,             -- JSON, byte for byte as asked
    approved_hash TEXT    NOT NULL,
    submitted     INTEGER NOT NULL,
    was_stored    INTEGER NOT NULL,
    resubmits     INTEGER NOT NULL,
    refetches     INTEGER NOT NULL,
    lost          INTEGER NOT NULL,
    tombstoned    INTEGER NOT NULL,
    manifest      TEXT,             -- JSON
    accepted_at   INTEGER,
    deadline      INTEGER,
    expected_by   INTEGER,
    missed_at     INTEGER,
    expires_at    INTEGER,
    announced_at  INTEGER,
    late_at       INTEGER,
    stored_at     INTEGER,          -- first entry to STORED since accepted_at: promises are made of it
    ended_at      INTEGER,
    collected_at  INTEGER,
    purged_at     INTEGER,
    created_at    INTEGER,
    updated_at    INTEGER
) STRICT;

-- Lists are newest first within a state; a list of several states is merged.
CREATE INDEX requests_of_state ON requests (state, guid);
CREATE INDEX requests_of_owner ON requests (owner, state, guid);
CREATE INDEX requests_to_approve ON requests (approval, state, guid) WHERE approval <> 'none';
-- The sweeps look only at what is still open, however much was finished.
CREATE INDEX requests_by_deadline ON requests (deadline) WHERE deadline IS NOT NULL;
CREATE INDEX requests_by_promise ON requests (expected_by) WHERE ended_at IS NULL AND late_at IS NULL;
CREATE INDEX requests_ended ON requests (type, ended_at, guid, accepted_at, stored_at) WHERE ended_at IS NOT NULL AND stored_at IS NOT NULL;

CREATE TABLE journal (
    guid       TEXT    NOT NULL,
    seq        INTEGER NOT NULL,
    at         INTEGER NOT NULL,
    role       TEXT    NOT NULL,
    kind       TEXT    NOT NULL,
    name       TEXT    NOT NULL,
    from_state TEXT    NOT NULL,
    to_state   TEXT    NOT NULL,
    step       INTEGER NOT NULL,
    version    INTEGER NOT NULL,
    generation INTEGER NOT NULL,
    evidence   TEXT, -- JSON
    UNIQUE (guid, seq)
) STRICT;

CREATE TABLE tasks (
    guid        TEXT    NOT NULL,
    kind        TEXT    NOT NULL,
    subject     TEXT    NOT NULL,
    generation  INTEGER NOT NULL,
    done        INTEGER NOT NULL DEFAULT 0,
    due_at      INTEGER NOT NULL,
    attempts    INTEGER NOT NULL DEFAULT 0,
    unclean     INTEGER NOT NULL DEFAULT 0,
    parked_at   INTEGER,
    wakes       INTEGER NOT NULL DEFAULT 0,
    fence       INTEGER NOT NULL DEFAULT 0,
    leased_till INTEGER,
    worker      TEXT    NOT NULL DEFAULT '',
    created_at  INTEGER NOT NULL,
    last_error  TEXT    NOT NULL DEFAULT '',
    PRIMARY KEY (guid, kind, subject)
) STRICT, WITHOUT ROWID;

-- An open task is in one of two: what nobody works on, by the time it is due,
-- and what somebody does, or did, by the end of the lease.
CREATE INDEX tasks_owed ON tasks (kind, due_at) WHERE done = 0 AND leased_till IS NULL;
CREATE INDEX tasks_leased ON tasks (kind, leased_till) WHERE done = 0 AND leased_till IS NOT NULL;
-- Those to be parked when they are next found: as good as always empty.
CREATE INDEX tasks_suspect ON tasks (kind) WHERE done = 0 AND parked_at IS NULL AND unclean >= 3;
CREATE INDEX tasks_parked ON tasks (parked_at) WHERE done = 0 AND parked_at IS NOT NULL;

CREATE TABLE recipients (
    guid    TEXT NOT NULL,
    account TEXT NOT NULL,
    gone_at INTEGER,
    PRIMARY KEY (guid, account)
) STRICT, WITHOUT ROWID;

CREATE INDEX recipients_of_account ON recipients (account, guid);

CREATE TABLE report_files (
    guid       TEXT    NOT NULL,
    generation INTEGER NOT NULL,
    name       TEXT    NOT NULL,
    media_type TEXT    NOT NULL,
    size       INTEGER NOT NULL,
    sha256     TEXT    NOT NULL,
    pages      INTEGER NOT NULL,
    rows       INTEGER NOT NULL,
    blob_key   TEXT    NOT NULL,
    stored_at  INTEGER,
    refused    INTEGER NOT NULL,
    damaged    INTEGER NOT NULL,
    PRIMARY KEY (guid, generation, name)
) STRICT, WITHOUT ROWID;

CREATE INDEX report_files_by_blob ON report_files (blob_key) WHERE blob_key <> '';

CREATE TABLE webhook_inbox (
    id         TEXT    NOT NULL UNIQUE,
    guid       TEXT    NOT NULL,
    generation INTEGER NOT NULL,
    type       TEXT    NOT NULL,
    state      TEXT    NOT NULL,
    rev        INTEGER NOT NULL,
    key        TEXT    NOT NULL,
    at         INTEGER
) STRICT;

CREATE INDEX webhook_inbox_of_request ON webhook_inbox (guid, generation);
CREATE INDEX webhook_inbox_by_age ON webhook_inbox (at);

CREATE TABLE mails (
    guid       TEXT    NOT NULL,
    generation INTEGER NOT NULL,
    subject    TEXT    NOT NULL,
    account    TEXT    NOT NULL,
    state      TEXT    NOT NULL,
    letter     BLOB, -- byte for byte: the message is assembled from it
    unknowns   INTEGER NOT NULL,
    flagged    INTEGER NOT NULL,
    reply      TEXT    NOT NULL,
    at         INTEGER,
    created_at INTEGER,
    UNIQUE (guid, generation, subject, account)
) STRICT;

CREATE TABLE notices (
    seq        INTEGER PRIMARY KEY AUTOINCREMENT,
    account    TEXT    NOT NULL,
    guid       TEXT    NOT NULL,
    generation INTEGER NOT NULL,
    subject    TEXT    NOT NULL,
    title      TEXT    NOT NULL, -- JSON
    at         INTEGER,
    seen_at    INTEGER,
    UNIQUE (guid, generation, subject, account)
) STRICT;

CREATE INDEX notices_of_account ON notices (account, seq);
CREATE INDEX notices_unseen ON notices (account, seq) WHERE seen_at IS NULL;

CREATE TABLE approvals (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    guid     TEXT    NOT NULL,
    account  TEXT    NOT NULL,
    approved INTEGER NOT NULL,
    reason   TEXT    NOT NULL,
    at       INTEGER
) STRICT;

CREATE INDEX approvals_of_request ON approvals (guid, id);

-- One row: the catalog as it was last seen.
CREATE TABLE catalog (
    id   INTEGER PRIMARY KEY CHECK (id = 1),
    etag TEXT NOT NULL,
    body BLOB,
    at   INTEGER
) STRICT;

CREATE TABLE parked (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    role     TEXT    NOT NULL,
    subject  TEXT    NOT NULL,
    sequence INTEGER NOT NULL,
    raw      BLOB,
    cause    TEXT    NOT NULL,
    at       INTEGER
) STRICT;

CREATE TABLE accounts (
    name      TEXT PRIMARY KEY NOT NULL,
    full_name TEXT NOT NULL,
    email     TEXT NOT NULL,
    roles     TEXT NOT NULL, -- JSON
    locale    TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    password  TEXT NOT NULL,
    gone      INTEGER NOT NULL,
    at        INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE sessions (
    token_hash TEXT PRIMARY KEY NOT NULL,
    data       BLOB,
    expires_at INTEGER
) STRICT;

CREATE INDEX sessions_by_end ON sessions (expires_at);

CREATE TABLE tokens (
    hash    TEXT PRIMARY KEY NOT NULL,
    account TEXT NOT NULL,
    scope   TEXT NOT NULL,
    at      INTEGER
) STRICT, WITHOUT ROWID;

-- The last fence given: one rising number for the whole ledger.
CREATE TABLE meta (
    name  TEXT PRIMARY KEY NOT NULL,
    value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO meta (name, value) VALUES ('fence', 0);
