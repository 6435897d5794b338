package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/ledger/postgres"
	"peyk/internal/report"
)

var errNo = errors.New("no, after all")

// put is a change that keeps an account of that name.
func put(name string) func(ledger.Tx) error {
	return func(tx ledger.Tx) error { return tx.PutAccount(ledger.Account{Name: name}) }
}

// kept reports whether a change put was kept.
func kept(t *testing.T, l ledger.Ledger, name string) bool {
	t.Helper()
	err := l.View(context.Background(), func(v ledger.View) error {
		_, err := v.Account(name)
		return err
	})
	if err != nil && !errors.Is(err, ledger.ErrNotFound) {
		t.Fatal(err)
	}
	return err == nil
}

// TestHoweverAChangeEndsItsConnectionIsFree: with one connection that writes, the
// next change shows it.
func TestHoweverAChangeEndsItsConnectionIsFree(t *testing.T) {
	t.Parallel()
	l := open(t, postgres.Config{URL: database(t), Conns: 2})
	for _, end := range []struct {
		name string
		how  func() error
	}{
		{"error", func() error { return errNo }},
		{"panic", func() error { panic(errNo) }},
		{"exit", func() error { runtime.Goexit(); return nil }},
	} {
		var gone sync.WaitGroup
		gone.Go(func() {
			defer func() { _ = recover() }()
			_ = l.Update(t.Context(), func(tx ledger.Tx) error { return errors.Join(put(end.name)(tx), end.how()) })
		})
		gone.Wait()
		if kept(t, l, end.name) {
			t.Errorf("what ended with %s was kept", end.name)
		}
		if err := l.Update(t.Context(), put("after "+end.name)); err != nil || !kept(t, l, "after "+end.name) {
			t.Errorf("the change after one that ended with %s: %v", end.name, err)
		}
	}
}

func TestAContextThatEndsOnceItRunsChangesNothing(t *testing.T) {
	t.Parallel()
	l := open(t, postgres.Config{URL: database(t)})
	ctx, cancel := context.WithCancel(t.Context())
	err := l.Update(ctx, func(tx ledger.Tx) error {
		cancel()
		return put("a")(tx)
	})
	if err != nil || !kept(t, l, "a") {
		t.Errorf("update: %v, kept %v; want it kept and known to be", err, kept(t, l, "a"))
	}
}

// TestAChangeMayRead: readings have connections of their own.
func TestAChangeMayRead(t *testing.T) {
	t.Parallel()
	l := open(t, postgres.Config{URL: database(t), Conns: 2})
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			err := l.Update(t.Context(), func(tx ledger.Tx) error {
				return errors.Join(put(fmt.Sprint(i))(tx), l.View(t.Context(), func(v ledger.View) error { _, err := v.Accounts(); return err }))
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
}

func TestACancelledReadingHandsItsConnectionBack(t *testing.T) {
	t.Parallel()
	l := open(t, postgres.Config{URL: database(t), Conns: 2})
	ctx, cancel := context.WithCancel(t.Context())
	err := l.View(ctx, func(v ledger.View) error {
		cancel()
		_, err := v.Accounts()
		return err
	})
	if fmt.Sprint(err) != "read accounts: context canceled" {
		t.Errorf("a cancelled reading: %v", err)
	}
	if err := l.View(t.Context(), func(v ledger.View) error { _, err := v.Accounts(); return err }); err != nil {
		t.Errorf("the reading after it: %v", err)
	}
}

// TestTwoThatWaitForEachOtherBothGoOn: PostgreSQL gives one up, and it is run
// again.
func TestTwoThatWaitForEachOtherBothGoOn(t *testing.T) {
	t.Parallel()
	p := newPair(t)
	p.accept(1)
	p.accept(2)
	var first [2]sync.Once
	var met sync.WaitGroup
	met.Add(2)
	runs := make([]int, 2)
	err := p.crowd(2, func(l ledger.Ledger, member int) error {
		return l.Update(t.Context(), func(tx ledger.Tx) error {
			runs[member]++
			if _, err := tx.Request(guid(1 + member)); err != nil {
				return err
			}
			first[member].Do(func() { met.Done(); met.Wait() })
			return tx.Append(report.Entry{GUID: guid(2 - member), Kind: report.KindFact, Name: "met"})
		})
	})
	if err != nil || runs[0]+runs[1] != 3 {
		t.Errorf("after %v runs: %v; want one of them twice", runs, err)
	}
}

// TestAWriteThatWaitedAndFailedIsAnErrorOfUpdate: its fn could not be told.
func TestAWriteThatWaitedAndFailedIsAnErrorOfUpdate(t *testing.T) {
	t.Parallel()
	l := open(t, postgres.Config{URL: database(t)})
	err := l.Update(t.Context(), func(tx ledger.Tx) error {
		return errors.Join(put("before")(tx), put(strings.Repeat("unlike words ", 1<<16))(tx), put("after")(tx))
	})
	if err == nil {
		t.Error("a name too long for an index was taken")
	}
	for _, name := range []string{"before", "after"} {
		if kept(t, l, name) {
			t.Errorf("account %q was kept", name)
		}
	}
}

// TestAValueThatDoesNotFitHurtsNobodyElse: it is refused on this side of the
// connection, where nothing of the COMMIT was sent.
func TestAValueThatDoesNotFitHurtsNobodyElse(t *testing.T) {
	t.Parallel()
	l := open(t, postgres.Config{URL: database(t), Conns: 2})
	for range 2 {
		err := l.Update(t.Context(), func(tx ledger.Tx) error {
			_, err := tx.Accounts()
			return errors.Join(err, tx.PutMail(ledger.Mail{GUID: guid(1), Generation: 1 << 40}))
		})
		if err == nil || errors.Is(err, postgres.ErrUnknown) {
			t.Errorf("update: %v; want it refused", err)
		}
		if err := l.Update(t.Context(), put("a")); err != nil {
			t.Errorf("the change after it: %v", err)
		}
	}
}

// TestTextPostgreSQLCannotHoldIsKeptAsFarAsItCan: a relay's last words must not
// keep the fate of a letter from being written.
func TestTextPostgreSQLCannotHoldIsKeptAsFarAsItCan(t *testing.T) {
	t.Parallel()
	p := newPair(t)
	p.accept(1)
	k := ledger.Key{GUID: guid(1), Kind: ledger.Fetch, Subject: "a\x00b\xff.pdf"}
	p.update(func(tx ledger.Tx) error { return tx.Owe(ledger.Task{Key: k}) })
	l := p.lease(k)
	p.update(func(tx ledger.Tx) error {
		return errors.Join(tx.Settle(l, ledger.Settlement{Error: "550 \x00\xfe"}),
			tx.PutMail(ledger.Mail{GUID: guid(1), Reply: "250 \x00", Letter: []byte{0, 0xff}}))
	})
	if got := p.task(k); got.Subject != "a\uFFFDb\uFFFD.pdf" || got.LastError != "550 \uFFFD\uFFFD" {
		t.Errorf("task %q says %q", got.Subject, got.LastError)
	}
	m := view(p, func(v ledger.View) (ledger.Mail, error) { return v.Mail(guid(1), 0, "", "") })
	if m.Reply != "250 \uFFFD" || string(m.Letter) != "\x00\xff" {
		t.Errorf("the letter came back with %q and %q", m.Reply, m.Letter)
	}
	for _, name := range []string{"\x00", "\xff"} {
		if kept(t, p.left, name) {
			t.Errorf("there is an account %q", name)
		}
	}
}

func TestALedgerThatCannotBeReachedIsOneSentence(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]string{
		"postgres://peyk:s3cret@127.0.0.1:1/nowhere?sslmode=disable":                            "127.0.0.1:1/nowhere",
		"postgres://peyk:s3cret@localhost:1/nowhere?sslmode=disable":                            "localhost:1/nowhere",
		"postgres://peyk:s3cret@127.0.0.1:%zz/nowhere":                                          "URL",
		strings.Replace(database(t), "postgres://peyk@", "postgres://nobody:s3cret@", 1) + "_x": "nobody",
	} {
		_, err := postgres.Open(t.Context(), postgres.Config{URL: url})
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "s3cret") || strings.Contains(err.Error(), "\n") {
			t.Errorf("open: %v; want a sentence with %q and without the password", err, want)
		}
	}
}

