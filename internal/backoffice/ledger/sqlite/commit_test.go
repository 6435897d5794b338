package sqlite_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"

	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/ledger/sqlite"
)

var errNo = errors.New("no, after all")

// put is a change that keeps an account of that name.
func put(name string) func(ledger.Tx) error {
	return func(tx ledger.Tx) error { return tx.PutAccount(ledger.Account{Name: name}) }
}

// kept reports whether a change put was kept.
func kept(t *testing.T, l ledger.Ledger, name string) bool {
	t.Helper()
	err := l.View(t.Context(), func(v ledger.View) error {
		_, err := v.Account(name)
		return err
	})
	if err != nil && !errors.Is(err, ledger.ErrNotFound) {
		t.Fatal(err)
	}
	return err == nil
}

// hold keeps the committer busy until release is called: what comes meanwhile
// waits, and shares the next commit.
func hold(t *testing.T, l ledger.Ledger) (release func()) {
	t.Helper()
	held, free := make(chan struct{}), make(chan struct{})
	var done sync.WaitGroup
	done.Go(func() {
		err := l.Update(context.WithoutCancel(t.Context()), func(ledger.Tx) error {
			close(held)
			<-free
			return nil
		})
		if err != nil {
			t.Errorf("hold the committer: %v", err)
		}
	})
	<-held
	return func() { close(free); done.Wait() }
}

func TestARefusedChangeLeavesItsNeighboursInTheSameCommit(t *testing.T) {
	t.Parallel()
	l := open(t)
	release := hold(t, l)
	errs := make([]error, 40)
	var callers sync.WaitGroup
	for i := range errs {
		callers.Go(func() {
			defer func() {
				if p := recover(); p != nil {
					errs[i] = p.(error)
				}
			}()
			errs[i] = l.Update(t.Context(), func(tx ledger.Tx) error {
				if err := put(fmt.Sprint(i))(tx); err != nil {
					return err
				}
				switch i % 4 {
				case 1:
					return errNo
				case 2:
					panic(errNo)
				}
				return nil
			})
		})
	}
	release()
	callers.Wait()
	for i, err := range errs {
		refused := i%4 == 1 || i%4 == 2
		if want := map[bool]error{true: errNo}[refused]; !errors.Is(err, want) {
			t.Errorf("change %d: %v; want %v", i, err, want)
		}
		if kept(t, l, fmt.Sprint(i)) == refused {
			t.Errorf("change %d: kept %v", i, !refused)
		}
	}
}

func TestAContextThatEndsWhileWaitingKeepsTheChangeFromRunning(t *testing.T) {
	t.Parallel()
	l := open(t)
	release := hold(t, l)
	ctx, cancel := context.WithCancel(t.Context())
	answer := make(chan error)
	go func() {
		answer <- l.Update(ctx, func(ledger.Tx) error {
			t.Error("it ran")
			return nil
		})
	}()
	cancel()
	release()
	if err := <-answer; !errors.Is(err, context.Canceled) {
		t.Errorf("update: %v; want %v", err, context.Canceled)
	}
}

func TestAContextThatEndsOnceItRunsChangesNothing(t *testing.T) {
	t.Parallel()
	l := open(t)
	ctx, cancel := context.WithCancel(t.Context())
	err := l.Update(ctx, func(tx ledger.Tx) error {
		cancel()
		return put("a")(tx)
	})
	if err != nil || !kept(t, l, "a") {
		t.Errorf("update: %v, kept %v; want it kept and known to be", err, kept(t, l, "a"))
	}
}

// A test's FailNow within fn ends the goroutine it runs on.
func TestAChangeThatEndsTheGoroutineDoesNotEndTheLedger(t *testing.T) {
	t.Parallel()
	l := open(t)
	err := l.Update(t.Context(), func(tx ledger.Tx) error {
		if err := put("a")(tx); err != nil {
			return err
		}
		runtime.Goexit()
		return nil
	})
	if err == nil || kept(t, l, "a") {
		t.Errorf("update: %v, kept %v; want an error and nothing kept", err, kept(t, l, "a"))
	}
	if err := l.Update(t.Context(), put("b")); err != nil || !kept(t, l, "b") {
		t.Errorf("the update after it: %v, kept %v", err, kept(t, l, "b"))
	}
}

func TestCloseLetsWaitingChangesCommit(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "ledger.db")
	l := openAt(t, path)
	var callers sync.WaitGroup
	var mu sync.Mutex
	var done, refused []string
	for i := range 50 {
		callers.Go(func() {
			name := fmt.Sprint(i)
			err := l.Update(t.Context(), put(name))
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil:
				done = append(done, name)
			case errors.Is(err, sqlite.ErrClosed):
				refused = append(refused, name)
			default:
				t.Errorf("change %s: %v", name, err)
			}
		})
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	callers.Wait()
	if err := l.View(t.Context(), func(ledger.View) error { return nil }); !errors.Is(err, sqlite.ErrClosed) {
		t.Errorf("view of a closed ledger: %v; want %v", err, sqlite.ErrClosed)
	}
	l = openAt(t, path)
	for _, name := range done {
		if !kept(t, l, name) {
			t.Errorf("change %s was answered and is lost", name)
		}
	}
	for _, name := range refused {
		if kept(t, l, name) {
			t.Errorf("change %s was refused and is kept", name)
		}
	}
}

// Fences rise over rolled back leases and over a restart.
func TestAFenceIsNeverGivenTwice(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "ledger.db")
	l := openAt(t, path)
	if err := accept(t.Context(), l, 1); err != nil {
		t.Fatal(err)
	}
	var last int64
	lease := func(l ledger.Ledger, then error) {
		t.Helper()
		err := l.Update(t.Context(), func(tx ledger.Tx) error {
			leases, err := tx.Lease(ledger.Wanted{Kinds: []ledger.Kind{ledger.Submit}, For: -time.Second}) // over at once
			if err != nil || len(leases) != 1 {
				return fmt.Errorf("leased %d tasks: %w", len(leases), err)
			}
			if leases[0].Fence <= last {
				t.Errorf("fence %d after %d", leases[0].Fence, last)
			}
			last = leases[0].Fence
			return then
		})
		if !errors.Is(err, then) {
			t.Fatal(err)
		}
	}
	lease(l, nil)
	lease(l, errNo)
	lease(l, nil)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	lease(openAt(t, path), nil)
}

func TestTimeNeverGoesBack(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 23, 12, 0, 0, 1999, time.FixedZone("TRT", 3*60*60))
	l, err := sqlite.Open(t.Context(), sqlite.Config{
		Path: filepath.Join(t.TempDir(), "ledger.db"), Now: func() time.Time { return at },
	})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for _, step := range []struct {
		by, want time.Duration
	}{{0, 0}, {time.Second, time.Second}, {-time.Hour, time.Second}, {2 * time.Hour, time.Hour + time.Second}} {
		at = at.Add(step.by)
		want := time.Date(2026, 11, 23, 9, 0, 0, 1000, time.UTC).Add(step.want)
		err := l.Update(t.Context(), func(tx ledger.Tx) error {
			if got := tx.Now(); got != want {
				t.Errorf("now %s; want %s", got, want)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
