//go:build race

package gateway_test

import (
	"testing"
	"time"

	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/ledger/mem"
)

// ledgers has no SQLite: it takes minutes to compile for the race detector.
func ledgers() map[string]func(*testing.T) ledger.Ledger {
	return map[string]func(*testing.T) ledger.Ledger{
		"mem": func(*testing.T) ledger.Ledger { return mem.New(time.Now) },
	}
}