// TestManyMayStartAtOnce on a database that has no tables yet.
func TestManyMayStartAtOnce(t *testing.T) {
	t.Parallel()
	url := empty(t)
	var all sync.WaitGroup
	for i := range 6 {
		all.Go(func() {
			l, err := postgres.Open(t.Context(), postgres.Config{URL: url, Conns: 2})
			if err != nil {
				t.Error(err)
				return
			}
			defer l.Close()
			if err := l.Update(t.Context(), put(fmt.Sprint(i))); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
}

func TestAServerThatDoesNotSyncIsWarnedOf(t *testing.T) {
	t.Parallel()
	var log strings.Builder
	open(t, postgres.Config{URL: database(t), Logger: slog.New(slog.NewTextHandler(&log, nil))})
	if !strings.Contains(log.String(), "setting=fsync") {
		t.Errorf("the log says %q", log.String())
	}
}

// TestEachCommitIsSynced whatever the server's own setting.
func TestEachCommitIsSynced(t *testing.T) {
	t.Parallel()
	url := database(t)
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	name := conn.Config().Database
	if _, err := conn.Exec(t.Context(), "ALTER DATABASE "+name+" SET synchronous_commit = off"); err != nil {
		t.Fatal(err)
	}
	l := open(t, postgres.Config{URL: url})
	if got := l.Setting(t, "synchronous_commit"); got != "on" {
		t.Errorf("synchronous_commit is %s", got)
	}
}

func TestAClosedLedgerSaysSo(t *testing.T) {
	t.Parallel()
	l := open(t, postgres.Config{URL: database(t)})
	if err := errors.Join(l.Close(), l.Close()); err != nil {
		t.Fatal(err)
	}
	if err := l.Update(t.Context(), put("a")); !errors.Is(err, postgres.ErrClosed) {
		t.Errorf("update: %v; want %v", err, postgres.ErrClosed)
	}
	if err := l.View(t.Context(), func(ledger.View) error { return nil }); !errors.Is(err, postgres.ErrClosed) {
		t.Errorf("view: %v; want %v", err, postgres.ErrClosed)
	}
}

// TestTimeIsTheDatabases and stands still within a transaction.
func TestTimeIsTheDatabases(t *testing.T) {
	t.Parallel()
	p := newPair(t)
	before := time.Now().Add(-time.Minute)
	still := func(v ledger.View) error {
		now := v.Now()
		if _, err := v.Accounts(); err != nil {
			return err
		}
		if again := v.Now(); again != now || now.Before(before) || now.Location() != time.UTC {
			t.Errorf("now %s, then %s", now, again)
		}
		return nil
	}
	p.update(func(tx ledger.Tx) error { return still(tx) })
	if err := p.left.View(t.Context(), still); err != nil {
		t.Error(err)
	}
}
