package mem

import (
	"fmt"
	"slices"
	"time"

	"peyk/internal/backoffice/ledger"
)

// Lease parks what must rest and takes the oldest of the rest.
func (t *tx) Lease(w ledger.Wanted) ([]ledger.Lease, error) {
	t.parkSuspects(w)
	found := t.wanted(w)
	out := make([]ledger.Lease, 0, len(found))
	for _, old := range found {
		out = append(out, t.take(*old, w))
	}
	return out, nil
}

// names reports whether w asks for the task.
func names(w ledger.Wanted, k ledger.Key) bool {
	if w.Key.GUID == "" {
		return slices.Contains(w.Kinds, k.Kind)
	}
	return w.Key.GUID == k.GUID && w.Key.Kind == k.Kind && (w.Key.Subject == "" || w.Key.Subject == k.Subject)
}

func (t *tx) parkSuspects(w ledger.Wanted) {
	for _, old := range slices.Clone(t.suspects.rows) {
		if names(w, old.Key) && !ready(old).After(t.now) {
			row := *old
			t.rest(&row)
			t.putTask(row)
		}
	}
}

// rest begins the rest of a parked task.
func (t *tx) rest(row *ledger.Task) {
	row.ParkedAt, row.DueAt = t.now, t.now.Add(ledger.ParkedRest(row.Unclean))
}

// wanted finds what w asks for and may be leased now, oldest due first.
func (t *tx) wanted(w ledger.Wanted) []*ledger.Task {
	limit := max(w.Limit, 1)
	var found []*ledger.Task
	if w.Key.GUID != "" {
		for _, x := range t.look(w.Key.GUID).tasks.rows {
			if names(w, x.Key) && !x.Done && !ready(x).After(t.now) {
				found = append(found, x)
			}
		}
	} else {
		for _, k := range w.Kinds {
			found = append(found, t.oldest(k, limit)...)
		}
	}
	slices.SortFunc(found, byDue)
	return found[:min(len(found), limit)]
}

// oldest gives the first of a kind that may be leased now.
func (t *tx) oldest(k ledger.Kind, limit int) []*ledger.Task {
	var found []*ledger.Task
	for _, x := range t.queued(k) {
		if x.DueAt.After(t.now) || len(found) == limit {
			break
		}
		if !x.LeasedTill.After(t.now) {
			found = append(found, x)
		}
	}
	return found
}

// take leases one task. That the lease will not end orderly is assumed until
// it has.
func (t *tx) take(row ledger.Task, w ledger.Wanted) ledger.Lease {
	t.fence++
	row.Fence, row.LeasedTill, row.Worker = t.fence, cut(t.now.Add(w.For)), w.Worker
	row.Unclean++
	alone := !row.ParkedAt.IsZero()
	if alone {
		t.rest(&row)
	}
	t.putTask(row)
	return ledger.Lease{Task: row, Alone: alone}
}

// held gives the row of a lease that is still ours.
func (t *tx) held(l ledger.Lease) (ledger.Task, error) {
	row, ok := t.task(l.Key)
	if !ok || row.Done || row.LeasedTill.IsZero() || row.Fence != l.Fence {
		return ledger.Task{}, fmt.Errorf("lease %d of %s for %s: %w", l.Fence, l.Kind, l.GUID, ledger.ErrLost)
	}
	return *row, nil
}

// Guard refuses a lease that is no longer ours.
func (t *tx) Guard(l ledger.Lease) error {
	_, err := t.held(l)
	return err
}

// Extend lets the lease run out later.
func (t *tx) Extend(l ledger.Lease, by time.Duration) error {
	row, err := t.held(l)
	if err != nil {
		return err
	}
	row.LeasedTill = cut(t.now.Add(by))
	t.putTask(row)
	return nil
}

// Settle ends the lease; what woke the task meanwhile has the last word.
func (t *tx) Settle(l ledger.Lease, s ledger.Settlement) error {
	row, err := t.held(l)
	if err != nil {
		return err
	}
	release(&row)
	row.Attempts++
	row.LastError = s.Error
	woken := row.Wakes != l.Wakes
	row.Done = s.Done && !woken
	if !s.Unclean {
		row.Unclean, row.ParkedAt = 0, time.Time{}
	}
	if !row.Done {
		row.DueAt = t.next(row, s, woken)
	}
	t.putTask(row)
	return nil
}

// next is when a task that is not done is due again.
func (t *tx) next(row ledger.Task, s ledger.Settlement, woken bool) time.Time {
	due := cut(s.DueAt)
	if woken || due.IsZero() {
		due = t.now
	}
	if rested := row.ParkedAt.Add(ledger.ParkedRest(row.Unclean)); !row.ParkedAt.IsZero() && due.Before(rested) {
		return rested
	}
	return due
}
