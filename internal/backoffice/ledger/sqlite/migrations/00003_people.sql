-- What people choose for themselves, their open sign-ins and their programs'
-- tokens.

-- +goose Up

ALTER TABLE accounts ADD COLUMN appearance TEXT NOT NULL DEFAULT '';
ALTER TABLE accounts ADD COLUMN no_keys INTEGER NOT NULL DEFAULT 0;
ALTER TABLE accounts ADD COLUMN no_mail TEXT NOT NULL DEFAULT 'null';  -- JSON
ALTER TABLE accounts ADD COLUMN no_popup TEXT NOT NULL DEFAULT 'null'; -- JSON

-- A session opened before has no account here; it is in no list and runs out
-- within the day.
ALTER TABLE sessions ADD COLUMN account TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN at INTEGER;
ALTER TABLE sessions ADD COLUMN used_at INTEGER;
ALTER TABLE sessions ADD COLUMN agent TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN address TEXT NOT NULL DEFAULT '';

CREATE INDEX sessions_of_account ON sessions (account, at, token_hash);

ALTER TABLE tokens ADD COLUMN label TEXT NOT NULL DEFAULT '';
ALTER TABLE tokens ADD COLUMN expires_at INTEGER;
ALTER TABLE tokens ADD COLUMN used_at INTEGER;

CREATE INDEX tokens_of_account ON tokens (account, at, hash);
CREATE INDEX tokens_by_end ON tokens (expires_at) WHERE expires_at IS NOT NULL;
