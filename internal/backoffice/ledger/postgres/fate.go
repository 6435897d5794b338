package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// How long, and how often, the database is asked what became of a commit whose
// answer was lost.
const (
	fateTime  = 10 * time.Second
	fatePause = 100 * time.Millisecond
)

// fate finds out what became of the transaction with this number: the answer to
// its COMMIT was lost, for this reason.
func (l *Ledger) fate(ctx context.Context, xid string, lost error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), fateTime)
	defer cancel()
	for {
		status, err := l.status(ctx, xid)
		switch status {
		case "committed":
			return nil
		case "aborted":
			return fmt.Errorf("commit to the ledger: %w", lost)
		}
		if ctx.Err() != nil || l.closed.Load() {
			return fmt.Errorf("commit to the ledger: %w: %w", ErrUnknown, errors.Join(lost, err))
		}
		pause(ctx, fatePause) // it is still in progress, or the database away
	}
}

// status of a transaction: committed, aborted or in progress; "" if the database
// cannot be asked.
func (l *Ledger) status(ctx context.Context, xid string) (status string, err error) {
	err = l.pool.QueryRow(ctx, "SELECT coalesce(pg_xact_status($1::xid8), '')", xid).Scan(&status)
	return status, err
}
