-- +goose Up
-- A job nobody could audit waits in the state pending_review.

alter table jobs add column reviews   integer not null default 0; -- audits in a row that could not be had
alter table jobs add column review_at integer not null default 0; -- of the next try

create index jobs_by_review on jobs (review_at) where review_at > 0;

-- +goose Down
drop index jobs_by_review;
alter table jobs drop column review_at;
alter table jobs drop column reviews;
