package sqlite

import (
	"fmt"
	"time"

	"peyk/internal/backoffice/ledger"
)

// Each is one or two short ranges per kind; the kinds that are owed are found by
// skipping from one to the next.
const (
	kindsOwed = `WITH RECURSIVE k (kind) AS (
		SELECT min(kind) FROM tasks WHERE done = 0 AND leased_till IS NULL
		UNION ALL SELECT (SELECT min(kind) FROM tasks WHERE done = 0 AND leased_till IS NULL AND kind > k.kind) FROM k WHERE k.kind IS NOT NULL),
	l (kind) AS (
		SELECT min(kind) FROM tasks WHERE done = 0 AND leased_till IS NOT NULL
		UNION ALL SELECT (SELECT min(kind) FROM tasks WHERE done = 0 AND leased_till IS NOT NULL AND kind > l.kind) FROM l WHERE l.kind IS NOT NULL)
	SELECT kind FROM k WHERE kind IS NOT NULL UNION SELECT kind FROM l WHERE kind IS NOT NULL ORDER BY kind`
	countOwed = `SELECT
		(SELECT count(*) FROM (SELECT 1 FROM tasks WHERE kind = ?1 AND done = 0 AND leased_till IS NULL LIMIT ?3)),
		(SELECT count(*) FROM (SELECT 1 FROM tasks WHERE kind = ?1 AND done = 0 AND leased_till IS NOT NULL LIMIT ?3)),
		(SELECT count(*) FROM (SELECT 1 FROM tasks WHERE kind = ?1 AND done = 0 AND leased_till IS NULL AND due_at <= ?2 LIMIT ?3)),
		(SELECT min(due_at) FROM tasks WHERE kind = ?1 AND done = 0 AND leased_till IS NULL AND due_at <= ?2)`
)

// Owed counts what is owed, by kind.
func (v *view) Owed() (map[ledger.Kind]ledger.Owed, error) {
	kinds, err := all(v, column[ledger.Kind], kindsOwed)
	if err != nil {
		return nil, fmt.Errorf("look which kinds are owed: %w", err)
	}
	out := make(map[ledger.Kind]ledger.Owed, len(kinds))
	for _, k := range kinds {
		o, err := one(v, func(row scanner, o *ledger.Owed) error {
			var leased int
			err := row.Scan(&o.Open, &leased, &o.Due, (*instant)(&o.First))
			o.Open = min(o.Open+leased, ledger.CountLimit)
			return err
		}, countOwed, string(k), at(v.now), ledger.CountLimit)
		if err != nil {
			return nil, fmt.Errorf("count what is owed of %s: %w", k, err)
		}
		out[k] = o
	}
	return out, nil
}

const failingTasks = "SELECT " + taskColumns + ` FROM tasks WHERE done = 0 AND last_error <> ''
	ORDER BY created_at, guid, kind, subject LIMIT ?`

// FailingTasks gives open tasks whose last try failed.
func (v *view) FailingTasks(limit int) ([]ledger.Task, error) {
	rows, err := all(v, scanTask, failingTasks, bound(limit))
	if err != nil {
		return nil, fmt.Errorf("read failing tasks: %w", err)
	}
	return rows, nil
}

// A state is chosen before a span by who has no statistics yet: the index is named.
const deliveries = `SELECT count(*), count(expected_by), coalesce(sum(stored_at > expected_by), 0) FROM requests INDEXED BY requests_delivered
	WHERE state = 'DELIVERED' AND stored_at IS NOT NULL AND ended_at >= ? AND ended_at < ?`

// Deliveries counts what was delivered.
func (v *view) Deliveries(from, to time.Time) (ledger.Deliveries, error) {
	d, err := one(v, func(row scanner, d *ledger.Deliveries) error {
		return row.Scan(&d.Count, &d.Promised, &d.Late)
	}, deliveries, at(from), at(to))
	if err != nil {
		return d, fmt.Errorf("count deliveries from %s to %s: %w", from, to, err)
	}
	return d, nil
}

const took = `SELECT stored_at - accepted_at FROM requests INDEXED BY requests_delivered
	WHERE state = 'DELIVERED' AND stored_at IS NOT NULL AND ended_at >= ? AND ended_at < ?
	ORDER BY ended_at DESC LIMIT ?`

