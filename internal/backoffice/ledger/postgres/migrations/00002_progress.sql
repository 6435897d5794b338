-- How far the provider is with a report, as it was last asked: what a page shows
-- while it is being prepared, and nothing decides by.

-- +goose Up

CREATE TABLE progress (
    guid       text COLLATE "C" PRIMARY KEY,
    generation integer NOT NULL,
    stage      text    NOT NULL,
    done       bigint  NOT NULL,
    total      bigint  NOT NULL,
    position   bigint  NOT NULL,
    ready_at   timestamptz,
    at         timestamptz
);
