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
	t, err := v.task(k)
	if err != nil {
		return t, fmt.Errorf("read task %s %q of %s: %w", k.Kind, k.Subject, k.GUID, err)
	}
	return t, nil
}

func (v *view) task(k ledger.Key) (t ledger.Task, err error) {
	if v.locks == nil {
		return single(v, scanTask, taskByKey, k.GUID, string(k.Kind), k.Subject)
	}
	im, err := v.image(k.GUID)
	if err != nil {
		return t, err
	}
	if found := im.task(cleanKey(k)); found != nil {
		return found.Task, nil
	}
	return t, ledger.ErrNotFound
}

// Tasks gives those of a request, open or done, by kind and subject.
func (v *view) Tasks(guid string) (rows []ledger.Task, err error) {
	if v.locks == nil {
		rows, err = list(v, scanTask, tasksOf, guid)
	} else if im, failed := v.image(guid); failed == nil {
		for _, t := range im.tasks {
			rows = append(rows, t.Task)
		}
	} else {
		err = failed
	}
	if err != nil {
		return nil, fmt.Errorf("read the tasks of %s: %w", guid, err)
	}
	slices.SortFunc(rows, func(a, b ledger.Task) int { return byKey(a.Key, b.Key) })
	return rows, nil
}

// A read of every request's tasks sees what this transaction did to some.
func (v *view) settled() {
	if v.locks != nil {
		v.writeTasks()
	}
}

const nextDue = `SELECT min(at) FROM (
	SELECT min(due_at) AS at FROM tasks WHERE kind = $1 AND NOT done AND leased_till IS NULL
	UNION ALL
	SELECT min(greatest(due_at, leased_till)) FROM tasks WHERE kind = $1 AND NOT done AND leased_till IS NOT NULL) AS each`

// NextDue gives when the first open task of the kinds can be leased.
func (v *view) NextDue(kinds []ledger.Kind) (time.Time, bool, error) {
	v.settled()
	var each []instant
	for _, k := range kinds {
		v.s.queue(collect(&each, column[instant]), nextDue, string(k))
	}
	err := v.ctx.Err()
	if err == nil {
		err = v.s.send()
	}
	if err != nil {
		return time.Time{}, false, fmt.Errorf("look when %v are next due: %w", kinds, err)
	}
	var first time.Time
	for _, at := range each {
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
	v.settled()
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
	v.settled()
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
