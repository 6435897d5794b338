package sqlite

import (
	"fmt"
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

// Tasks gives those of a request, open or done, by kind and subject.
func (v *view) Tasks(guid string) ([]ledger.Task, error) {
	rows, err := all(v, scanTask, "SELECT "+taskColumns+" FROM tasks WHERE guid = ? ORDER BY kind, subject", guid)
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

// rouse makes a row due at once, unless it is already or rests parked.
const rouse = "CASE WHEN parked_at IS NULL THEN min(due_at, ?1) ELSE due_at END"

// What is owed anew keeps nothing of its past but wakes and fence, which only
// rise; what is open still keeps its lease and its unclean tries.
const owe = `INSERT INTO tasks (created_at, guid, kind, subject, generation, due_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
	ON CONFLICT (guid, kind, subject) DO UPDATE SET
		generation  = max(generation, excluded.generation),
		due_at      = CASE WHEN done THEN excluded.due_at ELSE ` + rouse + ` END,
		unclean     = CASE WHEN done THEN 0 ELSE unclean END,
		parked_at   = CASE WHEN done THEN NULL ELSE parked_at END,
		created_at  = CASE WHEN done THEN excluded.created_at ELSE created_at END,
		last_error  = CASE WHEN done THEN '' ELSE last_error END,
		attempts    = 0,
		wakes       = wakes + 1,
		done        = 0`

// Owe adds a task, opens a done one again or wakes an open one.
func (x *tx) Owe(t ledger.Task) error {
	due := t.DueAt
	if due.IsZero() {
		due = x.now
	}
	err := x.run(owe, at(x.now), t.GUID, string(t.Kind), t.Subject, t.Generation, at(due))
	if err != nil {
		return fmt.Errorf("owe %s %q of %s: %w", t.Kind, t.Subject, t.GUID, err)
	}
	return nil
}

// Close settles the open tasks of the kinds; whoever holds a lease on them has
// lost it.
func (x *tx) Close(guid string, kinds ...ledger.Kind) error {
	for _, k := range kinds {
		err := x.run(`UPDATE tasks SET done = 1, leased_till = NULL, worker = ''
			WHERE guid = ? AND kind = ? AND done = 0`, guid, string(k))
		if err != nil {
			return fmt.Errorf("close %s of %s: %w", k, guid, err)
		}
	}
	return nil
}

// Wake makes the open tasks of the kind due at once.
func (x *tx) Wake(guid string, kind ledger.Kind) error {
	err := x.run("UPDATE tasks SET wakes = wakes + 1, due_at = "+rouse+" WHERE guid = ?2 AND kind = ?3 AND done = 0",
		at(x.now), guid, string(kind))
	if err != nil {
		return fmt.Errorf("wake %s of %s: %w", kind, guid, err)
	}
	return nil
}
