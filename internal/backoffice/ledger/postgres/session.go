package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"peyk/internal/backoffice/ledger"
)

// How a transaction begins.
const (
	beginWriting = "BEGIN ISOLATION LEVEL READ COMMITTED"
	beginReading = "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY"
)

// What time it is, and which transaction this is: a reading has no number.
const (
	writingTime = "SELECT now(), pg_current_xact_id()::text"
	readingTime = "SELECT now(), ''"
)

// session is one transaction on one connection. Statements whose answer nobody
// needs now wait in it and go out together with the next that does.
type session struct {
	ctx     context.Context //nolint:containedctx // bounds the whole transaction; ledger.View has no place for it
	conn    *pgxpool.Conn
	clock   *clock // nil: the database's
	waiting pgx.Batch
	reads   []func(pgx.Rows) error // what is done with the rows of each waiting one; nil: nothing
	sent    bool
	now     time.Time
	xid     string // of a writing transaction, once something was sent
	failed  error  // the first failure: PostgreSQL does nothing more in this transaction
}

// begin makes the session; nothing is sent before the first reading.
func begin(ctx context.Context, conn *pgxpool.Conn, c *clock, how, time string) *session {
	s := &session{ctx: ctx, conn: conn, clock: c}
	if c != nil {
		s.now = c.now()
	}
	s.queue(how)
	s.queueRead(s.readTime, time)
	return s
}

// readTime learns when the transaction began, and its number.
func (s *session) readTime(rows pgx.Rows) error {
	var now instant
	for rows.Next() {
		if err := rows.Scan(&now, &s.xid); err != nil {
			return fmt.Errorf("read the time: %w", err)
		}
	}
	if s.clock == nil {
		s.now = time.Time(now)
	}
	return nil
}

// when is the transaction's time as an argument: the texts read NULL as now().
func (s *session) when() any {
	if s.clock == nil {
		return nil
	}
	return s.now
}

// queue lets a statement wait.
func (s *session) queue(query string, args ...any) { s.queueRead(nil, query, args...) }

// queueRead lets a reading wait whose rows are for read.
func (s *session) queueRead(read func(pgx.Rows) error, query string, args ...any) {
	s.waiting.Queue(query, args...)
	s.reads = append(s.reads, read)
}

// send lets everything go that waits, and reads the answers.
func (s *session) send() error {
	if s.failed != nil {
		return s.failed
	}
	batch, reads := s.waiting, s.reads
	s.waiting, s.reads = pgx.Batch{}, nil
	if batch.Len() == 0 {
		return nil
	}
	s.sent = true
	answers := s.conn.SendBatch(s.ctx, &batch)
	var err error
	for _, read := range reads {
		if err = answer(answers, read); err != nil {
			break
		}
	}
	err = errors.Join(err, answers.Close())
	if err != nil {
		s.failed = err
	}
	return err
}

// answer takes that of one statement.
func answer(from pgx.BatchResults, read func(pgx.Rows) error) error {
	if read == nil {
		_, err := from.Exec()
		return err
	}
	rows, err := from.Query()
	if err != nil {
		return err
	}
	defer rows.Close()
	if err := read(rows); err != nil {
		return err
	}
	rows.Close()
	return rows.Err()
}

// exec runs a statement now and tells how many rows it changed.
func (s *session) exec(query string, args ...any) (changed int64, err error) {
	s.queueRead(func(rows pgx.Rows) error {
		for rows.Next() {
			continue
		}
		rows.Close()
		changed = rows.CommandTag().RowsAffected()
		return nil
	}, query, args...)
	err = s.send()
	return changed, err
}

// one reads a single row now, or ErrNotFound.
func one[T any](s *session, scan func(pgx.Rows, *T) error, query string, args ...any) (T, error) {
	var none T
	rows, err := all(s, scan, query, args...)
	switch {
	case err != nil:
		return none, err
	case len(rows) == 0:
		return none, ledger.ErrNotFound
	}
	return rows[0], nil
}

// all reads every row now.
func all[T any](s *session, scan func(pgx.Rows, *T) error, query string, args ...any) (out []T, err error) {
	s.queueRead(collect(&out, scan), query, args...)
	if err := s.send(); err != nil {
		return nil, err
	}
	return out, nil
}

// collect reads rows into out.
func collect[T any](out *[]T, scan func(pgx.Rows, *T) error) func(pgx.Rows) error {
	return func(rows pgx.Rows) error {
		for rows.Next() {
			var row T
			if err := scan(rows, &row); err != nil {
				return fmt.Errorf("read a row: %w", err)
			}
			*out = append(*out, row)
		}
		return nil
	}
}

// column scans a row of one column.
func column[T any](rows pgx.Rows, out *T) error { return rows.Scan(out) }
