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
func (d *Desk) settlement(h Held, res Result, now time.Time) ledger.Settlement {
	switch {
	case errors.Is(res.err, errStale):
		return ledger.Settlement{DueAt: now, Error: res.err.Error()}
	case res.err != nil:
		return ledger.Settlement{
			DueAt:   now.Add(wait(h.work, res.err, h.Attempts, d.Jitter)),
			Error:   res.err.Error(),
			Unclean: errors.Is(res.err, errPanic),
		}
	case res.done:
		return ledger.Settlement{Done: true}
	}
	return ledger.Settlement{DueAt: now.Add(res.later)}
}

// Room is where leases that a commit takes over will run.
type Room interface {
	Enter(ledger.Kind) bool // takes a free slot of the kind, if there is one
	Leave(ledger.Kind)      // gives it back
}

// Settled is what a commit leaves to be done.
type Settled struct {
	Effects
	Taken []Held // leased in the same commit, each in a slot of the room
	Open  bool   // the task is owed again: it waits, or was woken meanwhile and is due
}

// Settle commits the result, the end of the lease and the leases of what
// follows in one transaction. A result that came too late is dropped and the
// task looked at again at once. The caller then runs what was taken over, and
// calls Follow.
func (d *Desk) Settle(ctx context.Context, h Held, res Result, room Room) (Settled, error) {
	var out Settled
	err := d.Store.Update(ctx, func(tx ledger.Tx) (err error) {
		leave(room, out.Taken)
		out = Settled{}
		if err := d.result(tx, h, res, &out.Effects); err != nil {
			return err
		}
		if out.Taken, err = d.takeOver(tx, out.Next, room); err != nil {
			return err
		}
		left, err := tx.Task(h.Key)
		out.Open = !left.Done
		return err
	})
	if err == nil {
		return out, nil
	}
	leave(room, out.Taken)
	if errors.Is(err, ledger.ErrConflict) && !errors.Is(res.err, errStale) {
		return d.Settle(ctx, h, Retry(fmt.Errorf("%w: %w", errStale, err)), room)
	}
	var refused *report.Refusal
	if errors.As(err, &refused) && res.commit != nil {
		return d.Settle(ctx, h, Retry(err), room)
	}
	return Settled{}, fmt.Errorf("settle %s of %s: %w", h.Kind, h.GUID, err)
}

// result writes what was found and ends the lease.
func (d *Desk) result(tx ledger.Tx, h Held, res Result, fx *Effects) error {
	if err := tx.Guard(h.Lease); err != nil {
		return err
	}
	if res.commit != nil {
		if err := res.commit(tx, fx); err != nil {
			return err
		}
	}
	err := tx.Settle(h.Lease, d.settlement(h, res, tx.Now()))
	if res.commit != nil && errors.Is(err, ledger.ErrLost) {
		return nil // the move itself closed the task
	}
	return err
}

// takeOver leases, in the commit that owes them, the next tasks there is a free
// slot for. It saves each hop a commit of its own. A kind that writes an intent
// is left to its sweep, which looks at once: a refused intent must not undo the
// result it follows.
func (d *Desk) takeOver(tx ledger.Tx, keys []ledger.Key, room Room) (taken []Held, err error) {
	for _, k := range keys {
		work, ok := d.works[k.Kind]
		if !ok || work.Begin != nil || !room.Enter(k.Kind) {
			continue
		}
		leases, err := tx.Lease(ledger.Wanted{Key: k, Limit: 1, Worker: d.Worker, For: d.Config.Lease})
		if len(leases) == 0 {
			room.Leave(k.Kind)
		}
		if err != nil {
			return taken, err
		}
		for _, got := range leases {
			held := Held{Leased: Leased{Lease: got}, work: work}
			if err := held.see(tx); err != nil {
				return append(taken, held), err
			}
			taken = append(taken, held)
		}
	}
	return taken, nil
}

// leave gives back the slots of leases that were not committed.
func leave(room Room, taken []Held) {
	for _, h := range taken {
		room.Leave(h.Kind)
	}
}

// Follow publishes the events of a commit. It cannot fail the work: the ledger
// owes it all.
func (d *Desk) Follow(ctx context.Context, s Settled) {
	for _, e := range s.Events {
		if err := d.Publish.Publish(ctx, e); err != nil {
			d.Log.WarnContext(ctx, "event not published; the sweep will find its task", "event", e.Type, "error", err)
		}
	}
}

func randomJitter(n int64) int64 { return rand.Int64N(n) }
