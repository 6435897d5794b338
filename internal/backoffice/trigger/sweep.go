package trigger

import (
	"context"
	"errors"
	"fmt"
	"time"

	"peyk/internal/backoffice/event"
	"peyk/internal/backoffice/ledger"
	"peyk/internal/report"
	"peyk/internal/telemetry"
)

// sweepRest is how often deadlines and departures are looked at.
const sweepRest = 5 * time.Second

// sweepBatch is how many requests one look takes.
const sweepBatch = 100

// Sweep expires what nobody approved in time and cancels what was asked by
// people who left. It runs until ctx ends.
func (s *Station) Sweep(ctx context.Context) {
	ctx = telemetry.WithRole(ctx, string(report.Trigger))
	t := time.NewTicker(sweepRest)
	defer t.Stop()
	for {
		if err := s.SweepOnce(ctx); err != nil && ctx.Err() == nil {
			for ctx, err := range telemetry.Each(ctx, err) {
				s.Log.ErrorContext(ctx, "sweep failed", "error", err)
			}
		}
		select {
		case <-t.C:
		case <-ctx.Done():
			return
		}
	}
}

// SweepOnce is one look.
func (s *Station) SweepOnce(ctx context.Context) error {
	ctx = telemetry.WithRole(ctx, string(report.Trigger))
	return telemetry.Join(s.expire(ctx), s.departed(ctx))
}

func (s *Station) expire(ctx context.Context) error {
	var due []string
	err := s.Store.View(ctx, func(v ledger.View) (err error) {
		due, err = v.Overdue([]report.State{report.AwaitingApproval}, sweepBatch)
		return err
	})
	if err != nil {
		return fmt.Errorf("look for unanswered approvals: %w", err)
	}
	return each(due, "expire", func(guid string) error {
		return s.end(ctx, guid, event.ReportExpired, func(r *report.Request, now time.Time) (report.Move, error) {
			return r.Expire(now)
		})
	})
}

// each works on all of them: one that fails holds up no other.
func each(guids []string, act string, fn func(guid string) error) error {
	var errs []error
	for _, guid := range guids {
		if err := fn(guid); err != nil {
			errs = append(errs, telemetry.About(guid, fmt.Errorf("%s %s: %w", act, guid, err)))
		}
	}
	return telemetry.Join(errs...)
}

// departed cancels what runs for people who left before it was stored.
func (s *Station) departed(ctx context.Context) error {
	var theirs []string
	err := s.Store.View(ctx, func(v ledger.View) error {
		theirs = nil
		people, err := v.Accounts()
		if err != nil {
			return err
		}
		for _, p := range people {
			if !p.Gone {
				continue
			}
			owned, err := ownedBy(v, p.Name)
			if err != nil {
				return err
			}
			theirs = append(theirs, owned...)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("look for requests of people who left: %w", err)
	}
	return each(theirs, "cancel", func(guid string) error {
		return s.end(ctx, guid, event.ReportCancelled, func(r *report.Request, now time.Time) (report.Move, error) {
			return r.Cancel("system", "requester-gone", now)
		})
	})
}

// ownedBy lists what somebody asked for and may still be cancelled. A scope
// holds what they receive, too, so it is read to its end.
func ownedBy(v ledger.View, name string) (guids []string, err error) {
	f := ledger.Filter{Scope: ledger.Scope{Account: name}, States: cancellable(), Limit: sweepBatch}
	for {
		rows, err := v.Requests(f)
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			if r.Asked.Owner == name && !r.WasStored {
				guids = append(guids, r.GUID)
			}
		}
		if len(rows) < sweepBatch {
			return guids, nil
		}
		f.Before = rows[len(rows)-1].GUID
	}
}

func cancellable() (states []report.State) {
	for _, s := range report.States() {
		if s.Cancellable() {
			states = append(states, s)
		}
	}
	return states
}

// end commits a move of the sweep's own. Somebody who was quicker is right.
func (s *Station) end(ctx context.Context, guid string, t event.Type, move func(*report.Request, time.Time) (report.Move, error)) error {
	ctx = telemetry.WithGUID(ctx, guid)
	var r *report.Request
	err := s.Store.Update(ctx, func(tx ledger.Tx) (err error) {
		if r, err = tx.Request(guid); err != nil {
			return err
		}
		m, err := move(r, tx.Now())
		if err != nil {
			return err
		}
		return ledger.Move(tx, r, m)
	})
	var refused *report.Refusal
	if errors.As(err, &refused) || errors.Is(err, ledger.ErrConflict) {
		return nil
	}
	if err != nil {
		return err
	}
	s.Log.InfoContext(ctx, "ended", "state", r.State)
	s.publish(ctx, event.Event{Type: t, GUID: guid, Generation: r.Generation, Version: r.Version})
	return nil
}
