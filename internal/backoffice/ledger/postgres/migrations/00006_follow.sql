-- Open pages ask what has changed since they last looked.

-- +goose Up

CREATE INDEX requests_changed ON requests (greatest(updated_at, announced_at, late_at, collected_at, purged_at));
CREATE INDEX progress_changed ON progress (at);
