package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"peyk/internal/backoffice/ledger"
)

// session is one transaction on one connection. Statements whose answer nobody
// needs now wait in it and go out together with the next that does.
type session struct {
	ctx     context.Context //nolint:containedctx // bounds the whole transaction; ledger.View has no place for it
	conn    *pgxpool.Conn
	waiting *pgx.Batch
	reads   []func(pgx.Rows) error // what is done with the rows of each waiting one; nil: nothing
	sent    bool
	heard   int       // how many of what was sent last were answered
	wrote   bool      // something is to be kept
	now     time.Time // zero: not known yet
	failed  error     // the first failure: PostgreSQL does nothing more in this transaction
	// another gives a new connection for one that turned out to be dead before
	// anything was read; nil: none.
	another func() (*pgxpool.Conn, error)
}

// begin makes the session; nothing is sent before the first reading.
func begin(ctx context.Context, conn *pgxpool.Conn, c *clock, how string) *session {
	s := &session{ctx: ctx, conn: conn, waiting: &pgx.Batch{}}
	if c != nil {
		s.now = c.now()
	}
	s.queue(nil, how)
	return s
}

// setTime keeps the first time that is read: it stands still from then on.
func (s *session) setTime(t instant) {
	if s.now.IsZero() {
		s.now = time.Time(t)
	}
}

// queue lets a statement wait whose rows are for read.
func (s *session) queue(read func(pgx.Rows) error, query string, args ...any) {
	for i, a := range args {
		args[i] = storable(a)
	}
	s.waiting.Queue(query, args...)
	s.reads = append(s.reads, read)
}

// write lets a statement wait that changes something.
func (s *session) write(query string, args ...any) {
	s.wrote = true
	s.queue(nil, query, args...)
}

// Storable gives the text as a ledger in PostgreSQL keeps it: what its text cannot
// hold, NUL and broken UTF-8, is U+FFFD there.
func Storable(text string) string { return clean(text) }

// storable cleans an argument: the last words of a relay or a provider must not
// keep a row from being written.
func storable(arg any) any {
	if text, ok := arg.(string); ok && !ledger.ValidText(text) {
		return clean(text)
	}
	return arg
}

func clean(text string) string {
	if ledger.ValidText(text) {
		return text
	}
	const replacement = "\uFFFD"
	return strings.ReplaceAll(strings.ToValidUTF8(text, replacement), "\x00", replacement)
}

// send lets everything go that waits, and reads the answers.
func (s *session) send() error {
	if s.failed != nil || s.waiting.Len() == 0 {
		return s.failed
	}
	first := !s.sent
	batch, reads := s.waiting, s.reads
	s.waiting, s.reads, s.sent = &pgx.Batch{}, nil, true
	err := s.exchange(batch, reads)
	if err != nil && first && s.heard == 0 && s.another != nil && s.broken() {
		err = s.resend(batch, reads, err)
	}
	s.failed = err
	return err
}

// exchange sends statements together and reads their answers.
func (s *session) exchange(batch *pgx.Batch, reads []func(pgx.Rows) error) (err error) {
	s.heard = 0
	answers := s.conn.SendBatch(s.ctx, batch)
	for _, read := range reads {
		if err = answer(answers, read); err != nil {
			break
		}
		s.heard++
	}
	if closed := answers.Close(); err == nil {
		err = closed
	}
	return err
}

// resend begins anew on another connection: a server that was started again
// leaves the pool with dead ones.
func (s *session) resend(batch *pgx.Batch, reads []func(pgx.Rows) error, lost error) error {
	conn, err := s.another()
	s.another = nil
	if err != nil {
		return errors.Join(lost, err)
	}
	s.conn.Release()
	s.conn = conn
	again := &pgx.Batch{}
	for _, q := range batch.QueuedQueries {
		again.Queue(q.SQL, q.Arguments...)
	}
	return s.exchange(again, reads)
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

// exec runs a statement now that changes something, and tells how many rows.
func (s *session) exec(query string, args ...any) (changed int64, err error) {
	s.wrote = true
	s.queue(func(rows pgx.Rows) error {
		rows.Close()
		changed = rows.CommandTag().RowsAffected()
		return nil
	}, query, args...)
	err = s.send()
	return changed, err
}

// over ends a transaction of which nothing is to be kept, however it went. A
// connection that cannot even do that is not given to another.
func (s *session) over() {
	if s.sent && !s.conn.Conn().IsClosed() {
		if _, err := s.conn.Exec(s.ctx, "ROLLBACK"); err != nil {
			_ = s.conn.Conn().Close(s.ctx) // the pool makes a new one
		}
	}
	s.conn.Release()
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
	s.queue(collect(&out, scan), query, args...)
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

// broken reports whether the connection is gone, and with it the transaction.
func (s *session) broken() bool { return s.conn.Conn().IsClosed() }
