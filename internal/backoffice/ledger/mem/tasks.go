package mem

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"peyk/internal/backoffice/ledger"
)

func byKey(a, b ledger.Key) int {
	return cmp.Or(strings.Compare(a.GUID, b.GUID), cmp.Compare(a.Kind, b.Kind), strings.Compare(a.Subject, b.Subject))
}

func byDue(a, b *ledger.Task) int { return cmp.Or(a.DueAt.Compare(b.DueAt), byKey(a.Key, b.Key)) }

func isOpen(t *ledger.Task) bool { return !t.Done }

// suspect tells the tasks that are parked when they are next found.
func suspect(t *ledger.Task) bool {
	return !t.Done && t.Unclean >= ledger.ParkAfter && t.ParkedAt.IsZero()
}

// ready is when the task may next be leased.
func ready(t *ledger.Task) time.Time {
	if t.LeasedTill.After(t.DueAt) {
		return t.LeasedTill
	}
	return t.DueAt
}

// queue gives the open tasks of a kind, oldest due first.
func (s *store) queue(k ledger.Kind) *index[*ledger.Task] {
	q, ok := s.due[k]
	if !ok {
		x := newIndex(isOpen, byDue)
		q = &x
		s.due[k] = q
	}
	return q
}

// queued gives the same rows, without keeping a new queue.
func (s *store) queued(k ledger.Kind) []*ledger.Task {
	if q, ok := s.due[k]; ok {
		return q.rows
	}
	return nil
}

func (s *store) task(k ledger.Key) (*ledger.Task, bool) {
	return s.look(k.GUID).tasks.get(&ledger.Task{Key: k})
}

// Task gives the row.
func (v *view) Task(k ledger.Key) (ledger.Task, error) {
	t, ok := v.task(k)
	if !ok {
		return ledger.Task{}, missing("task", fmt.Sprint(k))
	}
	return *t, nil
}

// Tasks gives all rows of a request.
func (v *view) Tasks(guid string) ([]ledger.Task, error) { return values(v.look(guid).tasks.rows), nil }

func values[T any](rows []*T) []T {
	out := make([]T, len(rows))
	for i, r := range rows {
		out[i] = *r
	}
	return out
}

// NextDue stops at the first task that is due later than the best found.
func (v *view) NextDue(kinds []ledger.Kind) (time.Time, bool, error) {
	var best *ledger.Task
	for _, k := range kinds {
		for _, t := range v.queued(k) {
			if best != nil && !t.DueAt.Before(ready(best)) {
				break
			}
			if best == nil || ready(t).Before(ready(best)) {
				best = t
			}
		}
	}
	if best == nil {
		return time.Time{}, false, nil
	}
	return ready(best), true, nil
}

// OpenTasks counts by kind.
func (v *view) OpenTasks() (map[ledger.Kind]int, error) {
	out := map[ledger.Kind]int{}
	for k, q := range v.due {
		if n := len(q.rows); n > 0 {
			out[k] = n
		}
	}
	return out, nil
}

// ParkedTasks gives those that rest, longest parked first.
func (v *view) ParkedTasks(limit int) ([]ledger.Task, error) {
	var found []*ledger.Task
	for _, q := range v.due {
		for _, t := range q.rows {
			if !t.ParkedAt.IsZero() {
				found = append(found, t)
			}
		}
	}
	slices.SortFunc(found, func(a, b *ledger.Task) int {
		return cmp.Or(a.ParkedAt.Compare(b.ParkedAt), byKey(a.Key, b.Key))
	})
	return values(head(found, limit)), nil
}

// putTask replaces a row and keeps the queues in step.
func (t *tx) putTask(row ledger.Task) {
	tasks := &t.of(row.GUID).tasks
	old, had := tasks.get(&row)
	tasks.put(&t.undo, &row)
	t.queue(row.Kind).swap(&t.undo, old, had, &row)
	t.suspects.swap(&t.undo, old, had, &row)
}

// Owe adds a task, opens a done one again or wakes an open one.
func (t *tx) Owe(o ledger.Task) error {
	due := cut(o.DueAt)
	if due.IsZero() {
		due = t.now
	}
	row := ledger.Task{Key: o.Key, Generation: o.Generation, DueAt: due, CreatedAt: t.now}
	if old, had := t.task(o.Key); had {
		if !old.Done {
			row = *old
			t.rouse(&row)
		}
		row.Generation = max(old.Generation, o.Generation)
		row.Wakes, row.Fence, row.Attempts = old.Wakes+1, old.Fence, 0
	}
	t.putTask(row)
	return nil
}

// rouse makes an open task due at once, unless it is or rests. Wakes is the
// caller's to raise.
func (t *tx) rouse(row *ledger.Task) {
	if row.ParkedAt.IsZero() && row.DueAt.After(t.now) {
		row.DueAt = t.now
	}
}

// Wake rouses the open tasks of the kind.
func (t *tx) Wake(guid string, kind ledger.Kind) error {
	for _, old := range t.look(guid).tasks.rows {
		if old.Kind != kind || old.Done {
			continue
		}
		row := *old
		row.Wakes++
		t.rouse(&row)
		t.putTask(row)
	}
	return nil
}

// Close settles open tasks of the kinds.
func (t *tx) Close(guid string, kinds ...ledger.Kind) error {
	for _, old := range t.look(guid).tasks.rows {
		if !old.Done && slices.Contains(kinds, old.Kind) {
			row := *old
			row.Done = true
			release(&row)
			t.putTask(row)
		}
	}
	return nil
}

func release(row *ledger.Task) { row.LeasedTill, row.Worker = time.Time{}, "" }
