package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"peyk/internal/backoffice/event"
	"peyk/internal/backoffice/ledger"
	"peyk/internal/report"
	"peyk/internal/telemetry"
)

const (
	sweepRest   = 5 * time.Second
	sweepBatch  = 100
	catalogRest = 5 * time.Minute
	orphanRest  = time.Hour
)

// Sweep ends what missed its deadline, keeps the catalog fresh and hunts
// orphans, until ctx ends. Each at its own pace: a provider that keeps us
// waiting delays no deadline.
func (s *Station) Sweep(ctx context.Context) {
	ctx = telemetry.WithRole(ctx, string(report.Gateway))
	var jobs sync.WaitGroup
	jobs.Go(func() { s.every(ctx, "deadlines", sweepRest, sweepRest, s.SweepOnce) })
	jobs.Go(func() { s.every(ctx, "catalog", time.Second, catalogRest, s.RefreshCatalog) })
	jobs.Go(func() { s.every(ctx, "orphans", catalogRest, orphanRest, s.HuntOrphans) })
	jobs.Wait()
}

// every runs job now and then each rest. After an error it comes back sooner,
// after least doubled each time.
func (s *Station) every(ctx context.Context, what string, least, rest time.Duration, job func(context.Context) error) {
	for sooner := least; ; {
		pause := rest
		if err := job(ctx); err == nil {
			sooner = least
		} else if ctx.Err() == nil {
			for ctx, err := range telemetry.Each(ctx, err) {
				s.Log.WarnContext(ctx, "sweep: "+what, "error", err)
			}
			pause, sooner = sooner, min(sooner*2, rest)
		}
		t := time.NewTimer(pause)
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
	ctx = telemetry.WithRole(ctx, string(report.Gateway))
	var due []string
	err := s.Store.View(ctx, func(v ledger.View) (err error) {
		due, err = v.Overdue([]report.State{report.Accepted, report.Submitting, report.Preparing, report.Ready}, sweepBatch)
		return err
	})
	if err != nil {
		return fmt.Errorf("look for missed deadlines: %w", err)
	}
	var failed []error
	for _, guid := range due {
		if err := s.overdue(telemetry.WithGUID(ctx, guid), guid); err != nil { // the others end all the same
			failed = append(failed, telemetry.About(guid, fmt.Errorf("end %s at its deadline: %w", guid, err)))
		}
	}
	return telemetry.Join(failed...)
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
		s.Log.WarnContext(ctx, "event not published; the sweep will find its task", "error", err)
	}
	return nil
}
