-- How far the provider is with a report, as it was last asked: what a page shows
-- while it is being prepared, and nothing decides by.

-- +goose Up

CREATE TABLE progress (
    guid       TEXT    NOT NULL PRIMARY KEY,
    generation INTEGER NOT NULL,
    stage      TEXT    NOT NULL,
    done       INTEGER NOT NULL,
    total      INTEGER NOT NULL,
    position   INTEGER NOT NULL,
    ready_at   INTEGER,
    at         INTEGER
) STRICT, WITHOUT ROWID;
