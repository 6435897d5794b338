//go:build !race

package gateway_test

import (
	"path/filepath"
	"testing"
	"time"

	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/ledger/mem"
	"peyk/internal/backoffice/ledger/sqlite"
)

// ledgers are those that the whole path is tested with.
func ledgers() map[string]func(*testing.T) ledger.Ledger {
	return map[string]func(*testing.T) ledger.Ledger{
		"mem": func(*testing.T) ledger.Ledger { return mem.New(time.Now) },
		"sqlite": func(t *testing.T) ledger.Ledger {
			t.Helper()
			l, err := sqlite.Open(t.Context(), sqlite.Config{Path: filepath.Join(t.TempDir(), "ledger.db")})
			if err != nil {
				t.Fatal(err)
			}
			return l
		},
	}
}
