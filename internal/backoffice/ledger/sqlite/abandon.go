package sqlite

import (
	"context"
	"fmt"

	"peyk/internal/backoffice/ledger"
)

// Abandon ends the leases of processes before this one: the lock on the file
// says that none of them lives. Their tries stay counted as unclean. Call it
// before any work begins; it saves the wait for the leases to run out.
func (l *Ledger) Abandon(ctx context.Context) error {
	err := l.Update(ctx, func(t ledger.Tx) error {
		x := t.(*tx)
		x.recent.clear()
		return x.run("UPDATE tasks SET leased_till = NULL, worker = '' WHERE done = 0 AND leased_till IS NOT NULL")
	})
	if err != nil {
		return fmt.Errorf("end the leases of processes before this one: %w", err)
	}
	return nil
}
