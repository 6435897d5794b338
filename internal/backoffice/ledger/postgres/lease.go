package postgres

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"peyk/internal/backoffice/ledger"
)

// ready: open, due, and no lease on it lasts. The first argument is the time.
const ready = `NOT t.done AND t.due_at <= coalesce($1::timestamptz, now())
	AND (t.leased_till IS NULL OR t.leased_till <= coalesce($1::timestamptz, now()))`

// Every ready task found unclean too often is parked, in one go. The number is
// written out, as in the index that keeps this free: the planner must see them
// agree.
const park = `UPDATE tasks AS t SET parked_at = coalesce($1::timestamptz, now()), due_at = coalesce($1::timestamptz, now()) + $2::interval
	WHERE ` + ready + ` AND t.parked_at IS NULL AND t.unclean >= 3 AND `

var _ [ledger.ParkAfter]struct{} = [3]struct{}{} // does not compile if they part

const (
	ofRequest = "t.guid = $2 AND t.kind = $3 AND ($4 = '' OR t.subject = $4)"
	dueNamed  = "SELECT " + taskColumns + " FROM tasks AS t WHERE " + ready + " AND " + ofRequest +
		" ORDER BY t.due_at, t.subject LIMIT $5 FOR UPDATE"
	parkNamed = park + "t.guid = $3 AND t.kind = $4 AND ($5 = '' OR t.subject = $5)"
)

// A request that another holds is skipped, with its tasks: who holds it may be
// waiting for them.
const free = `coalesce((SELECT true FROM requests AS r WHERE r.guid = t.guid FOR NO KEY UPDATE SKIP LOCKED),
	NOT EXISTS (SELECT 1 FROM requests AS r WHERE r.guid = t.guid))`

// Of a kind there may be very many, so both indexes are read in their order, as
// far as the limit: the second holds no more than is, or was when a process
// died, worked on at once.
const (
	dueOwed = "SELECT " + taskColumns + ` FROM tasks AS t
		WHERE t.kind = $2 AND NOT t.done AND t.leased_till IS NULL AND t.due_at <= coalesce($1::timestamptz, now()) AND ` + free + `
		ORDER BY t.due_at, t.guid, t.subject LIMIT $3 FOR UPDATE SKIP LOCKED`
	dueLapsed = "SELECT " + taskColumns + ` FROM tasks AS t
		WHERE t.kind = $2 AND NOT t.done AND t.leased_till <= coalesce($1::timestamptz, now())
			AND t.due_at <= coalesce($1::timestamptz, now()) AND ` + free + `
		ORDER BY t.due_at, t.guid, t.subject LIMIT $3 FOR UPDATE SKIP LOCKED`
	dueAtAll = "SELECT t.guid FROM tasks AS t WHERE t.kind = $2 AND " + ready + " LIMIT 1"
	parkKind = park + "t.kind = $3"
	draw     = "SELECT nextval('fences') FROM generate_series(1, $1)"
)

// Lease parks what was found unclean too often, then takes the oldest due.
func (x *tx) Lease(w ledger.Wanted) ([]ledger.Lease, error) {
	limit := max(w.Limit, 1)
	found, fences, err := x.wanted(w, limit)
	if err != nil {
		return nil, fmt.Errorf("look for tasks to lease: %w", err)
	}
	leases := make([]ledger.Lease, 0, len(found))
	for i, t := range found {
		leases = append(leases, x.take(t, fences[i], w))
	}
	return leases, nil
}

// wanted finds and locks what w asks for, oldest due first, and draws a fence
// for each, in one round trip.
func (x *tx) wanted(w ledger.Wanted, limit int) (found []ledger.Task, fences []int64, err error) {
	rest := ledger.ParkedRest(ledger.ParkAfter)
	var passed []string // requests with due tasks, whoever holds them
	if k := w.Key; k.GUID != "" {
		if err := x.about(k.GUID); err != nil {
			return nil, nil, err
		}
		x.forget(k.GUID, k.Kind)
		x.s.queue(parkNamed, x.s.when(), rest, k.GUID, string(k.Kind), k.Subject)
		x.s.queueRead(collect(&found, scanTask), dueNamed, x.s.when(), k.GUID, string(k.Kind), k.Subject, limit)
	} else {
		for _, k := range slices.Compact(slices.Sorted(slices.Values(w.Kinds))) {
			x.s.queue(parkKind, x.s.when(), rest, string(k))
			x.s.queueRead(collect(&found, scanTask), dueOwed, x.s.when(), string(k), limit)
			x.s.queueRead(collect(&found, scanTask), dueLapsed, x.s.when(), string(k), limit)
			x.s.queueRead(collect(&passed, column[string]), dueAtAll, x.s.when(), string(k))
		}
	}
	fences, err = all(x.s, column[int64], draw, limit)
	if err == nil && len(found) == 0 && len(passed) > 0 {
		return x.waited(passed[0], w, limit)
	}
	slices.SortFunc(found, func(a, b ledger.Task) int {
		return cmp.Or(a.DueAt.Compare(b.DueAt), strings.Compare(a.GUID, b.GUID),
			cmp.Compare(a.Kind, b.Kind), strings.Compare(a.Subject, b.Subject))
	})
	return found[:min(limit, len(found))], fences, err
}

