package mem_test

import (
	"testing"
	"time"

	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/ledger/ledgertest"
	"peyk/internal/backoffice/ledger/mem"
)

func TestKeepsTheContract(t *testing.T) {
	t.Parallel()
	ledgertest.Run(t, func(_ *testing.T, now func() time.Time) ledger.Ledger { return mem.New(now) })
}
