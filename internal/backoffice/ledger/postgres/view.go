package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"peyk/internal/backoffice/ledger"
)

// usual bounds a list that was asked without a limit.
const usual = 100

// beginReading: one state of the database for all that is read.
const beginReading = "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY"

// readingTime is that of the transaction's begin, as the texts that compare with
// now() take it.
const readingTime = "SELECT now()"

// view implements ledger.View on one transaction, and lives as long as that.
type view struct {
	ctx   context.Context //nolint:containedctx // asked before each statement; ledger.View has no place for it
	s     *session
	clock *clock // nil: the database's
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

// when is the transaction's time as an argument: the texts read NULL as now().
func (v *view) when() any {
	if v.clock == nil && v.locks == nil {
		return nil
	}
	return v.Now()
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
	conn, err := l.acquire(ctx, l.reading)
	if err != nil {
		return err
	}
	limit, cancel := context.WithTimeout(context.WithoutCancel(ctx), answerTime)
	defer cancel()
	s := begin(limit, conn, l.clock, beginReading)
	defer s.over()
	s.another = func() (*pgxpool.Conn, error) {
		l.reading.Reset()
		return l.acquire(ctx, l.reading)
	}
	if l.clock == nil {
		s.queue(s.readTime, readingTime)
	}
	return fn(&view{ctx: ctx, s: s, clock: l.clock})
}

// readTime takes the answer to a question for the time alone.
func (s *session) readTime(rows pgx.Rows) error {
	var now instant
	for rows.Next() {
		if err := rows.Scan(&now); err != nil {
			return err
		}
		s.setTime(now)
	}
	return nil
}

// bound is the limit of a list.
func bound(limit int) int {
	if limit <= 0 {
		return usual
	}
	return limit
}
