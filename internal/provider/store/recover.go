package store

import (
	"context"
	"fmt"
	"time"

	"peyk/internal/protocol"
)

// interrupted is a job the process before was preparing when it died.
type interrupted struct {
	job     Job
	unclean int // deaths it has seen
}

// recover sets right what the death of the process before left.
func (s *Store) recover(ctx context.Context) error {
	jobs, err := s.interrupted(ctx)
	if err != nil {
		return fmt.Errorf("find interrupted jobs: %w", err)
	}
	for _, j := range jobs {
		if j.unclean < maxUnclean {
			err = s.requeue(ctx, j.job)
		} else {
			err = s.Finish(ctx, j.job, protocol.Failed, protocol.OperationError{
				Code: "poison", Stage: "prepare", Detail: fmt.Sprintf("preparing it ended the service %d times", j.unclean),
			})
		}
		if err != nil {
			return err
		}
	}
	s.queued.raise()
	s.outbox.raise()
	return s.Tidy(ctx, time.Unix(1<<40, 0)) // nobody else writes yet: no file is too young
}

// requeue leaves unclean as it is: this claim did not end in good order.
func (s *Store) requeue(ctx context.Context, job Job) error {
	return s.change(ctx, job, "queue again", func(tx *session) error {
		return s.set(tx, job, "state = ?, progress = ''", protocol.Queued)
	})
}

func (s *Store) interrupted(ctx context.Context) ([]interrupted, error) {
	rows, err := s.db.QueryContext(ctx, "select guid, generation, attempt, unclean from jobs where state = ?", protocol.Preparing)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []interrupted
	for rows.Next() {
		var i interrupted
		if err := rows.Scan(&i.job.ReportID, &i.job.Generation, &i.job.Attempt, &i.unclean); err != nil {
			return nil, err
		}
		list = append(list, i)
	}
	return list, rows.Err()
}
