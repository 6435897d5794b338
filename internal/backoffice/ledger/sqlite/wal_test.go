package sqlite

import (
	"context"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"peyk/internal/backoffice/ledger"
)

// TestSteadyReadingDoesNotLetTheWALGrow writes four times the bound while, at
// every moment, somebody reads.
func TestSteadyReadingDoesNotLetTheWALGrow(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "ledger.db")
	l, err := Open(t.Context(), Config{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	const most, row = 1 << 20, 64 << 10
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
	for range 4 * most / row {
		err := l.Update(t.Context(), func(tx ledger.Tx) error {
			return tx.PutSession(ledger.Session{TokenHash: "a", Data: make([]byte, row), ExpiresAt: tx.Now()})
		})
		if err != nil {
			t.Fatal(err)
		}
		if size, err := l.engine.Size(path + "-wal"); err != nil || size > most+6*row {
			t.Fatalf("the WAL has %d bytes, %v; want at most about %d", size, err, most)
		}
	}
}

// A reading may wait for a change, and so for the committer: when the WAL is
// due to be folded in, neither may wait for the other for ever.
func TestAReadingMayWaitForAChangeThatFoldsTheWALIn(t *testing.T) {
	t.Parallel()
	l, err := Open(t.Context(), Config{Path: filepath.Join(t.TempDir(), "ledger.db")})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	l.committer.wal.next, l.committer.wal.pause = 1, time.Millisecond
	err = l.View(t.Context(), func(ledger.View) error {
		for range 3 { // the first is answered before the WAL is folded in
			if err := l.Update(t.Context(), func(tx ledger.Tx) error { return tx.PutToken(ledger.Token{Hash: "a"}) }); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
