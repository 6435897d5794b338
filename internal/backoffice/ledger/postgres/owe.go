package postgres

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

// cleanKey is the key as the table holds it.
func cleanKey(k ledger.Key) ledger.Key {
	return ledger.Key{GUID: clean(k.GUID), Kind: ledger.Kind(clean(string(k.Kind))), Subject: clean(k.Subject)}
}

// Owe adds a task, opens a done one again or wakes an open one. What is owed
// anew keeps nothing of its past but wakes and fence, which only rise; what is
// open still keeps its lease and its unclean tries.
func (x *tx) Owe(t ledger.Task) error {
	im, err := x.image(t.GUID)
	if err != nil {
		return fmt.Errorf("owe %s %q of %s: %w", t.Kind, t.Subject, t.GUID, err)
	}
	now, due := x.Now(), cut(t.DueAt)
	if due.IsZero() {
		due = now
	}
	anew := ledger.Task{Key: cleanKey(t.Key), Generation: t.Generation, DueAt: due, CreatedAt: now}
	row := im.task(anew.Key)
	switch {
	case row == nil:
		im.tasks = append(im.tasks, &taskRow{Task: anew, fresh: true, dirty: true})
		return nil
	case row.Done:
		anew.Wakes, anew.Fence, anew.Generation = row.Wakes, row.Fence, max(row.Generation, t.Generation)
		row.Task = anew
	default:
		row.Generation, row.Attempts = max(row.Generation, t.Generation), 0
		rouse(row, now)
	}
	row.Wakes++
	row.dirty = true
	return nil
}

// rouse makes a task due at once, unless it is already or rests parked.
func rouse(t *taskRow, now time.Time) {
	if t.ParkedAt.IsZero() && now.Before(t.DueAt) {
		t.DueAt = now
	}
}

// Close settles the open tasks of the kinds; whoever holds a lease on them has
// lost it.
func (x *tx) Close(guid string, kinds ...ledger.Kind) error {
	if len(kinds) == 0 {
		return nil
	}
	im, err := x.image(guid)
	if err != nil {
		return fmt.Errorf("close %v of %s: %w", kinds, guid, err)
	}
	for _, t := range im.tasks {
		if !t.Done && slices.Contains(kinds, t.Kind) {
			t.Done, t.LeasedTill, t.Worker, t.dirty = true, time.Time{}, "", true
		}
	}
	return nil
}

// Wake makes the open tasks of the kind due at once.
func (x *tx) Wake(guid string, kind ledger.Kind) error {
	im, err := x.image(guid)
	if err != nil {
		return fmt.Errorf("wake %s of %s: %w", kind, guid, err)
	}
	for _, t := range im.tasks {
		if !t.Done && t.Kind == kind {
			t.Wakes++
			rouse(t, x.Now())
			t.dirty = true
		}
	}
	return nil
}
