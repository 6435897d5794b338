package sqlite

import (
	"errors"
	"path/filepath"
	"testing"

	"peyk/internal/backoffice/ledger"
)

// A fn that looks away when the store fails must not have the rest of it kept.
func TestAfterAFailureOfTheStoreNothingMoreIsWritten(t *testing.T) {
	t.Parallel()
	l, err := Open(t.Context(), Config{Path: filepath.Join(t.TempDir(), "ledger.db")})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	var full error
	err = l.Update(t.Context(), func(lt ledger.Tx) error {
		x := lt.(*tx)
		if err := errors.Join(x.PutAccount(ledger.Account{Name: "before"}), x.run("PRAGMA max_page_count = 1")); err != nil {
			return err
		}
		full = x.PutSession(ledger.Session{TokenHash: "large", Data: make([]byte, 1<<20)})
		_ = x.PutAccount(ledger.Account{Name: "after"})
		return nil
	})
	if full == nil || !errors.Is(err, errors.Unwrap(full)) {
		t.Errorf("update: %v; want %v", err, full)
	}
	for _, name := range []string{"before", "after"} {
		err := l.View(t.Context(), func(v ledger.View) error { _, err := v.Account(name); return err })
		if !errors.Is(err, ledger.ErrNotFound) {
			t.Errorf("account %q: %v; want %v", name, err, ledger.ErrNotFound)
		}
	}
	if err := l.Update(t.Context(), func(tx ledger.Tx) error { return tx.PutAccount(ledger.Account{Name: "later"}) }); err != nil {
		t.Errorf("the next update: %v", err)
	}
}
