-- What people choose for themselves, their open sign-ins and their programs'
-- tokens.

-- +goose Up

ALTER TABLE accounts
    ADD COLUMN appearance text    NOT NULL DEFAULT '',
    ADD COLUMN no_keys    boolean NOT NULL DEFAULT false,
    ADD COLUMN no_mail    text    NOT NULL DEFAULT 'null', -- JSON
    ADD COLUMN no_popup   text    NOT NULL DEFAULT 'null'; -- JSON

-- A session opened before has no account here; it is in no list and runs out
-- within the day.
ALTER TABLE sessions
    ADD COLUMN account text COLLATE "C" NOT NULL DEFAULT '',
    ADD COLUMN at      timestamptz,
    ADD COLUMN used_at timestamptz,
    ADD COLUMN agent   text NOT NULL DEFAULT '',
    ADD COLUMN address text NOT NULL DEFAULT '';

CREATE INDEX sessions_of_account ON sessions (account, at, token_hash);

ALTER TABLE tokens
    ADD COLUMN label      text NOT NULL DEFAULT '',
    ADD COLUMN expires_at timestamptz,
    ADD COLUMN used_at    timestamptz;

CREATE INDEX tokens_of_account ON tokens (account, at, hash);
CREATE INDEX tokens_by_end ON tokens (expires_at) WHERE expires_at IS NOT NULL;
