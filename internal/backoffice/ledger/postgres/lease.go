package postgres

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"peyk/internal/backoffice/ledger"
)

// Lease parks what was found unclean too often, then takes the oldest due.
func (x *tx) Lease(w ledger.Wanted) ([]ledger.Lease, error) {
	w.Limit = max(w.Limit, 1)
	w.Key = cleanKey(w.Key)
	found, err := x.wanted(w)
	if err != nil {
		return nil, fmt.Errorf("look for tasks to lease: %w", err)
	}
	fences, err := x.fences(found)
	if err != nil {
		return nil, fmt.Errorf("draw %d fences: %w", len(found), err)
	}
	leases := make([]ledger.Lease, 0, len(found))
	for i, f := range found {
		leases = append(leases, x.take(f.taskRow, fences[i], w))
	}
	return leases, nil
}

// candidate is a task and the request it is of, which is locked.
type candidate struct {
	*taskRow
	of *image
}

// wanted parks what must rest and gives the rest of what w asks for, oldest due
// first.
func (x *tx) wanted(w ledger.Wanted) ([]candidate, error) {
	if w.Key.GUID == "" {
		return x.dueOfKinds(w)
	}
	im, err := x.image(w.Key.GUID)
	if err != nil {
		return nil, err
	}
	return x.ready(w, im), nil
}

// ready parks and picks among the tasks of locked requests.
func (x *tx) ready(w ledger.Wanted, among ...*image) []candidate {
	var found []candidate
	now := x.Now()
	for _, im := range among {
		for _, t := range im.tasks {
			switch {
			case !names(w, t.Key) || t.Done || t.DueAt.After(now) || t.LeasedTill.After(now):
			case t.Unclean >= ledger.ParkAfter && t.ParkedAt.IsZero():
				x.rest(t)
			default:
				found = append(found, candidate{t, im})
			}
		}
	}
	slices.SortFunc(found, func(a, b candidate) int {
		return cmp.Or(a.DueAt.Compare(b.DueAt), byKey(a.Key, b.Key))
	})
	return found[:min(w.Limit, len(found))]
}

// names reports whether w asks for the task.
func names(w ledger.Wanted, k ledger.Key) bool {
	if w.Key.GUID == "" {
		return slices.Contains(w.Kinds, k.Kind)
	}
	return w.Key.GUID == k.GUID && w.Key.Kind == k.Kind && (w.Key.Subject == "" || w.Key.Subject == k.Subject)
}

// rest begins the rest of a parked task.
func (x *tx) rest(t *taskRow) {
	t.ParkedAt, t.DueAt, t.dirty = x.Now(), x.Now().Add(ledger.ParkedRest(t.Unclean)), true
}

const drawFences = "SELECT nextval('fences') FROM generate_series(1, $1::integer)"

// fences gives a number for each, rising. One drawn before the request was locked
// would not do: another may have given a higher one since. Nor one below what
// this transaction gave.
func (x *tx) fences(found []candidate) (out []int64, err error) {
	switch {
	case len(found) == 0:
		return nil, nil
	case len(found) == 1 && found[0].of.fence > x.fence:
		out = []int64{found[0].of.fence}
	default:
		if out, err = list(&x.view, column[int64], drawFences, len(found)); err != nil {
			return nil, err
		}
		slices.Sort(out)
	}
	x.fence = out[len(out)-1]
	return out, nil
}

// take leases one task. That the lease will not end orderly is assumed until
// it has; a parked one rests again from now, should it not.
func (x *tx) take(t *taskRow, fence int64, w ledger.Wanted) ledger.Lease {
	t.Fence, t.LeasedTill, t.Worker = fence, cut(x.Now().Add(w.For)), clean(w.Worker)
	t.Unclean++
	t.dirty = true
	alone := !t.ParkedAt.IsZero()
	if alone {
		x.rest(t)
	}
	return ledger.Lease{Task: t.Task, Alone: alone}
}

// held gives the row of a lease that is still ours: the fence is the row's, and
// nobody settled, closed or took it since. That it ran out is no loss yet.
func (x *tx) held(l ledger.Lease) (*taskRow, error) {
	im, err := x.image(l.GUID)
	var t *taskRow
	if err == nil {
		t = im.task(cleanKey(l.Key))
	}
	if err == nil && (t == nil || t.Done || t.Fence != l.Fence || t.LeasedTill.IsZero()) {
		err = ledger.ErrLost
	}
	if err != nil {
		return nil, fmt.Errorf("lease %d of %s %q of %s: %w", l.Fence, l.Kind, l.Subject, l.GUID, err)
	}
	return t, nil
}

// Guard refuses a lease that is no longer ours.
func (x *tx) Guard(l ledger.Lease) error {
	_, err := x.held(l)
	return err
}

// Extend lets the lease run out later.
func (x *tx) Extend(l ledger.Lease, by time.Duration) error {
	t, err := x.held(l)
	if err != nil {
		return err
	}
	t.LeasedTill, t.dirty = cut(x.Now().Add(by)), true
	return nil
}

// Settle ends the lease; what woke the task meanwhile has the last word.
func (x *tx) Settle(l ledger.Lease, s ledger.Settlement) error {
	t, err := x.held(l)
	if err != nil {
		return err
	}
	woken := t.Wakes != l.Wakes
	t.LeasedTill, t.Worker, t.LastError = time.Time{}, "", clean(s.Error)
	t.Attempts++
	t.Done, t.dirty = s.Done && !woken, true
	if !s.Unclean {
		t.Unclean, t.ParkedAt = 0, time.Time{}
	}
	if !t.Done {
		t.DueAt = x.nextTry(t, s, woken)
	}
	return nil
}

// nextTry is when a task that is not done is due again. Whatever it is told, a
// parked one rests.
func (x *tx) nextTry(t *taskRow, s ledger.Settlement, woken bool) time.Time {
	due := cut(s.DueAt)
	if woken || due.IsZero() {
		due = x.Now()
	}
	if rested := t.ParkedAt.Add(ledger.ParkedRest(t.Unclean)); !t.ParkedAt.IsZero() && due.Before(rested) {
		return rested
	}
	return due
}
