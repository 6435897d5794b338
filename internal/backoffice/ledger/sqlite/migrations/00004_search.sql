-- What lists and searches are read from, worked out of the other tables.

-- +goose Up

-- Requests somebody receives and does not own, with their state, so that a list
-- of theirs is a range as that of an owner is.
CREATE TABLE received (
    guid    TEXT NOT NULL,
    account TEXT NOT NULL,
    state   TEXT NOT NULL,
    PRIMARY KEY (guid, account)
) STRICT, WITHOUT ROWID;

INSERT INTO received SELECT c.guid, c.account, r.state FROM recipients c JOIN requests r ON r.guid = c.guid
    WHERE c.gone_at IS NULL AND c.account <> r.owner;
CREATE INDEX received_in_state ON received (account, state, guid);
DROP INDEX recipients_of_account;

-- The words each request is found by.
CREATE TABLE search_texts (
    guid TEXT NOT NULL PRIMARY KEY,
    text TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- The requests of a word of a sentence, or of a phrase: a title, a name.
CREATE TABLE search_postings (
    term TEXT NOT NULL,
    guid TEXT NOT NULL,
    PRIMARY KEY (term, guid)
) STRICT, WITHOUT ROWID;

CREATE TABLE search_phrases (
    word   TEXT NOT NULL,
    phrase TEXT NOT NULL,
    PRIMARY KEY (word, phrase)
) STRICT, WITHOUT ROWID;

-- At most one row: requests before this GUID are not in the three tables above
-- yet. They are brought in while the ledger is at work, newest first.
CREATE TABLE search_gap (
    id     INTEGER PRIMARY KEY CHECK (id = 1),
    before TEXT NOT NULL
) STRICT;

INSERT INTO search_gap SELECT 1, '~' WHERE EXISTS (SELECT 1 FROM requests);
