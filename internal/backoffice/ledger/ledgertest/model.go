package ledgertest

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"peyk/internal/backoffice/ledger"
)

// model is the contract of tasks in the plainest words: a list that is searched
// from end to end. It knows nothing of transactions; whoever uses it keeps a
// copy to go back to.
type model struct {
	now   time.Time
	tasks []ledger.Task
	fence int64 // of the last lease anybody took
}

func (m *model) copy() *model {
	c := *m
	c.tasks = slices.Clone(m.tasks)
	return &c
}

func (m *model) find(k ledger.Key) *ledger.Task {
	for i := range m.tasks {
		if m.tasks[i].Key == k {
			return &m.tasks[i]
		}
	}
	return nil
}

func (m *model) owe(k ledger.Key, generation int, due time.Time) {
	t := m.find(k)
	if t == nil {
		m.tasks = append(m.tasks, ledger.Task{Key: k, Generation: generation, DueAt: due})
		return
	}
	t.Generation = max(t.Generation, generation)
	t.Attempts = 0
	t.Wakes++
	if t.Done {
		*t = ledger.Task{Key: k, Generation: t.Generation, DueAt: due, Wakes: t.Wakes, Fence: t.Fence}
		return
	}
	m.hasten(t)
}

// hasten makes a task due now, unless it is due already or rests.
func (m *model) hasten(t *ledger.Task) {
	if t.ParkedAt.IsZero() && t.DueAt.After(m.now) {
		t.DueAt = m.now
	}
}

func (m *model) wake(guid string, kind ledger.Kind) {
	for i := range m.tasks {
		if t := &m.tasks[i]; t.GUID == guid && t.Kind == kind && !t.Done {
			t.Wakes++
			m.hasten(t)
		}
	}
}

func (m *model) close(guid string, kinds []ledger.Kind) {
	for i := range m.tasks {
		if t := &m.tasks[i]; t.GUID == guid && slices.Contains(kinds, t.Kind) && !t.Done {
			t.Done, t.LeasedTill, t.Worker = true, time.Time{}, ""
		}
	}
}

// takeable reports whether a task could be leased now, were it not for parking.
func (m *model) takeable(t ledger.Task) bool {
	return !t.Done && !t.DueAt.After(m.now) && !t.LeasedTill.After(m.now)
}

// lease gives what Lease would; the fences are the ledger's to choose.
func (m *model) lease(w ledger.Wanted) (out []ledger.Lease) {
	var found []*ledger.Task
	for i := range m.tasks {
		t := &m.tasks[i]
		asked := slices.Contains(w.Kinds, t.Kind)
		if w.Key.GUID != "" {
			asked = t.GUID == w.Key.GUID && t.Kind == w.Key.Kind && (w.Key.Subject == "" || t.Subject == w.Key.Subject)
		}
		if !asked || !m.takeable(*t) {
			continue
		}
		if t.Unclean >= ledger.ParkAfter && t.ParkedAt.IsZero() {
			t.ParkedAt, t.DueAt = m.now, m.now.Add(ledger.ParkedRest(t.Unclean))
			continue
		}
		found = append(found, t)
	}
	slices.SortFunc(found, func(a, b *ledger.Task) int {
		return cmp.Or(a.DueAt.Compare(b.DueAt), compareKeys(a.Key, b.Key))
	})
	for _, t := range found[:min(len(found), max(w.Limit, 1))] {
		out = append(out, m.take(t, w))
	}
	return out
}

func (m *model) take(t *ledger.Task, w ledger.Wanted) ledger.Lease {
	t.Unclean++
	t.LeasedTill, t.Worker = m.now.Add(w.For), w.Worker
	alone := !t.ParkedAt.IsZero()
	if alone {
		t.ParkedAt, t.DueAt = m.now, m.now.Add(ledger.ParkedRest(t.Unclean))
	}
	return ledger.Lease{Task: *t, Alone: alone}
}

func compareKeys(a, b ledger.Key) int {
	return cmp.Or(strings.Compare(a.GUID, b.GUID), strings.Compare(string(a.Kind), string(b.Kind)), strings.Compare(a.Subject, b.Subject))
}

// held gives the task of a lease that is still ours, or nil.
func (m *model) held(l ledger.Lease) *ledger.Task {
	t := m.find(l.Key)
	if t == nil || t.Done || t.LeasedTill.IsZero() || t.Fence != l.Fence {
		return nil
	}
	return t
}

func (m *model) settle(t *ledger.Task, l ledger.Lease, s ledger.Settlement) {
	t.LeasedTill, t.Worker = time.Time{}, ""
	t.Attempts++
	t.LastError = s.Error
	if !s.Unclean {
		t.Unclean, t.ParkedAt = 0, time.Time{}
	}
	woken := t.Wakes > l.Wakes
	switch {
	case s.Done && !woken:
		t.Done = true
	case woken || s.DueAt.IsZero():
		t.DueAt = m.now
	default:
		t.DueAt = s.DueAt
	}
	if rested := t.ParkedAt.Add(ledger.ParkedRest(t.Unclean)); !t.Done && !t.ParkedAt.IsZero() && t.DueAt.Before(rested) {
		t.DueAt = rested
	}
}

// nextDue is the earliest time a task of the kinds could be leased.
func (m *model) nextDue(kinds []ledger.Kind) (next time.Time, ok bool) {
	for _, t := range m.tasks {
		at := t.DueAt
		if t.LeasedTill.After(at) {
			at = t.LeasedTill
		}
		if !t.Done && slices.Contains(kinds, t.Kind) && (!ok || at.Before(next)) {
			next, ok = at, true
		}
	}
	return next, ok
}

// of lists the tasks of a request as Tasks does.
func (m *model) of(guid string) (out []ledger.Task) {
	for _, t := range m.tasks {
		if t.GUID == guid {
			out = append(out, t)
		}
	}
	slices.SortFunc(out, func(a, b ledger.Task) int { return compareKeys(a.Key, b.Key) })
	return out
}
