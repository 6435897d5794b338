package postgres

import (
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"peyk/internal/backoffice/ledger"
)

const taskColumns = `guid, kind, subject, generation, done, due_at, attempts, unclean, parked_at, wakes, fence,
	leased_till, worker, created_at, last_error`

func scanTask(row pgx.Rows, t *ledger.Task) error {
	return row.Scan(&t.GUID, &t.Kind, &t.Subject, &t.Generation, &t.Done, (*instant)(&t.DueAt), &t.Attempts, &t.Unclean,
		(*instant)(&t.ParkedAt), &t.Wakes, &t.Fence, (*instant)(&t.LeasedTill), &t.Worker, (*instant)(&t.CreatedAt), &t.LastError)
}

const taskByKey = "SELECT " + taskColumns + " FROM tasks WHERE guid = $1 AND kind = $2 AND subject = $3"

// Task gives one row.
func (v *view) Task(k ledger.Key) (ledger.Task, error) {
	err := v.about(k.GUID)
	var t ledger.Task
	if err == nil {
		t, err = one(v.s, scanTask, taskByKey, k.GUID, string(k.Kind), k.Subject)
	}
	if err != nil {
		return t, fmt.Errorf("read task %s %q of %s: %w", k.Kind, k.Subject, k.GUID, err)
	}
	return t, nil
}

// Tasks gives those of a request, open or done, by kind and subject.
func (v *view) Tasks(guid string) ([]ledger.Task, error) {
	err := v.about(guid)
	var rows []ledger.Task
	if err == nil {
		rows, err = all(v.s, scanTask, "SELECT "+taskColumns+" FROM tasks WHERE guid = $1 ORDER BY kind, subject", guid)
	}
	if err != nil {
		return nil, fmt.Errorf("read the tasks of %s: %w", guid, err)
	}
	return rows, nil
}

const nextDue = `SELECT min(at) FROM (
	SELECT min(due_at) AS at FROM tasks WHERE kind = $1 AND NOT done AND leased_till IS NULL
	UNION ALL
	SELECT min(greatest(due_at, leased_till)) FROM tasks WHERE kind = $1 AND NOT done AND leased_till IS NOT NULL) AS each`

// NextDue gives when the first open task of the kinds can be leased.
func (v *view) NextDue(kinds []ledger.Kind) (time.Time, bool, error) {
	var first time.Time
	for _, k := range kinds {
		at, err := single(v, column[instant], nextDue, string(k))
		if err != nil {
			return time.Time{}, false, fmt.Errorf("look when %s is next due: %w", k, err)
		}
		if t := time.Time(at); !t.IsZero() && (first.IsZero() || t.Before(first)) {
			first = t
		}
	}
	return first, !first.IsZero(), nil
}

const parkedTasks = "SELECT " + taskColumns + ` FROM tasks WHERE NOT done AND parked_at IS NOT NULL
	ORDER BY parked_at, guid, kind, subject LIMIT $1`

// ParkedTasks gives the open ones that rest, longest parked first.
func (v *view) ParkedTasks(limit int) ([]ledger.Task, error) {
	rows, err := list(v, scanTask, parkedTasks, bound(limit))
	if err != nil {
		return nil, fmt.Errorf("read parked tasks: %w", err)
	}
	return rows, nil
}

const openTasks = `SELECT kind, sum(n)::bigint FROM (
	SELECT kind, count(*) AS n FROM tasks WHERE NOT done AND leased_till IS NULL GROUP BY kind
	UNION ALL
	SELECT kind, count(*) FROM tasks WHERE NOT done AND leased_till IS NOT NULL GROUP BY kind) AS each GROUP BY kind`

// OpenTasks counts what is owed, by kind.
func (v *view) OpenTasks() (map[ledger.Kind]int, error) {
	type count struct {
		kind ledger.Kind
		n    int
	}
	rows, err := list(v, func(row pgx.Rows, c *count) error { return row.Scan(&c.kind, &c.n) }, openTasks)
	if err != nil {
		return nil, fmt.Errorf("count open tasks: %w", err)
	}
	out := make(map[ledger.Kind]int, len(rows))
	for _, c := range rows {
		out[c.kind] = c.n
	}
	return out, nil
}

// rouse makes a row due at once, unless it is already or rests parked. The first
// argument is the time.
const rouse = "CASE WHEN t.parked_at IS NULL THEN least(t.due_at, coalesce($1::timestamptz, now())) ELSE t.due_at END"

// What is owed anew keeps nothing of its past but wakes and fence, which only
// rise; what is open still keeps its lease and its unclean tries.
const owe = `INSERT INTO tasks AS t (created_at, guid, kind, subject, generation, due_at)
	VALUES (coalesce($1::timestamptz, now()), $2, $3, $4, $5, coalesce($6::timestamptz, $1::timestamptz, now()))
	ON CONFLICT (guid, kind, subject) DO UPDATE SET
		generation  = greatest(t.generation, excluded.generation),
		due_at      = CASE WHEN t.done THEN excluded.due_at ELSE ` + rouse + ` END,
		unclean     = CASE WHEN t.done THEN 0 ELSE t.unclean END,
		parked_at   = CASE WHEN t.done THEN NULL ELSE t.parked_at END,
		created_at  = CASE WHEN t.done THEN excluded.created_at ELSE t.created_at END,
		last_error  = CASE WHEN t.done THEN '' ELSE t.last_error END,
		attempts    = 0,
		wakes       = t.wakes + 1,
		done        = false`

// Owe adds a task, opens a done one again or wakes an open one.
func (x *tx) Owe(t ledger.Task) error {
	delete(x.locks.tasks, t.Key)
	if err := x.later(t.GUID, owe, x.s.when(), t.GUID, string(t.Kind), t.Subject, t.Generation, at(t.DueAt)); err != nil {
		return fmt.Errorf("owe %s %q of %s: %w", t.Kind, t.Subject, t.GUID, err)
	}
	return nil
}

const closeTasks = `UPDATE tasks SET done = true, leased_till = NULL, worker = ''
	WHERE guid = $1 AND kind = ANY ($2) AND NOT done`

// Close settles the open tasks of the kinds; whoever holds a lease on them has
// lost it.
func (x *tx) Close(guid string, kinds ...ledger.Kind) error {
	if len(kinds) == 0 {
		return nil
	}
	for k, t := range x.locks.tasks { // a lease we hold is lost, and we know it
		if k.GUID == guid && slices.Contains(kinds, k.Kind) {
			t.Done, t.LeasedTill = true, time.Time{}
			x.locks.tasks[k] = t
		}
	}
	if err := x.later(guid, closeTasks, guid, texts(kinds)); err != nil {
		return fmt.Errorf("close %v of %s: %w", kinds, guid, err)
	}
	return nil
}

// texts is an array of text.
func texts[T ~string](values []T) []string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = string(v)
	}
	return out
}

const wake = `UPDATE tasks AS t SET wakes = t.wakes + 1, due_at = ` + rouse + `
	WHERE t.guid = $2 AND t.kind = $3 AND NOT t.done`

// Wake makes the open tasks of the kind due at once.
func (x *tx) Wake(guid string, kind ledger.Kind) error {
	x.forget(guid, kind)
	if err := x.later(guid, wake, x.s.when(), guid, string(kind)); err != nil {
		return fmt.Errorf("wake %s of %s: %w", kind, guid, err)
	}
	return nil
}

// forget drops what is known of rows that a statement changes.
func (x *tx) forget(guid string, kind ledger.Kind) {
	for k := range x.locks.tasks {
		if k.GUID == guid && k.Kind == kind {
			delete(x.locks.tasks, k)
		}
	}
}
