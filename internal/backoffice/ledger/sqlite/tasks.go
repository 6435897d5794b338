package sqlite

import (
	"fmt"
	"slices"
	"time"

	"peyk/internal/backoffice/ledger"
)

const taskColumns = `guid, kind, subject, generation, done, due_at, attempts, unclean, parked_at, wakes, fence,
	leased_till, worker, created_at, last_error`

func scanTask(row scanner, t *ledger.Task) error {
	return row.Scan(&t.GUID, &t.Kind, &t.Subject, &t.Generation, &t.Done, (*instant)(&t.DueAt), &t.Attempts, &t.Unclean,
		(*instant)(&t.ParkedAt), &t.Wakes, &t.Fence, (*instant)(&t.LeasedTill), &t.Worker, (*instant)(&t.CreatedAt), &t.LastError)
}

const taskByKey = "SELECT " + taskColumns + " FROM tasks WHERE guid = ? AND kind = ? AND subject = ?"

// Task gives one row.
func (v *view) Task(k ledger.Key) (ledger.Task, error) {
	t, err := one(v, scanTask, taskByKey, k.GUID, string(k.Kind), k.Subject)
	if err != nil {
		return t, fmt.Errorf("read task %s %q of %s: %w", k.Kind, k.Subject, k.GUID, err)
	}
	return t, nil
}

const tasksOfRequest = "SELECT " + taskColumns + " FROM tasks WHERE guid = ? ORDER BY kind, subject"

// Tasks gives those of a request, open or done, by kind and subject.
func (v *view) Tasks(guid string) ([]ledger.Task, error) {
	rows, err := all(v, scanTask, tasksOfRequest, guid)
	if err != nil {
		return nil, fmt.Errorf("read the tasks of %s: %w", guid, err)
	}
	return rows, nil
}

const nextDue = `SELECT min(at) FROM (
	SELECT min(due_at) AS at FROM tasks WHERE kind = ?1 AND done = 0 AND leased_till IS NULL
	UNION ALL
	SELECT min(max(due_at, leased_till)) FROM tasks WHERE kind = ?1 AND done = 0 AND leased_till IS NOT NULL)`

// NextDue gives when the first open task of the kinds can be leased.
func (v *view) NextDue(kinds []ledger.Kind) (time.Time, bool, error) {
	var first time.Time
	for _, k := range kinds {
		at, err := one(v, column[instant], nextDue, string(k))
		if err != nil {
			return time.Time{}, false, fmt.Errorf("look when %s is next due: %w", k, err)
		}
		if t := time.Time(at); !t.IsZero() && (first.IsZero() || t.Before(first)) {
			first = t
		}
	}
	return first, !first.IsZero(), nil
}

// ParkedTasks gives the open ones that rest, longest parked first.
func (v *view) ParkedTasks(limit int) ([]ledger.Task, error) {
	rows, err := all(v, scanTask, "SELECT "+taskColumns+` FROM tasks WHERE done = 0 AND parked_at IS NOT NULL
		ORDER BY parked_at, guid, kind, subject LIMIT ?`, bound(limit))
	if err != nil {
		return nil, fmt.Errorf("read parked tasks: %w", err)
	}
	return rows, nil
}

const openTasks = `SELECT kind, sum(n) FROM (
	SELECT kind, count(*) AS n FROM tasks WHERE done = 0 AND leased_till IS NULL GROUP BY kind
	UNION ALL
	SELECT kind, count(*) FROM tasks WHERE done = 0 AND leased_till IS NOT NULL GROUP BY kind) GROUP BY kind`

// OpenTasks counts what is owed, by kind.
func (v *view) OpenTasks() (map[ledger.Kind]int, error) {
	type count struct {
		kind ledger.Kind
		n    int
	}
	rows, err := all(v, func(row scanner, c *count) error { return row.Scan(&c.kind, &c.n) },
		openTasks)
	if err != nil {
		return nil, fmt.Errorf("count open tasks: %w", err)
	}
	out := make(map[ledger.Kind]int, len(rows))
	for _, c := range rows {
		out[c.kind] = c.n
	}
	return out, nil
}

const (
	addTask = "INSERT INTO tasks (" + taskColumns + ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
	setTask = `UPDATE tasks SET generation = ?, done = ?, due_at = ?, attempts = ?, unclean = ?, parked_at = ?, wakes = ?,
		fence = ?, leased_till = ?, worker = ?, created_at = ?, last_error = ? WHERE guid = ? AND kind = ? AND subject = ?`
)

