-- What an operator looks at: each look is a short range of an index, however
-- much was finished.

-- +goose Up

CREATE INDEX requests_delivered ON requests (ended_at) INCLUDE (expected_by, stored_at, accepted_at)
    WHERE state = 'DELIVERED' AND stored_at IS NOT NULL;
CREATE INDEX requests_late ON requests (expected_by, guid)
    WHERE ended_at IS NULL AND stored_at IS NULL AND late_at IS NOT NULL;
-- As good as empty while all is well: a try that succeeds clears its error.
CREATE INDEX tasks_failing ON tasks (created_at) WHERE NOT done AND last_error <> '';
CREATE INDEX mails_lost ON mails (at) WHERE state IN ('bounced', 'given_up', 'unconfirmed');

ALTER TABLE parked ADD COLUMN resolved_at timestamptz;
ALTER TABLE parked ADD COLUMN resolved_by text NOT NULL DEFAULT '';
ALTER TABLE parked ADD COLUMN reason text NOT NULL DEFAULT '';
CREATE INDEX parked_open ON parked (id) WHERE resolved_at IS NULL;

-- What each process says of its roles and of what it leans on.
CREATE TABLE beats (
    process text COLLATE "C" NOT NULL,
    part    text COLLATE "C" NOT NULL,
    ok      boolean NOT NULL,
    since   timestamptz,
    at      timestamptz,
    figures bytea, -- JSON
    PRIMARY KEY (process, part)
);
