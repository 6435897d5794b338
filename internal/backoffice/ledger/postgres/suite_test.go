package postgres_test

import (
	"os"
	"testing"
	"time"

	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/ledger/ledgertest"
	"peyk/internal/backoffice/ledger/postgres"
	"peyk/internal/pgtest"
)

// server is the one of this process; it does not sync, for these tests are not
// about the loss of power.
var server *pgtest.Server

func TestMain(m *testing.M) {
	os.Exit(pgtest.Main(m, func(s *pgtest.Server) { server, postgres.Fresh = s, database }))
}

// database is a fresh one.
func database(tb testing.TB) string {
	tb.Helper()
	url, err := server.Database(tb.Context())
	if err != nil {
		tb.Fatal(err)
	}
	return url
}

// open opens a ledger until the test ends.
func open(tb testing.TB, c postgres.Config) *postgres.Ledger {
	tb.Helper()
	l, err := postgres.Open(tb.Context(), c)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = l.Close() }) // it never fails
	return l
}

func TestContract(t *testing.T) {
	t.Parallel()
	ledgertest.Run(t, func(t *testing.T, now func() time.Time) ledger.Ledger {
		c := postgres.Config{URL: database(t), Now: now, Conns: 4}
		return &reopener{open(t, c), c}
	})
}

// reopener shows the suite that rows outlast a restart.
type reopener struct {
	*postgres.Ledger
	config postgres.Config
}

func (r *reopener) Reopen(t *testing.T) ledger.Ledger {
	t.Helper()
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	return &reopener{open(t, r.config), r.config}
}
