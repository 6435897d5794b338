package sqlite_test

import (
	"path/filepath"
	"testing"
	"time"

	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/ledger/sqlite"
)

func TestAbandonEndsTheLeasesOfADeadProcess(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "ledger.db")
	key := ledger.Key{GUID: "01a2082b-96d0-7c3e-9a41-5d0be27f8c16", Kind: ledger.Track}
	lease := func(l *sqlite.Ledger) (got []ledger.Lease) {
		t.Helper()
		err := l.Update(t.Context(), func(tx ledger.Tx) (err error) {
			got, err = tx.Lease(ledger.Wanted{Key: key, Limit: 1, Worker: "w", For: time.Hour})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	first, err := sqlite.Open(t.Context(), sqlite.Config{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	err = first.Update(t.Context(), func(tx ledger.Tx) error { return tx.Owe(ledger.Task{Key: key, DueAt: tx.Now()}) })
	if err != nil {
		t.Fatal(err)
	}
	old := lease(first)
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	second, err := sqlite.Open(t.Context(), sqlite.Config{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { second.Close() })
	if got := lease(second); len(got) != 0 {
		t.Fatalf("leased %v although the lease of the process before lasts", got)
	}
	if err := second.Abandon(t.Context()); err != nil {
		t.Fatal(err)
	}
	got := lease(second)
	if len(got) != 1 || got[0].Unclean != 2 || got[0].Fence <= old[0].Fence {
		t.Errorf("after Abandon leased %+v, want one, unclean twice, under a higher fence than %d", got, old[0].Fence)
	}
}
