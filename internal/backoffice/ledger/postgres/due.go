package postgres

import (
	"slices"

	"github.com/jackc/pgx/v5"

	"peyk/internal/backoffice/ledger"
)

// What is due is found without a lock, oldest first and in the order of an
// index, a few more than are wanted; then requests are locked from its front.
// One that another holds is skipped, with its tasks: who holds it may be leasing
// them. So many leasers that come together share out what is due. The first
// argument is the time, NULL for the database's; a task whose request is not
// there is locked in its stead.
const (
	ifFree = `coalesce((SELECT true FROM requests AS r WHERE r.guid = c.guid FOR NO KEY UPDATE SKIP LOCKED),
		NOT EXISTS (SELECT 1 FROM requests AS r WHERE r.guid = c.guid))`
	moment  = "coalesce($1::timestamptz, statement_timestamp())"
	usually = "NOT (t.parked_at IS NULL AND t.unclean >= 3)" // what must be parked takes nobody's place

	owedOfKind = `SELECT t.guid FROM tasks AS t
		WHERE t.kind = $2 AND NOT t.done AND t.leased_till IS NULL AND t.due_at <= ` + moment + ` AND ` + usually + `
		ORDER BY t.due_at, t.guid, t.subject LIMIT `
	// Of these there are no more than are, or were when a process died, worked on
	// at once, so those due are sorted whole.
	lapsedOfKind = `SELECT t.guid FROM tasks AS t
		WHERE t.kind = $2 AND NOT t.done AND t.leased_till <= ` + moment + ` AND t.due_at <= ` + moment + ` AND ` + usually + `
		ORDER BY t.due_at, t.guid, t.subject LIMIT `
	// As good as none. The number is written out, as in the index that keeps this
	// free: the planner must see them agree.
	suspectOfKind = `SELECT t.guid FROM tasks AS t
		WHERE t.kind = $2 AND NOT t.done AND t.parked_at IS NULL AND t.unclean >= 3
		AND t.due_at <= ` + moment + ` AND (t.leased_till IS NULL OR t.leased_till <= ` + moment + `) LIMIT `

	lockOwed    = "SELECT c.guid FROM (" + owedOfKind + "2 * $3 + 32) AS c WHERE " + ifFree + " LIMIT $3"
	lockLapsed  = "SELECT c.guid FROM (" + lapsedOfKind + "2 * $3 + 32) AS c WHERE " + ifFree + " LIMIT $3"
	lockSuspect = "SELECT c.guid FROM (" + suspectOfKind + "100) AS c WHERE " + ifFree
	firstOwed   = owedOfKind + "1"
	firstLapsed = lapsedOfKind + "1"
)

var _ [ledger.ParkAfter]struct{} = [3]struct{}{} // does not compile if they part

// dueOfKinds locks requests with something due and gives their ready tasks. If
// others hold all of them, the first is waited for.
func (x *tx) dueOfKinds(w ledger.Wanted) ([]candidate, error) {
	kinds := slices.Compact(slices.Sorted(slices.Values(w.Kinds)))
	if len(kinds) == 0 {
		return nil, x.ctx.Err()
	}
	x.writeTasks()
	images, err := x.lockDue(kinds, w.Limit)
	if err != nil {
		return nil, err
	}
	found := x.ready(w, images...)
	if len(found) > 0 {
		return found, nil
	}
	guids, err := x.guids(kinds, x.given(), firstOwed, firstLapsed)
	if err != nil || len(guids) == 0 {
		return nil, err
	}
	im, err := x.image(guids[0])
	if err != nil {
		return nil, err
	}
	return x.ready(w, im), nil
}

// given is the time as an argument of the searches: NULL while it is not known,
// for it is read after them.
func (x *tx) given() any { return at(x.s.now) }

// guids asks each query about each kind.
func (x *tx) guids(kinds []ledger.Kind, args any, queries ...string) (out []string, err error) {
	for _, k := range kinds {
		for _, query := range queries {
			x.s.queue(collect(&out, column[string]), query, args, string(k))
		}
	}
	err = x.s.send()
	return out, err
}

// lockDue locks requests with something due, and reads them.
func (x *tx) lockDue(kinds []ledger.Kind, limit int) ([]*image, error) {
	var guids []string
	for _, k := range kinds {
		x.s.queue(collect(&guids, column[string]), lockOwed, x.given(), string(k), limit)
		x.s.queue(collect(&guids, column[string]), lockLapsed, x.given(), string(k), limit)
		x.s.queue(collect(&guids, column[string]), lockSuspect, x.given(), string(k))
	}
	x.Now() // asked for after the searches: what they found is due
	if err := x.s.send(); err != nil {
		return nil, err
	}
	slices.Sort(guids)
	guids = slices.Compact(guids)
	return x.imagesOf(guids)
}

const (
	rowsOf     = "SELECT nextval('fences'), guid, " + requestColumns + " FROM requests WHERE guid = ANY ($1)"
	allTasksOf = "SELECT " + taskColumns + " FROM tasks WHERE guid = ANY ($1)"
)

// imagesOf reads requests that are locked already.
func (x *tx) imagesOf(guids []string) (out []*image, err error) {
	var unread []string
	for _, guid := range guids {
		im, known := x.locks.images[guid]
		if !known {
			unread = append(unread, guid)
			im = &image{guid: guid, loaded: true}
			x.locks.images[guid] = im
			x.locks.order = append(x.locks.order, im)
		}
		out = append(out, im)
	}
	if len(unread) == 0 {
		return out, nil
	}
	x.s.queue(x.readRows, rowsOf, unread)
	x.s.queue(x.readAllTasks, allTasksOf, unread)
	if err := x.s.send(); err != nil {
		return nil, err
	}
	for _, im := range out { // those without a request are pinned
		if _, err := x.image(im.guid); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (x *tx) readRows(rows pgx.Rows) error {
	for rows.Next() {
		var fence int64
		row := &requestRow{}
		if err := rows.Scan(append([]any{&fence}, row.columns()...)...); err != nil {
			return err
		}
		im := x.locks.images[row.r.GUID]
		im.there, im.row, im.version, im.fence = true, row, row.r.Version, fence
	}
	return nil
}

func (x *tx) readAllTasks(rows pgx.Rows) error {
	for rows.Next() {
		t := &taskRow{}
		if err := scanTask(rows, &t.Task); err != nil {
			return err
		}
		im := x.locks.images[t.GUID]
		im.tasks = append(im.tasks, t)
	}
	return nil
}