// Took gives how long what was delivered took.
func (v *view) Took(from, to time.Time, limit int) ([]time.Duration, error) {
	rows, err := all(v, func(row scanner, d *time.Duration) error {
		err := row.Scan(d)
		*d *= time.Microsecond
		return err
	}, took, at(from), at(to), bound(limit))
	if err != nil {
		return nil, fmt.Errorf("read how long deliveries from %s to %s took: %w", from, to, err)
	}
	return rows, nil
}

const lateTold = `SELECT guid FROM requests
	WHERE ended_at IS NULL AND stored_at IS NULL AND late_at IS NOT NULL ORDER BY expected_by, guid LIMIT ?`

// LateTold gives requests that are late, and were said to be.
func (v *view) LateTold(limit int) ([]string, error) {
	guids, err := all(v, column[string], lateTold, bound(limit))
	if err != nil {
		return nil, fmt.Errorf("read late requests: %w", err)
	}
	return guids, nil
}

const lostMails = "SELECT " + mailColumns + ` FROM mails WHERE state IN ('bounced', 'given_up', 'unconfirmed') AND at >= ?
	ORDER BY at DESC, guid, generation, subject, account LIMIT ?`

// LostMails gives letters that did not arrive for sure.
func (v *view) LostMails(since time.Time, limit int) ([]ledger.Mail, error) {
	rows, err := all(v, scanMail, lostMails, at(since), bound(limit))
	if err != nil {
		return nil, fmt.Errorf("read letters lost since %s: %w", since, err)
	}
	return rows, nil
}

const parkedColumns = "id, role, subject, sequence, raw, cause, at, resolved_at, resolved_by, reason"

func scanParked(row scanner, p *ledger.Parked) error {
	var sequence int64 // SQLite has no unsigned numbers: the same 64 bits
	err := row.Scan(&p.ID, &p.Role, &p.Subject, &sequence, &p.Raw, &p.Cause, (*instant)(&p.At),
		(*instant)(&p.ResolvedAt), &p.ResolvedBy, &p.Reason)
	p.Sequence = uint64(sequence)
	return err
}

// ParkedPayload gives one.
func (v *view) ParkedPayload(id int64) (ledger.Parked, error) {
	p, err := one(v, scanParked, "SELECT "+parkedColumns+" FROM parked WHERE id = ?", id)
	if err != nil {
		return p, fmt.Errorf("read parked payload %d: %w", id, err)
	}
	return p, nil
}

// Beats gives what processes said of themselves.
func (v *view) Beats() ([]ledger.Beat, error) {
	rows, err := all(v, func(row scanner, b *ledger.Beat) error {
		return row.Scan(&b.Process, &b.Part, &b.OK, (*instant)(&b.Since), (*instant)(&b.At), (*[]byte)(&b.Figures))
	}, "SELECT process, part, ok, since, at, figures FROM beats ORDER BY process, part")
	if err != nil {
		return nil, fmt.Errorf("read beats: %w", err)
	}
	return rows, nil
}

// CloseTask settles one open task.
func (x *tx) CloseTask(k ledger.Key) error {
	t, had, err := x.task(k)
	if err == nil && (!had || t.Done) {
		err = ledger.ErrNotFound
	}
	if err == nil {
		t.Done, t.LeasedTill, t.Worker = true, time.Time{}, ""
		err = x.putTask(t)
	}
	if err != nil {
		return fmt.Errorf("close %s %q of %s: %w", k.Kind, k.Subject, k.GUID, err)
	}
	return nil
}

// ResolveParked settles a payload.
func (x *tx) ResolveParked(id int64, by, reason string) error {
	n, err := x.exec("UPDATE parked SET resolved_at = ?, resolved_by = ?, reason = ? WHERE id = ? AND resolved_at IS NULL",
		at(x.now), by, reason, id)
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
	err := x.run("INSERT OR REPLACE INTO beats (process, part, ok, since, at, figures) VALUES (?, ?, ?, ?, ?, ?)",
		b.Process, b.Part, b.OK, at(b.Since), at(b.At), []byte(b.Figures))
	if err != nil {
		return fmt.Errorf("write the beat of %s, %s: %w", b.Process, b.Part, err)
	}
	return nil
}

// dropBeats forgets processes long gone.
func (x *tx) dropBeats() error {
	if err := x.run("DELETE FROM beats WHERE at < ?", at(x.now.Add(-ledger.BeatTime))); err != nil {
		return fmt.Errorf("drop old beats: %w", err)
	}
	return nil
}
