package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"peyk/internal/protocol"
)

// Known looks whether a submission was accepted before, in which case it gives
// the operation as it is now. It refuses what Submit would refuse. Asked before
// the catalog is, it lets a replay be answered even when the catalog changed.
func (r *Reader) Known(ctx context.Context, s protocol.Submission) (o protocol.Operation, known bool, err error) {
	return lookUp(ctx, r.db, s)
}

// lookUpQuery reads, of one moment, the report and the body its generation was
// asked for with.
const lookUpQuery = "select (select body_hash from jobs where guid = ?1 and generation = ?2), o.* from (" + operationQuery + "where r.guid = ?1) o"

func lookUp(ctx context.Context, q querier, s protocol.Submission) (o protocol.Operation, known bool, err error) {
	var hash sql.NullString
	o, err = scanOperation(behind{q.QueryRowContext(ctx, lookUpQuery, s.ReportID, s.Generation), &hash})
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return protocol.Operation{}, false, nil
	case err != nil:
		return o, false, fmt.Errorf("look for report %s generation %d: %w", s.ReportID, s.Generation, err)
	case hash.Valid && hash.String != s.BodyHash:
		return o, false, ErrKeyReused
	case !hash.Valid && s.Generation <= o.Generation:
		return o, false, ErrTombstoned // deleted, or passed over by a higher one
	}
	return o, hash.Valid, nil
}

// behind scans a row with one more column in front.
type behind struct {
	row   *sql.Row
	first any
}

// Scan reads that column, too.
func (b behind) Scan(rest ...any) error { return b.row.Scan(append([]any{b.first}, rest...)...) }

// Submit accepts a submission: when it returns, the job is queued durably. A
// replay changes nothing and gives the operation as it is now. It refuses with
// ErrTombstoned and ErrKeyReused. etaSeconds is what the operation will say.
func (s *Store) Submit(ctx context.Context, sub protocol.Submission, etaSeconds int) (protocol.Operation, error) {
	request, err := json.Marshal(sub.SubmitRequest)
	if err != nil {
		return protocol.Operation{}, fmt.Errorf("submit report %s: %w", sub.ReportID, err)
	}
	var o protocol.Operation
	err = s.writer.write(ctx, func(tx *session) error {
		var known bool
		o, known, err = lookUp(ctx, tx, sub)
		if err != nil || known {
			return err
		}
		if _, err := s.touch(tx, sub.ReportID); err != nil {
			return err
		}
		_, err := tx.Exec(`insert into jobs (guid, generation, state, body_hash, type, request, eta_seconds, queued_at) values (?, ?, ?, ?, ?, ?, ?, ?)`,
			sub.ReportID, sub.Generation, protocol.Queued, sub.BodyHash, sub.Type, string(request), etaSeconds, micros(s.cfg.Now()))
		if err != nil {
			return err
		}
		o, err = operation(ctx, tx, sub.ReportID)
		return err
	})
	if err != nil {
		return protocol.Operation{}, fmt.Errorf("submit report %s generation %d: %w", sub.ReportID, sub.Generation, err)
	}
	s.queued.raise()
	return o, nil
}

// touch raises the rev of a report, making the report if it is new, and gives
// the new rev. Every change goes through here, in the change's transaction.
func (s *Store) touch(tx *session, guid string) (rev int64, err error) {
	err = tx.QueryRow(`insert into reports (guid, rev, updated_at) values (?1, 1, ?2)
		on conflict (guid) do update set rev = rev + 1, updated_at = max(updated_at, ?2) returning rev`,
		guid, micros(s.cfg.Now())).Scan(&rev)
	if err != nil {
		return 0, fmt.Errorf("raise rev of %s: %w", guid, err)
	}
	return rev, nil
}
