package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"peyk/internal/protocol"
)

// Review puts a job aside until a moment, because its audit could not be had:
// the attempt ended in good order, and nobody is at work on it meanwhile.
func (s *Store) Review(ctx context.Context, job Job, next time.Time) error {
	err := s.change(ctx, job, "put aside for review", func(tx *session) error {
		return s.set(tx, job, "state = ?, unclean = 0, progress = '', reviews = reviews + 1, review_at = ?",
			protocol.PendingReview, micros(next))
	})
	if err == nil {
		s.ended()
		s.queued.raise() // whoever waits for a job waits no longer than until then
	}
	return err
}

// Reviewed says that the audit of a job which was put aside has passed: from
// now on it is preparing.
func (s *Store) Reviewed(ctx context.Context, job Job) error {
	return s.change(ctx, job, "end the review of", func(tx *session) error {
		return s.set(tx, job, "reviews = 0")
	})
}

// NextReview is when the next job that was put aside may be claimed; zero if
// there is none.
func (s *Store) NextReview(ctx context.Context) (time.Time, error) {
	var at sql.NullInt64
	err := s.db.QueryRowContext(ctx, "select min(review_at) from jobs where review_at > 0").Scan(&at)
	if err != nil {
		return time.Time{}, fmt.Errorf("find the next review: %w", err)
	}
	return fromMicros(at.Int64), nil
}

// Both claims end the wait for a review: what is being audited is in no line.
const claimFirst = `update jobs set state = ?1, attempt = attempt + 1, unclean = unclean + 1, review_at = 0, began_at = ?2
	where (guid, generation) = (select guid, generation from jobs `

const claimLast = ` limit 1) returning request, attempt, unclean, reviews`

const (
	claimQueued = claimFirst + "where state = ?3 and unclean < ?4 order by queued_at, guid" + claimLast
	claimReview = claimFirst + "where review_at > 0 and review_at <= ?2 order by review_at, guid" + claimLast
)

// take claims the job queued longest or the one whose review is due longest.
// Which of the two is looked for first alternates, so that neither a long line
// nor an audit that is down for many holds the other up.
func (s *Store) take(tx *session, below int) (request string, job Job, unclean int, err error) {
	now := micros(s.cfg.Now())
	for range 2 {
		s.reviewFirst = !s.reviewFirst
		query, args := claimQueued, []any{protocol.Preparing, now, protocol.Queued, below}
		if s.reviewFirst {
			query, args = claimReview, []any{protocol.Preparing, now}
		}
		err = tx.QueryRow(query, args...).Scan(&request, &job.Attempt, &unclean, &job.Reviews)
		if !errors.Is(err, sql.ErrNoRows) {
			return request, job, unclean, err
		}
	}
	return request, job, unclean, err
}
