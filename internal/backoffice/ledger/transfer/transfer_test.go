package transfer_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/ledger/ledgertest"
	"peyk/internal/backoffice/ledger/postgres"
	"peyk/internal/backoffice/ledger/sqlite"
	"peyk/internal/backoffice/ledger/transfer"
	"peyk/internal/pgtest"
)

var server *pgtest.Server

// template is a database with the ledger's tables.
var template func() (url string, err error)

func TestMain(m *testing.M) {
	os.Exit(pgtest.Main(m, func(s *pgtest.Server) {
		server = s
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
func database(t *testing.T) string {
	t.Helper()
	url, err := template()
	if err == nil {
		url, err = server.Copy(t.Context(), url)
	}
	if err != nil {
		t.Fatal(err)
	}
	return url
}

// empty is a fresh database without tables, as an operator makes it.
func empty(t *testing.T) string {
	t.Helper()
	url, err := server.Database(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return url
}

// requests is how many the source holds.
const requests = 60

// source is a filled ledger, closed, and what else was done to it.
func source(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ledger.db")
	l, err := sqlite.Open(t.Context(), sqlite.Config{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for n := 1; n <= requests; n++ {
		if err := l.Update(t.Context(), func(tx ledger.Tx) error { return ledgertest.Fill(tx, n) }); err != nil {
			t.Fatal(err)
		}
	}
	for range given/20 - 1 { // leases that are over at once
		lease(t, l, func(tx ledger.Tx, l ledger.Lease, _ int) error { return tx.Settle(l, ledger.Settlement{}) })
	}
	lease(t, l, func(tx ledger.Tx, l ledger.Lease, i int) error {
		if i%2 == 0 {
			return tx.Settle(l, ledger.Settlement{Done: i%4 == 0, Error: "olmadı"})
		}
		return nil
	})
	return path
}

// given is how many fences the source has given.
const given = 500

// lease takes twenty tasks.
func lease(t *testing.T, l ledger.Ledger, each func(tx ledger.Tx, l ledger.Lease, i int) error) {
	t.Helper()
	err := l.Update(t.Context(), func(tx ledger.Tx) error {
		leases, err := tx.Lease(ledger.Wanted{Kinds: []ledger.Kind{ledger.Submit}, Limit: 20, Worker: "işçi", For: time.Hour})
		for i, lease := range leases {
			err = errors.Join(err, each(tx, lease, i))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// count is the number of rows of each table of the target.
func count(t *testing.T, url string, query string) (n int) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if err := conn.QueryRow(t.Context(), query).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

const all = `SELECT (SELECT count(*) FROM requests) + (SELECT count(*) FROM journal) + (SELECT count(*) FROM accounts)
	+ (SELECT count(*) FROM tasks) + (SELECT count(*) FROM notices)`

func TestACopyEqualsItsSourceAndGoesOn(t *testing.T) {
	t.Parallel()
	path, url := source(t), empty(t)
	tables, err := transfer.Copy(t.Context(), path, url)
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range tables {
		if !table.Same() || table.From == 0 {
			t.Errorf("%+v", table)
		}
	}
	from, err := sqlite.Open(t.Context(), sqlite.Config{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	defer from.Close()
	to, err := postgres.Open(t.Context(), postgres.Config{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	defer to.Close()
	checkEqual(t, from, to)
	checkGoesOn(t, from, to)
	if _, err := transfer.Copy(t.Context(), path, database(t)); !errors.Is(err, sqlite.ErrLocked) {
		t.Errorf("a copy of a ledger in use: %v; want %v", err, sqlite.ErrLocked)
	}
}

func checkEqual(t *testing.T, from, to ledger.Ledger) {
	t.Helper()
	err := from.View(t.Context(), func(want ledger.View) error {
		return to.View(t.Context(), func(got ledger.View) error {
			d, err := ledgertest.Difference(got, want, requests)
			if d != "" {
				t.Errorf("the copy differs:\n%s", d)
			}
			return err
		})
	})
	if err != nil {
		t.Fatal(err)
	}
}

// checkGoesOn works on both and compares again: numbers go on above the highest.
func checkGoesOn(t *testing.T, from, to ledger.Ledger) {
	t.Helper()
	var next int64
	for _, l := range []ledger.Ledger{from, to} {
		err := l.Update(t.Context(), func(tx ledger.Tx) error {
			leases, err := tx.Lease(ledger.Wanted{Kinds: []ledger.Kind{ledger.Submit}, Limit: 100, Worker: "w", For: time.Hour})
			for _, lease := range leases {
				if l == to && next == 0 {
					next = lease.Fence
				}
				err = errors.Join(err, tx.Settle(lease, ledger.Settlement{Done: true}))
			}
			return errors.Join(err, tx.Close("0198f2a4-5b1c-7def-8a01-000000000001", ledger.Submit),
				ledgertest.Fill(tx, requests+1))
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if next <= given {
		t.Errorf("the first fence of the copy is %d, though %d were given", next, given)
	}
	err := to.View(t.Context(), func(v ledger.View) error {
		notices, err := v.Notices(fmt.Sprint("Işıl ", requests+1), 0, 0)
		if err == nil && (len(notices) != 1 || notices[0].Seq <= requests) {
			t.Errorf("the next notice is %+v", notices)
		}
		parked, failed := v.Parked(0)
		if failed == nil && (len(parked) != requests+1 || parked[0].ID <= parked[1].ID) {
			t.Errorf("%d payloads are parked", len(parked))
		}
		return errors.Join(err, failed)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestTextThatPostgreSQLCannotHoldIsCarriedAsItKeepsIt: one odd reply of a relay
// must not hold up a whole ledger.
func TestTextThatPostgreSQLCannotHoldIsCarriedAsItKeepsIt(t *testing.T) {
	t.Parallel()
	path, url := filepath.Join(t.TempDir(), "ledger.db"), database(t)
	from, err := sqlite.Open(t.Context(), sqlite.Config{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	err = from.Update(t.Context(), func(tx ledger.Tx) error {
		return tx.PutAccount(ledger.Account{Name: "ayse", FullName: "Ay\x00şe\xff"})
	})
	if err := errors.Join(err, from.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := transfer.Copy(t.Context(), path, url); err != nil {
		t.Fatal(err)
	}
	if n := count(t, url, "SELECT count(*) FROM accounts WHERE full_name = 'Ay\uFFFDşe\uFFFD'"); n != 1 {
		t.Errorf("%d accounts came with the name as PostgreSQL keeps it, want 1", n)
	}
}

func TestATargetThatIsNotEmptyIsRefused(t *testing.T) {
	t.Parallel()
	path, url := source(t), database(t)
	to, err := postgres.Open(t.Context(), postgres.Config{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	defer to.Close()
	if err := to.Update(t.Context(), func(tx ledger.Tx) error { return tx.PutAccount(ledger.Account{Name: "ayse"}) }); err != nil {
		t.Fatal(err)
	}
	if _, err := transfer.Copy(t.Context(), path, url); !errors.Is(err, transfer.ErrNotEmpty) {
		t.Errorf("copy: %v; want %v", err, transfer.ErrNotEmpty)
	}
	if n := count(t, url, all); n != 1 {
		t.Errorf("the target has %d rows, want its one", n)
	}
}

func TestASourceThatIsNotThereIsNotMade(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "ledger.db")
	if _, err := transfer.Copy(t.Context(), path, database(t)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("copy: %v; want %v", err, os.ErrNotExist)
	}
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the source was made: %v", err)
	}
}

// TestACopyThatIsNotWhatWasSentIsNoticed: a trigger plays the store that spoils
// one value, loses one row, or adds one.
func TestACopyThatIsNotWhatWasSentIsNoticed(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]string{
		"a letter changed": `IF NEW.subject <> '' AND NEW.generation % 7 = 0 THEN NEW.letter = NEW.letter || '\x20'; END IF; RETURN NEW;`,
		"a row lost":       `IF NEW.guid LIKE '%3' THEN RETURN NULL; END IF; RETURN NEW;`,
		"a time moved":     `NEW.at = NEW.at + interval '1 microsecond'; RETURN NEW;`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path, url := source(t), database(t)
			conn, err := pgx.Connect(t.Context(), url)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close(context.Background())
			for _, query := range []string{
				"CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN " + spoil + " END $$",
				"CREATE TRIGGER spoil BEFORE INSERT ON mails FOR EACH ROW EXECUTE FUNCTION spoil()",
			} {
				if _, err := conn.Exec(t.Context(), query); err != nil {
					t.Fatal(err)
				}
			}
			tables, err := transfer.Copy(t.Context(), path, url)
			if !errors.Is(err, transfer.ErrDiffers) {
				t.Errorf("copy: %v; want %v", err, transfer.ErrDiffers)
			}
			for _, table := range tables {
				if table.Same() == (table.Name == "mails") {
					t.Errorf("%+v", table)
				}
			}
			if n := count(t, url, all); n != 0 {
				t.Errorf("the target has %d rows, want none", n)
			}
		})
	}
}
