package sqlite

import (
	"context"
	"path/filepath"
	"sync"
	"testing"

	"peyk/internal/backoffice/ledger"
)

// TestSteadyReadingDoesNotLetTheWALGrow writes ten times the bound while, at
// every moment, somebody reads.
func TestSteadyReadingDoesNotLetTheWALGrow(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "ledger.db")
	l, err := Open(t.Context(), Config{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	const most, row = 2 << 20, 100 << 10
	l.committer.wal.most, l.committer.wal.next = most, most

	ctx, stop := context.WithCancel(t.Context())
	var readers sync.WaitGroup
	defer func() { stop(); readers.Wait() }()
	for range 4 {
		readers.Go(func() {
			for ctx.Err() == nil {
				if err := l.View(t.Context(), func(v ledger.View) error { _, err := v.Accounts(); return err }); err != nil {
					t.Errorf("view: %v", err)
				}
			}
		})
	}
	for range 10 * most / row {
		err := l.Update(t.Context(), func(tx ledger.Tx) error {
			return tx.PutSession(ledger.Session{TokenHash: "a", Data: make([]byte, row), ExpiresAt: tx.Now()})
		})
		if err != nil {
			t.Fatal(err)
		}
		if size, err := l.committer.wal.size(); err != nil || size > most+4*row {
			t.Fatalf("the WAL has %d bytes, %v; want at most about %d", size, err, most)
		}
	}
}
