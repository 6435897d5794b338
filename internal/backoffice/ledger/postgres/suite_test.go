package postgres_test

import (
	"context"
	"os"
	"sync"
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

// template is a database with the ledger's tables, made for the first test that
// needs one; the others get copies.
var template func() (url string, err error)

func TestMain(m *testing.M) {
	os.Exit(pgtest.Main(m, func(s *pgtest.Server) {
		server, postgres.Fresh = s, database
		template = sync.OnceValues(func() (string, error) { return migrated(s) })
	}))
}

// migrated makes a database on s with the ledger's tables in it.
func migrated(s *pgtest.Server) (string, error) {
	ctx := context.Background() // of the process, not of the test that comes first
	url, err := s.Database(ctx)
	if err != nil {
		return "", err
	}
	l, err := postgres.Open(ctx, postgres.Config{URL: url, Conns: 2})
	if err != nil {
		return "", err
	}
	return url, l.Close()
}

// database is a fresh one that has the ledger's tables.
func database(tb testing.TB) string {
	tb.Helper()
	url, err := template()
	if err == nil {
		url, err = server.Copy(tb.Context(), url)
	}
	if err != nil {
		tb.Fatal(err)
	}
	return url
}

// empty is a fresh database without tables.
func empty(tb testing.TB) string {
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
