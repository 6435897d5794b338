-- Open pages ask what has changed since they last looked.

-- +goose Up

CREATE INDEX requests_changed ON requests (max(coalesce(updated_at, 0), coalesce(announced_at, 0), coalesce(late_at, 0),
    coalesce(collected_at, 0), coalesce(purged_at, 0)));
CREATE INDEX progress_changed ON progress (at);
