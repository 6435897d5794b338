// Package ledgertest is the suite every implementation of the ledger passes.
//
// Promise: each sentence of the contract is a test of that name, on a fresh
// ledger with a clock moved by hand, so that no test waits and all run side by
// side. A property compares random transactions on tasks with a plain model; it
// prints the seed that repeats a failure. The suite is itself tested: ledgers
// that break one sentence each make it red.
//
// Limits: durability against loss of power is not shown here. That rows outlast
// a restart is shown only to ledgers that are Reopeners.
//
// Failure: a test that fails names the sentence, what was expected and what
// came; go test -run 'TestName/the_sentence' repeats it.
package ledgertest

import (
	"testing"
	"time"

	"peyk/internal/backoffice/ledger"
)

// Reopener is a ledger that can be closed and opened on what it has kept.
type Reopener interface {
	ledger.Ledger
	// Reopen closes the ledger and opens the same store anew.
	Reopen(t *testing.T) ledger.Ledger
}

// check is one sentence of the contract and what shows it.
type check struct {
	says  string
	shows func(w *world)
}

// Run shows the whole contract on ledgers from open. Each is fresh, takes its
// time from now, and is closed by the suite.
func Run(t *testing.T, open func(t *testing.T, now func() time.Time) ledger.Ledger) {
	t.Helper()
	for _, chapter := range [][]check{
		transactions(), panics(), crowds(), requests(), lists(), scopes(), searches(), journals(), moves(),
		owing(), leases(), settling(), parking(), dues(), rows(), copies(), letters(), notices(), following(), people(), watch(), ends(),
	} {
		for _, c := range chapter {
			t.Run(c.says, func(t *testing.T) {
				t.Parallel()
				c.shows(newWorld(t, open))
			})
		}
	}
	t.Run("tasks behave as the plain model does, whatever happens", func(t *testing.T) {
		t.Parallel()
		behaveAsModel(newWorld(t, open))
	})
	t.Run("searches and counts are those of a plain look at every request", func(t *testing.T) {
		t.Parallel()
		findAsPlainly(newWorld(t, open))
	})
}
