package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"peyk/internal/backoffice/event"
	"peyk/internal/backoffice/ledger"
	"peyk/internal/report"
)

const (
	sweepRest   = 5 * time.Second
	sweepBatch  = 100
	catalogRest = 5 * time.Minute
	orphanRest  = time.Hour
)

// Sweep ends what missed its deadline, keeps the catalog fresh and hunts
// orphans, until ctx ends.
func (s *Station) Sweep(ctx context.Context) {
	every(ctx, sweepRest, func() time.Duration { return s.report("deadlines", s.SweepOnce(ctx), sweepRest) },
		func() time.Duration {
			err := s.RefreshCatalog(ctx)
			if err != nil {
				return s.report("catalog", err, time.Second)
			}
			return catalogRest
		},
		func() time.Duration { return s.report("orphans", s.HuntOrphans(ctx), orphanRest) },
	)
}

// report logs an error and says when to try again.
func (s *Station) report(what string, err error, next time.Duration) time.Duration {
	if err != nil && !errors.Is(err, context.Canceled) {
		s.Log.Warn("sweep: "+what, "error", err)
	}
	return next
}

// every runs each job when its own time has come, at least once at the start.
func every(ctx context.Context, rest time.Duration, jobs ...func() time.Duration) {
	due := make([]time.Time, len(jobs))
	for {
		next := time.Now().Add(rest)
		for i, job := range jobs {
			if !time.Now().Before(due[i]) {
				due[i] = time.Now().Add(job())
			}
			if due[i].Before(next) {
				next = due[i]
			}
		}
		t := time.NewTimer(time.Until(next))
		select {
		case <-t.C:
		case <-ctx.Done():
			t.Stop()
			return
		}
	}
}

// RefreshCatalog brings the provider's catalog into the ledger, with the time
// it was last confirmed.
func (s *Station) RefreshCatalog(ctx context.Context) error {
	var known ledger.Catalog
	err := s.Store.View(ctx, func(v ledger.View) (err error) {
		known, err = v.Catalog()
		return err
	})
	if err != nil && !errors.Is(err, ledger.ErrNotFound) {
		return fmt.Errorf("refresh the catalog: %w", err)
	}
	answer, err := s.Provider.Catalog(ctx, known.ETag)
	if err != nil {
		return fmt.Errorf("refresh the catalog: %w", err)
	}
	if !answer.Unchanged {
		body, err := json.Marshal(answer.Value)
		if err != nil {
			return fmt.Errorf("refresh the catalog: %w", err)
		}
		known = ledger.Catalog{ETag: answer.ETag, Body: body}
	}
	return s.Store.Update(ctx, func(tx ledger.Tx) error {
		known.At = tx.Now()
		return tx.PutCatalog(known)
	})
}

// SweepOnce fails the requests whose deadline has passed.
func (s *Station) SweepOnce(ctx context.Context) error {
	var due []string
	err := s.Store.View(ctx, func(v ledger.View) (err error) {
		due, err = v.Overdue([]report.State{report.Accepted, report.Submitting, report.Preparing, report.Ready}, sweepBatch)
		return err
	})
	if err != nil {
		return fmt.Errorf("look for missed deadlines: %w", err)
	}
	for _, guid := range due {
		if err := s.overdue(ctx, guid); err != nil {
			return fmt.Errorf("end %s at its deadline: %w", guid, err)
		}
	}
	return nil
}

func (s *Station) overdue(ctx context.Context, guid string) error {
	var r *report.Request
	err := s.Store.Update(ctx, func(tx ledger.Tx) (err error) {
		if r, err = tx.Request(guid); err != nil {
			return err
		}
		if r.Deadline.IsZero() || tx.Now().Before(r.Deadline) || r.State.Owner() != report.Gateway {
			return ledger.ErrConflict
		}
		m, err := r.Fail(report.Failure{Code: "deadline", Retriable: true}, tx.Now(), report.Evidence{"deadline": r.Deadline})
		if err != nil {
			return err
		}
		return ledger.Move(tx, r, m)
	})
	if errors.Is(err, ledger.ErrConflict) {
		return nil // somebody was quicker
	}
	if err != nil {
		return err
	}
	e := event.Event{Type: event.ReportFailed, GUID: guid, Generation: r.Generation, Version: r.Version}
	if err := s.Publish.Publish(ctx, e); err != nil {
		s.Log.WarnContext(ctx, "event not published; the sweep will find its task", guidAttr(r), "error", err)
	}
	return nil
}
