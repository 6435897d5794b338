package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"peyk/internal/backoffice/ledger"
)

// usual bounds a list that was asked without a limit.
const usual = 100

// view implements ledger.View on one transaction, and lives as long as that.
type view struct {
	ctx   context.Context //nolint:containedctx // asked before each statement; ledger.View has no place for it
	s     *session
	locks *locks // of a writing transaction
}

var _ ledger.View = (*view)(nil)

// Now is the time of the transaction.
func (v *view) Now() time.Time {
	if v.s.now.IsZero() {
		_ = v.s.send() // a failure is told by whatever is asked next
	}
	return v.s.now
}

// about is called before anything is asked of a request: a writing transaction
// locks it first.
func (v *view) about(guid string) error {
	if err := v.ctx.Err(); err != nil {
		return err
	}
	if v.locks != nil {
		v.locks.take(v.s, guid)
	}
	return nil
}

// list reads rows that are about no single request.
func list[T any](v *view, scan func(pgx.Rows, *T) error, query string, args ...any) ([]T, error) {
	if err := v.ctx.Err(); err != nil {
		return nil, err
	}
	return all(v.s, scan, query, args...)
}

// single reads one row that is about no single request.
func single[T any](v *view, scan func(pgx.Rows, *T) error, query string, args ...any) (row T, err error) {
	if err := v.ctx.Err(); err != nil {
		return row, err
	}
	return one(v.s, scan, query, args...)
}

// View runs fn on one state of the database.
func (l *Ledger) View(ctx context.Context, fn func(ledger.View) error) error {
	conn, err := l.acquire(ctx)
	if err != nil {
		return err
	}
	limit, cancel := context.WithTimeout(context.WithoutCancel(ctx), answerTime)
	defer cancel()
	s := begin(limit, conn, l.clock, beginReading, readingTime)
	defer s.over()
	return fn(&view{ctx: ctx, s: s})
}

// bound is the limit of a list.
func bound(limit int) int {
	if limit <= 0 {
		return usual
	}
	return limit
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

// locks are the requests a writing transaction has locked, each with what its
// row holds.
type locks struct {
	rows  map[string]*requestRow // nil: there is no such request
	stale map[string]bool        // written since it was read
	tasks map[ledger.Key]ledger.Task
}

// written says that a locked row is no longer what was read.
func (l *locks) written(guid string) {
	l.rows[guid] = nil
	l.stale[guid] = true
}

const lockRequest = "SELECT guid, " + requestColumns + " FROM requests WHERE guid = $1 FOR NO KEY UPDATE"

// take locks a request, once, ahead of what follows.
func (l *locks) take(s *session, guid string) {
	if _, taken := l.rows[guid]; taken {
		return
	}
	l.rows[guid] = nil
	s.queueRead(func(rows pgx.Rows) error {
		for rows.Next() {
			row := &requestRow{}
			if err := row.scan(rows); err != nil {
				return fmt.Errorf("lock request %s: %w", guid, err)
			}
			l.rows[guid] = row
		}
		return nil
	}, lockRequest, guid)
}
