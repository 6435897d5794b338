package task

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
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
func (r *Runner) settlement(h held, res Result, now time.Time) ledger.Settlement {
	switch {
	case errors.Is(res.err, errStale):
		return ledger.Settlement{DueAt: now, Error: res.err.Error()}
	case res.err != nil:
		return ledger.Settlement{
			DueAt:   now.Add(wait(h.lane.Work, res.err, h.Attempts, r.cfg.Jitter)),
			Error:   res.err.Error(),
			Unclean: errors.Is(res.err, errPanic),
		}
	case res.done:
		return ledger.Settlement{Done: true}
	}
	return ledger.Settlement{DueAt: now.Add(res.later)}
}

// settle commits the result, the end of the lease and the leases of what
// follows in one transaction, then lets the effects follow. A result that came
// too late is dropped and the task looked at again at once.
func (r *Runner) settle(ctx context.Context, h held, res Result) error {
	var fx Effects
	var next []held
	err := r.cfg.Store.Update(ctx, func(tx ledger.Tx) (err error) {
		fx = Effects{}
		release(next)
		next = nil
		if err := r.result(tx, h, res, &fx); err != nil {
			return err
		}
		next, err = r.takeOver(tx, fx.Next)
		return err
	})
	if err != nil {
		release(next)
	}
	if errors.Is(err, ledger.ErrConflict) && !errors.Is(res.err, errStale) {
		return r.settle(ctx, h, Retry(fmt.Errorf("%w: %w", errStale, err)))
	}
	var refused *report.Refusal
	if errors.As(err, &refused) && res.commit != nil {
		return r.settle(ctx, h, Retry(err))
	}
	if err != nil {
		return fmt.Errorf("settle %s of %s: %w", h.Kind, h.GUID, err)
	}
	r.launch(next)
	r.follow(ctx, fx, next)
	// Whether it waits, or was woken meanwhile and is due: the sweep looks.
	r.Wake(h.Kind)
	return nil
}

// result writes what was found and ends the lease.
func (r *Runner) result(tx ledger.Tx, h held, res Result, fx *Effects) error {
	if err := tx.Guard(h.Lease); err != nil {
		return err
	}
	if res.commit != nil {
		if err := res.commit(tx, fx); err != nil {
			return err
		}
	}
	err := tx.Settle(h.Lease, r.settlement(h, res, tx.Now()))
	if res.commit != nil && errors.Is(err, ledger.ErrLost) {
		return nil // the move itself closed the task
	}
	return err
}

// takeOver leases, in the commit that owes them, the next tasks there is a free
// slot for. It saves each hop a commit of its own. A kind that writes an intent
// is left to its sweep, which looks at once: a refused intent must not undo the
// result it follows.
func (r *Runner) takeOver(tx ledger.Tx, keys []ledger.Key) (next []held, err error) {
	for _, k := range keys {
		l, ok := r.lanes[k.Kind]
		if !ok || l.Begin != nil || r.intake.Err() != nil || l.grab(1) == 0 {
			continue
		}
		leases, err := tx.Lease(ledger.Wanted{Key: k, Limit: 1, Worker: r.cfg.Worker, For: r.cfg.Lease})
		if len(leases) == 0 {
			<-l.slots
		}
		if err != nil {
			return next, err
		}
		for _, got := range leases {
			next = append(next, held{Lease: got, lane: l})
		}
	}
	return next, nil
}

// release gives back the slots of leases that were not committed.
func release(all []held) {
	for _, h := range all {
		<-h.lane.slots
	}
}

// follow publishes, and has the sweep look for what was not taken over. Neither
// can fail the work: the ledger owes it all.
func (r *Runner) follow(ctx context.Context, fx Effects, taken []held) {
	for _, k := range fx.Next {
		if !slices.ContainsFunc(taken, func(h held) bool { return h.Key == k }) {
			r.Wake(k.Kind)
		}
	}
	for _, e := range fx.Events {
		if err := r.cfg.Publish.Publish(ctx, e); err != nil {
			r.cfg.Log.WarnContext(ctx, "event not published; the sweep will find its task",
				"guid", e.GUID, "event", e.Type, "error", err)
		}
	}
}

func randomJitter(n int64) int64 { return rand.Int64N(n) }
