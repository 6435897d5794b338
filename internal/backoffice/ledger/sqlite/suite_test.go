package sqlite_test

import (
	"path/filepath"
	"testing"
	"time"

	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/ledger/ledgertest"
	"peyk/internal/backoffice/ledger/sqlite"
)

func TestContract(t *testing.T) {
	t.Parallel()
	ledgertest.Run(t, func(t *testing.T, now func() time.Time) ledger.Ledger {
		c := sqlite.Config{Path: filepath.Join(t.TempDir(), "ledger.db"), Now: now}
		l, err := sqlite.Open(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		return &reopener{Ledger: l, config: c}
	})
}

// reopener shows the suite that rows outlast a restart.
type reopener struct {
	*sqlite.Ledger
	config sqlite.Config
}

func (r *reopener) Reopen(t *testing.T) ledger.Ledger {
	t.Helper()
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	l, err := sqlite.Open(t.Context(), r.config)
	if err != nil {
		t.Fatal(err)
	}
	return &reopener{Ledger: l, config: r.config}
}