// addTask writes a row that was not there.
func (x *tx) addTask(t ledger.Task) error {
	err := x.run(addTask, t.GUID, string(t.Kind), t.Subject, t.Generation, t.Done, at(t.DueAt), t.Attempts, t.Unclean,
		at(t.ParkedAt), t.Wakes, t.Fence, at(t.LeasedTill), t.Worker, at(t.CreatedAt), t.LastError)
	x.recent.remember(t)
	return err
}

// putTask replaces a row.
func (x *tx) putTask(t ledger.Task) error {
	err := x.run(setTask, t.Generation, t.Done, at(t.DueAt), t.Attempts, t.Unclean, at(t.ParkedAt), t.Wakes,
		t.Fence, at(t.LeasedTill), t.Worker, at(t.CreatedAt), t.LastError, t.GUID, string(t.Kind), t.Subject)
	x.recent.remember(t)
	return err
}

// Owe adds a task, opens a done one again or wakes an open one. What is owed
// anew keeps nothing of its past but wakes and fence, which only rise; what is
// open still keeps its lease and its unclean tries.
func (x *tx) Owe(t ledger.Task) error {
	if err := x.owe(t); err != nil {
		return fmt.Errorf("owe %s %q of %s: %w", t.Kind, t.Subject, t.GUID, err)
	}
	return nil
}

func (x *tx) owe(t ledger.Task) error {
	due := cut(t.DueAt)
	if due.IsZero() {
		due = x.now
	}
	row := ledger.Task{Key: t.Key, Generation: t.Generation, DueAt: due, CreatedAt: x.now}
	old, had, err := x.task(t.Key)
	if err != nil {
		return err
	}
	if !had {
		return x.addTask(row)
	}
	if !old.Done {
		row = old
		x.rouse(&row)
	}
	row.Generation = max(old.Generation, t.Generation)
	row.Wakes, row.Fence, row.Attempts = old.Wakes+1, old.Fence, 0
	return x.putTask(row)
}

// Task gives one row.
func (x *tx) Task(k ledger.Key) (ledger.Task, error) {
	t, had, err := x.task(k)
	if err == nil && !had {
		err = ledger.ErrNotFound
	}
	if err != nil {
		return t, fmt.Errorf("read task %s %q of %s: %w", k.Kind, k.Subject, k.GUID, err)
	}
	return t, nil
}

// task finds a row among those of its request.
func (x *tx) task(k ledger.Key) (ledger.Task, bool, error) {
	rows, err := x.tasksOf(k.GUID)
	at, found := slices.BinarySearchFunc(rows, k, func(row ledger.Task, k ledger.Key) int { return compareKeys(row.Key, k) })
	if err != nil || !found {
		return ledger.Task{}, false, err
	}
	return rows[at], true, nil
}

// rouse makes an open row due at once, unless it is already or rests parked.
func (x *tx) rouse(t *ledger.Task) {
	if t.ParkedAt.IsZero() && t.DueAt.After(x.now) {
		t.DueAt = x.now
	}
}

// Close settles the open tasks of the kinds; whoever holds a lease on them has
// lost it.
func (x *tx) Close(guid string, kinds ...ledger.Kind) error {
	err := x.eachOpen(guid, kinds, func(t *ledger.Task) {
		t.Done, t.LeasedTill, t.Worker = true, time.Time{}, ""
	})
	if err != nil {
		return fmt.Errorf("close %v of %s: %w", kinds, guid, err)
	}
	return nil
}

// Wake makes the open tasks of the kind due at once.
func (x *tx) Wake(guid string, kind ledger.Kind) error {
	err := x.eachOpen(guid, []ledger.Kind{kind}, func(t *ledger.Task) {
		t.Wakes++
		x.rouse(t)
	})
	if err != nil {
		return fmt.Errorf("wake %s of %s: %w", kind, guid, err)
	}
	return nil
}

// eachOpen changes the open tasks of the kinds.
func (x *tx) eachOpen(guid string, kinds []ledger.Kind, change func(*ledger.Task)) error {
	if len(kinds) == 0 {
		return nil
	}
	rows, err := x.tasksOf(guid)
	if err != nil {
		return err
	}
	for _, t := range rows {
		if t.Done || !slices.Contains(kinds, t.Kind) {
			continue
		}
		change(&t)
		if err := x.putTask(t); err != nil {
			return err
		}
	}
	return nil
}
