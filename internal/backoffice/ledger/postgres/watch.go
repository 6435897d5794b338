package postgres

import (
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"peyk/internal/backoffice/ledger"
)

// Each is one or two short ranges per kind; the kinds that are owed are found by
// skipping from one to the next.
const owed = `WITH RECURSIVE k (kind) AS (
		(SELECT kind FROM tasks WHERE NOT done AND leased_till IS NULL ORDER BY kind LIMIT 1)
		UNION ALL SELECT (SELECT t.kind FROM tasks t WHERE NOT t.done AND t.leased_till IS NULL AND t.kind > k.kind ORDER BY t.kind LIMIT 1)
			FROM k WHERE k.kind IS NOT NULL),
	l (kind) AS (
		(SELECT kind FROM tasks WHERE NOT done AND leased_till IS NOT NULL ORDER BY kind LIMIT 1)
		UNION ALL SELECT (SELECT t.kind FROM tasks t WHERE NOT t.done AND t.leased_till IS NOT NULL AND t.kind > l.kind ORDER BY t.kind LIMIT 1)
			FROM l WHERE l.kind IS NOT NULL),
	each (kind) AS (SELECT kind FROM k WHERE kind IS NOT NULL UNION SELECT kind FROM l WHERE kind IS NOT NULL)
	SELECT kind,
		(SELECT count(*) FROM (SELECT FROM tasks t WHERE t.kind = each.kind AND NOT t.done AND t.leased_till IS NULL LIMIT $2) AS n),
		(SELECT count(*) FROM (SELECT FROM tasks t WHERE t.kind = each.kind AND NOT t.done AND t.leased_till IS NOT NULL LIMIT $2) AS n),
		(SELECT count(*) FROM (SELECT FROM tasks t WHERE t.kind = each.kind AND NOT t.done AND t.leased_till IS NULL
			AND t.due_at <= coalesce($1::timestamptz, now()) LIMIT $2) AS n),
		(SELECT min(t.due_at) FROM tasks t WHERE t.kind = each.kind AND NOT t.done AND t.leased_till IS NULL
			AND t.due_at <= coalesce($1::timestamptz, now()))
	FROM each`

// Owed counts what is owed, by kind.
func (v *view) Owed() (map[ledger.Kind]ledger.Owed, error) {
	type count struct {
		kind ledger.Kind
		ledger.Owed
	}
	v.settled()
	rows, err := list(v, func(row pgx.Rows, c *count) error {
		var leased int
		err := row.Scan(&c.kind, &c.Open, &leased, &c.Due, (*instant)(&c.First))
		c.Open = min(c.Open+leased, ledger.CountLimit)
		return err
	}, owed, v.when(), ledger.CountLimit)
	if err != nil {
		return nil, fmt.Errorf("count what is owed: %w", err)
	}
	out := make(map[ledger.Kind]ledger.Owed, len(rows))
	for _, c := range rows {
		out[c.kind] = c.Owed
	}
	return out, nil
}

const failingTasks = "SELECT " + taskColumns + ` FROM tasks WHERE NOT done AND last_error <> ''
	ORDER BY created_at, guid, kind, subject LIMIT $1`

// FailingTasks gives open tasks whose last try failed.
func (v *view) FailingTasks(limit int) ([]ledger.Task, error) {
	v.settled()
	rows, err := list(v, scanTask, failingTasks, bound(limit))
	if err != nil {
		return nil, fmt.Errorf("read failing tasks: %w", err)
	}
	return rows, nil
}

const deliveries = `SELECT count(*), count(expected_by), count(*) FILTER (WHERE stored_at > expected_by) FROM requests
	WHERE state = 'DELIVERED' AND stored_at IS NOT NULL AND ended_at >= $1 AND ended_at < $2`

// Deliveries counts what was delivered.
func (v *view) Deliveries(from, to time.Time) (ledger.Deliveries, error) {
	d, err := single(v, func(row pgx.Rows, d *ledger.Deliveries) error {
		return row.Scan(&d.Count, &d.Promised, &d.Late)
	}, deliveries, at(from), at(to))
	if err != nil {
		return d, fmt.Errorf("count deliveries from %s to %s: %w", from, to, err)
	}
	return d, nil
}

const took = `SELECT accepted_at, stored_at FROM requests
	WHERE state = 'DELIVERED' AND stored_at IS NOT NULL AND ended_at >= $1 AND ended_at < $2
	ORDER BY ended_at DESC LIMIT $3`

