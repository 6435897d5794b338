package task

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"peyk/internal/backoffice/ledger"
	"peyk/internal/report"
)

// LongestWait caps what another side may ask us to wait: a Retry-After of ten
// years is a lie.
const LongestWait = time.Hour

// errStale says that the request moved on while the effect ran.
var errStale = errors.New("the request moved on meanwhile")

// wait is the table from an error's class to the time until the next try.
func wait(w Work, err error, attempts int, jitter func(int64) int64) time.Duration {
	var e *report.Error
	if errors.As(err, &e) && e.Class == report.Throttled && e.RetryAfter > 0 {
		return min(e.RetryAfter, LongestWait)
	}
	switch report.ClassOf(err) {
	case report.Transient, report.Unknown, report.Throttled:
		return backoff(w, attempts, jitter)
	}
	return w.Most // nothing will be better soon; a deadline ends it
}

// backoff is full jitter: anywhere up to Least doubled for each try, never
// beyond Most. Least itself is the floor, so that a loop never spins.
func backoff(w Work, attempts int, jitter func(int64) int64) time.Duration {
	limit := w.Most
	if attempts < 20 {
		limit = min(w.Most, w.Least<<attempts)
	}
	if limit <= w.Least {
		return w.Least
	}
	return w.Least + time.Duration(jitter(int64(limit-w.Least)))
}

// settlement says how a result leaves the task.
func (r *Runner) settlement(w Work, l ledger.Lease, res Result, now time.Time) ledger.Settlement {
	switch {
	case res.err != nil:
		return ledger.Settlement{
			DueAt:   now.Add(wait(w, res.err, l.Attempts, r.jitter)),
			Error:   res.err.Error(),
			Unclean: errors.Is(res.err, errPanic),
		}
	case res.done:
		return ledger.Settlement{Done: true}
	}
	return ledger.Settlement{DueAt: now.Add(res.later)}
}

// settle commits the result and the end of the lease in one transaction, then
// lets the effects follow.
func (r *Runner) settle(ctx context.Context, w Work, l ledger.Lease, res Result) error {
	var fx Effects
	err := r.store.Update(ctx, func(tx ledger.Tx) error {
		fx = Effects{}
		if err := tx.Guard(l); err != nil {
			return err
		}
		if res.commit != nil {
			if err := res.commit(tx, &fx); err != nil {
				return stale(err)
			}
		}
		err := tx.Settle(l, r.settlement(w, l, res, tx.Now()))
		if res.commit != nil && errors.Is(err, ledger.ErrLost) {
			return nil // the move itself closed the task
		}
		return err
	})
	if err == nil {
		r.follow(ctx, fx)
		if !res.done {
			r.Wake(l.Kind) // the sweep learns the new due time
		}
		return nil
	}
	if errors.Is(err, errStale) {
		return r.settle(ctx, w, l, Retry(&report.Error{Class: report.Transient, Code: "stale", Cause: err}))
	}
	return fmt.Errorf("settle %s of %s: %w", l.Kind, l.GUID, err)
}

// stale marks the refusals that mean: look again.
func stale(err error) error {
	var refused *report.Refusal
	if errors.Is(err, ledger.ErrConflict) || errors.As(err, &refused) {
		return fmt.Errorf("%w: %w", errStale, err)
	}
	return err
}

// follow publishes and takes the role's own next tasks. Neither can fail the
// work: the ledger owes it all.
func (r *Runner) follow(ctx context.Context, fx Effects) {
	for _, e := range fx.Events {
		if err := r.publish.Publish(ctx, e); err != nil {
			r.log.WarnContext(ctx, "event not published; the sweep will find its task",
				"guid", e.GUID, "event", e.Type, "error", err)
		}
	}
	for _, k := range fx.Next {
		r.next(k)
	}
}

func randomJitter(n int64) int64 { return rand.Int64N(n) }
