package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"peyk/internal/protocol"
)

// Delete removes generations up to one and leaves a tombstone, also for a
// report never seen. Repeating it changes nothing but the tombstone's age. Jobs
// under way are lost to whoever prepares them.
func (s *Store) Delete(ctx context.Context, guid string, generation int) error {
	var keys []string
	err := s.writer.write(ctx, func(tx *session) (err error) {
		keys, err = s.bury(tx, guid, generation, protocol.ReasonDeleted)
		return err
	})
	if err == nil {
		s.ended() // what was at work may have been deleted
		err = s.removeFiles(ctx, keys)
	}
	if err != nil {
		return fmt.Errorf("delete report %s up to generation %d: %w", guid, generation, err)
	}
	return nil
}

// bury does the rows of a deletion and gives the keys of the files that are
// now nobody's. The rev rises only if something was left to bury.
func (s *Store) bury(tx *session, guid string, generation int, reason string) ([]string, error) {
	keys, jobs, err := buryJobs(tx, guid, generation)
	if err != nil {
		return nil, err
	}
	var old int
	err = tx.QueryRow("select tombstone from reports where guid = ?", guid).Scan(&old)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return nil, err
	}
	if jobs > 0 || generation > old {
		if _, err := s.touch(tx, guid); err != nil {
			return nil, err
		}
		if _, err := tx.Exec("update reports set reason = ? where guid = ?", reason, guid); err != nil {
			return nil, err
		}
	}
	_, err = tx.Exec("update reports set tombstone = max(tombstone, ?), tombstoned_at = ? where guid = ?", generation, micros(s.cfg.Now()), guid)
	return keys, err
}

// buryJobs removes the rows of jobs and of their webhooks not yet sent.
func buryJobs(tx *session, guid string, generation int) (keys []string, jobs int, err error) {
	rows, err := tx.QueryContext(context.Background(), "delete from jobs where guid = ? and generation <= ? returning generation, attempt, results", guid, generation)
	if err != nil {
		return nil, 0, err
	}
	defer rows.Close()
	for rows.Next() {
		more, err := scanKeys(rows, guid)
		if err != nil {
			return nil, 0, err
		}
		keys = append(keys, more...)
		jobs++
	}
	if err := rows.Err(); err != nil {
		return nil, 0, err
	}
	_, err = tx.Exec("delete from webhooks where guid = ? and generation <= ?", guid, generation)
	return keys, jobs, err
}

// scanKeys reads generation, attempt and results of a job as its files' keys.
func scanKeys(rows *sql.Rows, guid string) ([]string, error) {
	var generation, attempt int
	var results string
	if err := rows.Scan(&generation, &attempt, &results); err != nil {
		return nil, err
	}
	var files []struct{}
	if err := fill(&files, results); err != nil {
		return nil, err
	}
	return fileKeys(guid, generation, attempt, len(files)), nil
}

func fileKeys(guid string, generation, attempt, n int) []string {
	keys := make([]string, n)
	for i := range keys {
		keys[i] = fileKey(guid, generation, attempt, i)
	}
	return keys
}

// removeFiles removes files no row names any more.
func (s *Store) removeFiles(ctx context.Context, keys []string) error {
	var all error
	for _, key := range keys {
		all = errors.Join(all, s.blobs.Delete(ctx, key))
	}
	return all
}

// expired is a report whose time is over.
type expired struct {
	guid       string
	generation int
}

// Expire removes the reports whose retention is over, as Delete does but with
// the reason expired and a webhook, and forgets tombstones whose time is over.
// It gives the time of the next expiry, zero if there is none.
func (s *Store) Expire(ctx context.Context) (next time.Time, err error) {
	due, err := s.expired(ctx)
	if err != nil {
		return next, fmt.Errorf("find expired reports: %w", err)
	}
	for _, e := range due {
		if err := s.expireOne(ctx, e); err != nil {
			return next, fmt.Errorf("expire report %s: %w", e.guid, err)
		}
	}
	if err := s.forget(ctx); err != nil {
		return next, fmt.Errorf("forget tombstones: %w", err)
	}
	var at sql.NullInt64
	err = s.db.QueryRowContext(ctx, "select min(expires_at) from jobs where expires_at > 0").Scan(&at)
	if err != nil {
		return next, fmt.Errorf("find the next expiry: %w", err)
	}
	return fromMicros(at.Int64), nil
}

func (s *Store) expired(ctx context.Context) ([]expired, error) {
	rows, err := s.db.QueryContext(ctx, "select guid, generation from jobs where expires_at > 0 and expires_at <= ?", micros(s.cfg.Now()))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []expired
	for rows.Next() {
		var e expired
		if err := rows.Scan(&e.guid, &e.generation); err != nil {
			return nil, err
		}
		list = append(list, e)
	}
	return list, rows.Err()
}

func (s *Store) expireOne(ctx context.Context, e expired) error {
	var keys []string
	err := s.writer.write(ctx, func(tx *session) (err error) {
		if keys, err = s.bury(tx, e.guid, e.generation, protocol.ReasonExpired); err != nil {
			return err
		}
		return s.announce(tx, e.guid, e.generation, protocol.Deleted)
	})
	if err != nil {
		return err
	}
	s.outbox.raise()
	return s.removeFiles(ctx, keys)
}

// forget removes what is left of reports whose tombstone is old enough.
func (s *Store) forget(ctx context.Context) error {
	before := micros(s.cfg.Now().Add(-s.cfg.Tombstone))
	return s.writer.write(ctx, func(tx *session) error {
		_, err := tx.Exec(`delete from reports where tombstoned_at > 0 and tombstoned_at <= ?
			and not exists (select 1 from jobs where jobs.guid = reports.guid)`, before)
		return err
	})
}

// Tidy removes files written before a moment that belong to no published
// result: those of attempts that died, and those a deletion did not get to.
func (s *Store) Tidy(ctx context.Context, before time.Time) error {
	keep, err := s.publishedKeys(ctx)
	if err != nil {
		return fmt.Errorf("list published files: %w", err)
	}
	for entry, err := range s.blobs.List(ctx, before) {
		if err != nil {
			return fmt.Errorf("tidy files: %w", err)
		}
		if !keep[entry.Key] {
			if err := s.blobs.Delete(ctx, entry.Key); err != nil {
				return fmt.Errorf("tidy files: %w", err)
			}
		}
	}
	return nil
}

func (s *Store) publishedKeys(ctx context.Context) (map[string]bool, error) {
	rows, err := s.db.QueryContext(ctx, "select generation, attempt, results, guid from jobs where state = ?", protocol.Ready)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	keep := map[string]bool{}
	for rows.Next() {
		var generation, attempt int
		var guid, results string
		if err := rows.Scan(&generation, &attempt, &results, &guid); err != nil {
			return nil, err
		}
		var files []struct{}
		if err := fill(&files, results); err != nil {
			return nil, err
		}
		for _, key := range fileKeys(guid, generation, attempt, len(files)) {
			keep[key] = true
		}
	}
	return keep, rows.Err()
}
