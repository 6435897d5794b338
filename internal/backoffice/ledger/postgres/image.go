package postgres

import (
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"peyk/internal/backoffice/ledger"
)

// image is what a writing transaction knows of a request it has locked. Nobody
// else changes it meanwhile, so it is the truth: what is asked of its tasks is
// answered from here, and what is done to them is written in the end.
type image struct {
	guid    string
	loaded  bool // what follows was read
	there   bool // there is such a request
	version int64
	row     *requestRow // as it was read; nil once it was written
	tasks   []*taskRow
	pinned  bool                // tasks without a request are locked one by one
	fence   int64               // drawn under the lock
	told    map[noticeName]bool // the notices there are; nil: not read
}

// taskRow is a task and whether the table must hear of it.
type taskRow struct {
	ledger.Task
	fresh bool // not in the table yet
	dirty bool
}

// locks are the requests a writing transaction has locked.
type locks struct {
	timed  bool // the time was asked for
	images map[string]*image
	order  []*image
}

func newLocks() *locks { return &locks{images: map[string]*image{}} }

// A request that others hold is waited for. What time it is, and the fence for
// a lease, are read once the lock is held, also where there is no such request:
// what is selected around a locking sub-select is worked out after it.
const lockRequest = `SELECT clock_timestamp(), nextval('fences'), l.* FROM (SELECT 1) AS always
	LEFT JOIN (SELECT guid, ` + requestColumns + ` FROM requests WHERE guid = $1 FOR NO KEY UPDATE) AS l ON true`

// The tasks are read by a statement of their own: it sees what the last holder
// of the lock left.
const tasksOf = "SELECT " + taskColumns + " FROM tasks WHERE guid = $1"

// take locks a request, once, ahead of what follows.
func (l *locks) take(s *session, guid string) *image {
	if im, taken := l.images[guid]; taken {
		return im
	}
	im := &image{guid: guid}
	l.images[guid] = im
	l.order = append(l.order, im)
	l.timed = true
	s.queue(func(rows pgx.Rows) error { return im.readRow(s, rows) }, lockRequest, guid)
	s.queue(im.readTasks, tasksOf, guid)
	return im
}

// readRow takes the answer to lockRequest.
func (im *image) readRow(s *session, rows pgx.Rows) error {
	for rows.Next() {
		var now instant
		row := &requestRow{}
		into := append([]any{&now, &im.fence}, row.columns()...)
		if im.there = rows.RawValues()[2] != nil; !im.there {
			clear(into[2:]) // nil: not wanted
		}
		if err := rows.Scan(into...); err != nil {
			return fmt.Errorf("lock request %s: %w", im.guid, err)
		}
		s.setTime(now)
		if im.there {
			im.row, im.version = row, row.r.Version
		}
	}
	return nil
}

func (im *image) readTasks(rows pgx.Rows) error {
	im.loaded, im.tasks = true, nil
	for rows.Next() {
		t := &taskRow{}
		if err := scanTask(rows, &t.Task); err != nil {
			return fmt.Errorf("read the tasks of %s: %w", im.guid, err)
		}
		im.tasks = append(im.tasks, t)
	}
	return nil
}

// image gives what is known of a request, locked.
func (v *view) image(guid string) (*image, error) {
	if err := v.about(clean(guid)); err != nil {
		return nil, err
	}
	im := v.locks.images[clean(guid)]
	if !im.loaded {
		if err := v.s.send(); err != nil {
			return nil, err
		}
	}
	if !im.there && !im.pinned && len(im.tasks) > 0 {
		im.pinned = true // with no row to lock, each of these must be
		v.s.queue(im.readTasks, tasksOf+" FOR UPDATE", im.guid)
		if err := v.s.send(); err != nil {
			return nil, err
		}
	}
	return im, nil
}

// task finds one, or nil.
func (im *image) task(k ledger.Key) *taskRow {
	i := slices.IndexFunc(im.tasks, func(t *taskRow) bool { return t.Key == k })
	if i < 0 {
		return nil
	}
	return im.tasks[i]
}

// Two that owe the same task of a request that is not there meet here: the
// second fails, is run again, and finds the task.
const (
	insertTask = "INSERT INTO tasks (" + taskColumns + `)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`
	updateTask = `UPDATE tasks SET (generation, done, due_at, attempts, unclean, parked_at, wakes, fence, leased_till, worker,
		created_at, last_error) = ($4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
		WHERE guid = $1 AND kind = $2 AND subject = $3`
)

// writeTasks lets the table hear of what was done to tasks.
func (v *view) writeTasks() {
	for _, im := range v.locks.order {
		for _, t := range im.tasks {
			if !t.dirty {
				continue
			}
			query := updateTask
			if t.fresh {
				query = insertTask
			}
			t.fresh, t.dirty = false, false
			v.s.write(query, t.GUID, string(t.Kind), t.Subject, t.Generation, t.Done, at(t.DueAt), t.Attempts, t.Unclean,
				at(t.ParkedAt), t.Wakes, t.Fence, at(t.LeasedTill), t.Worker, at(t.CreatedAt), t.LastError)
		}
	}
}
