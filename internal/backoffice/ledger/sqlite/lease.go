package sqlite

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"peyk/internal/backoffice/ledger"
)

const saveFence = "UPDATE meta SET value = ? WHERE name = 'fence'"

// Every ready task of a kind found unclean too often is parked, in one go. The
// number is written out, as in the index that keeps this free: SQLite must see
// them agree.
const park = `UPDATE tasks SET parked_at = ?1, due_at = ?2 WHERE done = 0 AND due_at <= ?1
	AND (leased_till IS NULL OR leased_till <= ?1) AND parked_at IS NULL AND unclean >= 3 AND kind = ?3`

var _ [ledger.ParkAfter]struct{} = [3]struct{}{} // does not compile if they part

// Of a kind there may be very many, so both indexes are read in their order
// and merged, and reading ends with the limit: the second holds no more than
// is, or was when a process died, worked on at once.
const dueOfKind = "SELECT " + taskColumns + ` FROM tasks
	WHERE kind = ?3 AND done = 0 AND leased_till IS NULL AND due_at <= ?1
	UNION ALL SELECT ` + taskColumns + ` FROM tasks
	WHERE kind = ?3 AND done = 0 AND leased_till <= ?1 AND due_at <= ?1 ORDER BY due_at, guid, kind, subject LIMIT ?2`

// Lease parks what was found unclean too often, then takes the oldest due.
func (x *tx) Lease(w ledger.Wanted) ([]ledger.Lease, error) {
	found, err := x.wanted(w)
	if err != nil {
		return nil, fmt.Errorf("look for tasks to lease: %w", err)
	}
	leases := make([]ledger.Lease, 0, len(found))
	for _, t := range found {
		l, err := x.take(t, w)
		if err != nil {
			return nil, fmt.Errorf("lease %s %q of %s: %w", t.Kind, t.Subject, t.GUID, err)
		}
		leases = append(leases, l)
	}
	return leases, nil
}

// wanted finds what w asks for, oldest due first.
func (x *tx) wanted(w ledger.Wanted) (found []ledger.Task, err error) {
	limit := max(w.Limit, 1)
	if w.Key.GUID != "" {
		found, err = x.dueNow(w.Key)
	} else {
		for _, k := range slices.Compact(slices.Sorted(slices.Values(w.Kinds))) {
			tasks, err := x.dueOf(k, limit)
			if err != nil {
				return nil, err
			}
			found = append(found, tasks...)
		}
	}
	slices.SortFunc(found, func(a, b ledger.Task) int {
		return cmp.Or(a.DueAt.Compare(b.DueAt), compareKeys(a.Key, b.Key))
	})
	return found[:min(limit, len(found))], err
}

func compareKeys(a, b ledger.Key) int {
	return cmp.Or(strings.Compare(a.GUID, b.GUID), cmp.Compare(a.Kind, b.Kind), strings.Compare(a.Subject, b.Subject))
}

// dueOf parks those of a kind that must rest and reads those that may be leased.
func (x *tx) dueOf(k ledger.Kind, limit int) ([]ledger.Task, error) {
	parked, err := x.exec(park, at(x.now), at(x.now.Add(ledger.ParkedRest(ledger.ParkAfter))), string(k))
	if err != nil {
		return nil, fmt.Errorf("park: %w", err)
	}
	if parked > 0 {
		x.recent.parked = true // whose they were is not told
		clear(x.recent.tasks)
	}
	return all(&x.view, scanTask, dueOfKind, at(x.now), limit, string(k))
}

// dueNow is dueOf for the tasks a key names.
func (x *tx) dueNow(k ledger.Key) (found []ledger.Task, err error) {
	rows, err := x.tasksOf(k.GUID)
	if err != nil {
		return nil, err
	}
	for _, t := range rows {
		named := t.Kind == k.Kind && (k.Subject == "" || k.Subject == t.Subject)
		switch {
		case !named || t.Done || t.DueAt.After(x.now) || t.LeasedTill.After(x.now):
		case t.Unclean >= ledger.ParkAfter && t.ParkedAt.IsZero():
			t.ParkedAt, t.DueAt = x.now, x.now.Add(ledger.ParkedRest(ledger.ParkAfter))
			if err := x.putTask(t); err != nil {
				return nil, fmt.Errorf("park: %w", err)
			}
		default:
			found = append(found, t)
		}
	}
	return found, nil
}

// take leases one task. That the lease will not end orderly is assumed until
// it has; a parked one rests again from now, should it not.
func (x *tx) take(t ledger.Task, w ledger.Wanted) (ledger.Lease, error) {
	*x.fence++
	t.Fence, t.LeasedTill, t.Worker = *x.fence, x.now.Add(w.For).Truncate(time.Microsecond), w.Worker
	t.Unclean++
	alone := !t.ParkedAt.IsZero()
	if alone {
		t.ParkedAt, t.DueAt = x.now, x.now.Add(ledger.ParkedRest(t.Unclean))
	}
	return ledger.Lease{Task: t, Alone: alone}, x.putTask(t)
}

// held gives the row of a lease that is still ours: the fence is the row's, and
// nobody settled, closed or took it since. That it ran out is no loss yet.
func (x *tx) held(l ledger.Lease) (ledger.Task, error) {
	t, had, err := x.task(l.Key)
	if err == nil && (!had || t.Done || t.LeasedTill.IsZero() || t.Fence != l.Fence) {
		err = ledger.ErrLost
	}
	if err != nil {
		return ledger.Task{}, fmt.Errorf("lease %d of %s %q of %s: %w", l.Fence, l.Kind, l.Subject, l.GUID, err)
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
	t.LeasedTill = cut(x.now.Add(by))
	return x.putTask(t)
}

// Settle ends the lease; what woke the task meanwhile has the last word.
func (x *tx) Settle(l ledger.Lease, s ledger.Settlement) error {
	t, err := x.held(l)
	if err != nil {
		return err
	}
	woken := t.Wakes != l.Wakes
	t.LeasedTill, t.Worker, t.LastError = time.Time{}, "", s.Error
	t.Attempts++
	t.Done = s.Done && !woken
	if !s.Unclean {
		t.Unclean, t.ParkedAt = 0, time.Time{}
	}
	if !t.Done {
		t.DueAt = x.nextTry(t, s, woken)
	}
	return x.putTask(t)
}

// nextTry is when a task that is not done is due again. Whatever it is told, a
// parked one rests.
func (x *tx) nextTry(t ledger.Task, s ledger.Settlement, woken bool) time.Time {
	due := cut(s.DueAt)
	if woken || due.IsZero() {
		due = x.now
	}
	if rested := t.ParkedAt.Add(ledger.ParkedRest(t.Unclean)); !t.ParkedAt.IsZero() && due.Before(rested) {
		return rested
	}
	return due
}
