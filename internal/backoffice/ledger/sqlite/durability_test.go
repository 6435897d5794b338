package sqlite_test

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/ledger/sqlite"
)

// TestWhatWasAnsweredIsInTheFiles takes, while many callers write, the files
// as a crash would leave them, and opens them: every request answered before
// is there, with its journal and its task, and no half of any other.
func TestWhatWasAnsweredIsInTheFiles(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "ledger.db")
	l := openAt(t, path)

	var next atomic.Int64
	answers := make(chan int, 1<<16) // roomy: writers must not wait for the test
	ctx, stop := context.WithCancel(t.Context())
	var writers sync.WaitGroup
	for range 16 {
		writers.Go(func() {
			for ctx.Err() == nil {
				n := int(next.Add(1))
				if err := accept(t.Context(), l, n); err != nil {
					t.Errorf("accept request %d: %v", n, err)
					return
				}
				answers <- n
			}
		})
	}
	var answered []int
	for range 5 {
		for range 100 {
			answered = append(answered, <-answers)
		}
		checkRemains(t, crash(t, l, path), answered, int(next.Load()))
	}
	stop()
	writers.Wait()
}

// crash copies the files of l in the middle of a transaction: while fn runs the
// committer writes nothing else, so the copy is of one moment. The index of the
// WAL is shared memory and does not survive a crash.
func crash(t *testing.T, l ledger.Ledger, path string) string {
	t.Helper()
	remains := filepath.Join(t.TempDir(), "ledger.db")
	err := l.Update(t.Context(), func(tx ledger.Tx) error {
		if err := tx.PutAccount(ledger.Account{Name: remains}); err != nil {
			return err
		}
		for _, suffix := range []string{"", "-wal"} {
			if err := copyFile(remains+suffix, path+suffix); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return remains
}

func copyFile(to, from string) error {
	src, err := os.Open(from)
	if err != nil {
		return err
	}
	defer src.Close()
	dst, err := os.Create(to)
	if err != nil {
		return err
	}
	if _, err := io.Copy(dst, src); err != nil {
		return err
	}
	return dst.Close()
}

func checkRemains(t *testing.T, path string, answered []int, tried int) {
	t.Helper()
	l, err := sqlite.Open(t.Context(), sqlite.Config{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	err = l.View(t.Context(), func(v ledger.View) error {
		there := map[int]bool{}
		for n := range tried + 64 {
			journal, err := v.Journal(guid(n))
			if err != nil {
				return err
			}
			tasks, err := v.Tasks(guid(n))
			if err != nil {
				return err
			}
			_, err = v.Request(guid(n))
			there[n] = err == nil
			if len(journal) != len(tasks) || there[n] != (len(journal) == 1) {
				t.Errorf("half of request %d was kept: %v, %d journal rows, %d tasks", n, err, len(journal), len(tasks))
			}
		}
		for _, n := range answered {
			if !there[n] {
				t.Errorf("request %d was answered and is not in the files", n)
			}
		}
		if _, err := v.Account(path); !errors.Is(err, ledger.ErrNotFound) {
			t.Errorf("the change that was not committed: %v; want %v", err, ledger.ErrNotFound)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
