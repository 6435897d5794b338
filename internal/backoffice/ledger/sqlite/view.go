package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"peyk/internal/backoffice/ledger"
)

// usual bounds a list that was asked without a limit.
const usual = 100

// view implements ledger.View on a session with a transaction open, and lives
// as long as that.
type view struct {
	ctx context.Context //nolint:containedctx // asked before each statement; ledger.View has no place for it
	s   *session
	now time.Time
}

var _ ledger.View = (*view)(nil)

// Now is the time of the transaction.
func (v *view) Now() time.Time { return v.now }

// stmt gives the statement for a reading that is still wanted.
func (v *view) stmt(query string) (*sql.Stmt, error) {
	if err := v.ctx.Err(); err != nil {
		return nil, err
	}
	return v.s.stmt(query)
}

// tx implements ledger.Tx on the committer's session.
type tx struct {
	view
	fence  *int64
	recent *recent
}

var _ ledger.Tx = (*tx)(nil)

func (x *tx) exec(query string, args ...any) (int64, error) {
	return x.s.exec(query, args...)
}

// run is exec for who does not ask how many rows it changed.
func (x *tx) run(query string, args ...any) error {
	_, err := x.s.exec(query, args...)
	return err
}

// View runs fn on a reading connection; it waits while all are taken.
func (l *Ledger) View(ctx context.Context, fn func(ledger.View) error) error {
	s, err := l.readers.take(ctx)
	if err != nil {
		return err
	}
	defer l.readers.handBack(s)
	if _, err := s.exec("BEGIN"); err != nil {
		return fmt.Errorf("begin a reading: %w", err)
	}
	return fn(&view{ctx: ctx, s: s, now: l.clock.now()})
}

// bound is the limit of a list.
func bound(limit int) int {
	if limit <= 0 {
		return usual
	}
	return limit
}