// Took gives how long what was delivered took.
func (v *view) Took(from, to time.Time, limit int) ([]time.Duration, error) {
	rows, err := list(v, func(row pgx.Rows, d *time.Duration) error {
		var accepted, stored instant
		err := row.Scan(&accepted, &stored)
		*d = time.Time(stored).Sub(time.Time(accepted))
		return err
	}, took, at(from), at(to), bound(limit))
	if err != nil {
		return nil, fmt.Errorf("read how long deliveries from %s to %s took: %w", from, to, err)
	}
	return rows, nil
}

const lateTold = `SELECT guid FROM requests
	WHERE ended_at IS NULL AND stored_at IS NULL AND late_at IS NOT NULL ORDER BY expected_by, guid LIMIT $1`

// LateTold gives requests that are late, and were said to be.
func (v *view) LateTold(limit int) ([]string, error) {
	guids, err := list(v, column[string], lateTold, bound(limit))
	if err != nil {
		return nil, fmt.Errorf("read late requests: %w", err)
	}
	return guids, nil
}

const lostMails = "SELECT " + mailColumns + ` FROM mails WHERE state IN ('bounced', 'given_up', 'unconfirmed') AND at >= $1
	ORDER BY at DESC, guid, generation, subject, account LIMIT $2`

// LostMails gives letters that did not arrive for sure.
func (v *view) LostMails(since time.Time, limit int) ([]ledger.Mail, error) {
	rows, err := list(v, scanMail, lostMails, at(since), bound(limit))
	if err != nil {
		return nil, fmt.Errorf("read letters lost since %s: %w", since, err)
	}
	return rows, nil
}

const (
	parkedColumns = "id, role, subject, sequence, raw, cause, at, resolved_at, resolved_by, reason"
	parkedOpen    = "SELECT " + parkedColumns + " FROM parked WHERE resolved_at IS NULL ORDER BY id DESC LIMIT $1"
)

// ParkedPayload gives one.
func (v *view) ParkedPayload(id int64) (ledger.Parked, error) {
	p, err := single(v, scanParked, "SELECT "+parkedColumns+" FROM parked WHERE id = $1", id)
	if err != nil {
		return p, fmt.Errorf("read parked payload %d: %w", id, err)
	}
	return p, nil
}

// Beats gives what processes said of themselves.
func (v *view) Beats() ([]ledger.Beat, error) {
	rows, err := list(v, func(row pgx.Rows, b *ledger.Beat) error {
		return row.Scan(&b.Process, &b.Part, &b.OK, (*instant)(&b.Since), (*instant)(&b.At), (*[]byte)(&b.Figures))
	}, "SELECT process, part, ok, since, at, figures FROM beats ORDER BY process, part")
	if err != nil {
		return nil, fmt.Errorf("read beats: %w", err)
	}
	return rows, nil
}

// CloseTask settles one open task.
func (x *tx) CloseTask(k ledger.Key) error {
	im, err := x.image(k.GUID)
	if err != nil {
		return fmt.Errorf("close %s %q of %s: %w", k.Kind, k.Subject, k.GUID, err)
	}
	t := im.task(cleanKey(k))
	if t == nil || t.Done {
		return fmt.Errorf("close %s %q of %s: %w", k.Kind, k.Subject, k.GUID, ledger.ErrNotFound)
	}
	t.Done, t.LeasedTill, t.Worker, t.dirty = true, time.Time{}, "", true
	return nil
}

// ResolveParked settles a payload. Of two at once, the second waits for the
// first and changes no row.
func (x *tx) ResolveParked(id int64, by, reason string) error {
	var n int64
	err := x.ctx.Err()
	if err == nil {
		n, err = x.s.exec("UPDATE parked SET (resolved_at, resolved_by, reason) = ($1, $2, $3) WHERE id = $4 AND resolved_at IS NULL",
			at(x.Now()), by, reason, id)
	}
	if err == nil && n == 0 {
		if _, err = x.ParkedPayload(id); err == nil {
			err = ledger.ErrConflict
		}
	}
	if err != nil {
		return fmt.Errorf("resolve parked payload %d: %w", id, err)
	}
	return nil
}

// PutBeat adds or replaces one.
func (x *tx) PutBeat(b ledger.Beat) error {
	return x.plain(`INSERT INTO beats (process, part, ok, since, at, figures) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (process, part) DO UPDATE SET (ok, since, at, figures)
			= (excluded.ok, excluded.since, excluded.at, excluded.figures)`,
		b.Process, b.Part, b.OK, at(b.Since), at(b.At), []byte(b.Figures))
}
