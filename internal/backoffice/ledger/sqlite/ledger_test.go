package sqlite_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/ledger/sqlite"
	"peyk/internal/report"
)

// open gives a fresh ledger on the system's clock, closed with the test.
func open(t testing.TB) *sqlite.Ledger {
	t.Helper()
	return openAt(t, filepath.Join(t.TempDir(), "ledger.db"))
}

func openAt(t testing.TB, path string) *sqlite.Ledger {
	t.Helper()
	l, err := sqlite.Open(t.Context(), sqlite.Config{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	return l
}

func guid(n int) string { return fmt.Sprintf("019a0000-0000-7000-8000-%012x", n) }

func asked() report.Asked {
	return report.Asked{
		Type: "top-games.v1", TypeVersion: "sha256:1", Title: report.Text{EN: "Top games", TR: "En iyi oyunlar"},
		Parameters: []byte(`{"count": 50}`), Formats: []string{"pdf"}, Locale: "tr", TimeZone: "Europe/Istanbul",
		Owner: "ayse", OwnerName: "Ayşe", Approval: report.NoApproval, Retention: 30 * 24 * time.Hour,
	}
}

// accept records the n-th request.
func accept(ctx context.Context, l ledger.Ledger, n int) error {
	return l.Update(ctx, func(tx ledger.Tx) error {
		r, m, err := report.New(guid(n), asked(), time.Minute, tx.Now())
		if err != nil {
			return err
		}
		return ledger.Move(tx, r, m)
	})
}

func TestASecondProcessIsRefusedWithWhatToDo(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "data", "ledger.db")
	first, err := sqlite.Open(t.Context(), sqlite.Config{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	_, err = sqlite.Open(t.Context(), sqlite.Config{Path: path})
	if !errors.Is(err, sqlite.ErrLocked) {
		t.Fatalf("second open: %v; want %v", err, sqlite.ErrLocked)
	}
	for _, part := range []string{path, strconv.Itoa(os.Getpid()), "stop that one"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("the refusal %q does not say %q", err, part)
		}
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	openAt(t, path) // the lock went with its holder
}

// TestACancelledReadingHandsItsConnectionBack: with one connection, the next
// reading shows it.
func TestACancelledReadingHandsItsConnectionBack(t *testing.T) {
	t.Parallel()
	l, err := sqlite.Open(t.Context(), sqlite.Config{Path: filepath.Join(t.TempDir(), "ledger.db"), Readers: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	ctx, cancel := context.WithCancel(t.Context())
	err = l.View(ctx, func(v ledger.View) error {
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