// waited is for when others hold every request with something due: it waits for
// one of them, and takes what is due of it then.
func (x *tx) waited(guid string, w ledger.Wanted, limit int) ([]ledger.Task, []int64, error) {
	for _, k := range w.Kinds {
		w.Key = ledger.Key{GUID: guid, Kind: k}
		found, fences, err := x.wanted(w, limit)
		if err != nil || len(found) > 0 {
			return found, fences, err
		}
	}
	return nil, nil, nil
}

// take leases one task. That the lease will not end orderly is assumed until
// it has; a parked one rests again from now, should it not.
func (x *tx) take(t ledger.Task, fence int64, w ledger.Wanted) ledger.Lease {
	now := x.s.now
	t.Fence, t.LeasedTill, t.Worker = fence, cut(now.Add(w.For)), w.Worker
	t.Unclean++
	alone := !t.ParkedAt.IsZero()
	if alone {
		t.ParkedAt, t.DueAt = now, now.Add(ledger.ParkedRest(t.Unclean))
	}
	x.putTask(t)
	return ledger.Lease{Task: t, Alone: alone}
}

const putTask = `UPDATE tasks SET done = $1, due_at = $2, attempts = $3, unclean = $4, parked_at = $5, fence = $6,
	leased_till = $7, worker = $8, last_error = $9 WHERE guid = $10 AND kind = $11 AND subject = $12`

// putTask writes what leasing and settling change of a row that is locked.
func (x *tx) putTask(t ledger.Task) {
	x.locks.tasks[t.Key] = t
	x.s.queue(putTask, t.Done, at(t.DueAt), t.Attempts, t.Unclean, at(t.ParkedAt), t.Fence,
		at(t.LeasedTill), t.Worker, t.LastError, t.GUID, string(t.Kind), t.Subject)
}

const lockTask = taskByKey + " FOR UPDATE"

// held gives the row of a lease that is still ours: the fence is the row's, and
// nobody settled, closed or took it since. That it ran out is no loss yet.
func (x *tx) held(l ledger.Lease) (ledger.Task, error) {
	t, known := x.locks.tasks[l.Key]
	err := x.about(l.GUID)
	if err == nil && !known {
		t, err = x.lockTask(l.Key)
	}
	if err == nil && (t.Done || t.Fence != l.Fence || t.LeasedTill.IsZero()) {
		err = ledger.ErrLost
	}
	if err != nil {
		return ledger.Task{}, fmt.Errorf("lease %d of %s %q of %s: %w", l.Fence, l.Kind, l.Subject, l.GUID, err)
	}
	return t, nil
}

// lockTask reads a row that then stays as it is; one that is not there is done.
func (x *tx) lockTask(k ledger.Key) (t ledger.Task, err error) {
	rows, err := all(x.s, scanTask, lockTask, k.GUID, string(k.Kind), k.Subject)
	if err != nil {
		return t, err
	}
	if t = (ledger.Task{Key: k, Done: true}); len(rows) > 0 {
		t = rows[0]
		x.locks.tasks[k] = t
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
	t.LeasedTill = cut(x.Now().Add(by))
	x.putTask(t)
	return nil
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
	x.putTask(t)
	return nil
}

// nextTry is when a task that is not done is due again. Whatever it is told, a
// parked one rests.
func (x *tx) nextTry(t ledger.Task, s ledger.Settlement, woken bool) time.Time {
	due := s.DueAt
	if woken || due.IsZero() {
		due = x.Now()
	}
	if rested := t.ParkedAt.Add(ledger.ParkedRest(t.Unclean)); !t.ParkedAt.IsZero() && due.Before(rested) {
		return rested
	}
	return due
}
