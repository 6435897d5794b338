package postgres

import (
	"testing"
	"time"
)

// Await sets how long the fate of a commit is asked for.
func (l *Ledger) Await(patience time.Duration) { l.patience = patience }

// Setting is one of a connection that writes.
func (l *Ledger) Setting(t *testing.T, name string) (value string) {
	t.Helper()
	if err := l.writing.QueryRow(t.Context(), "SELECT current_setting($1)", name).Scan(&value); err != nil {
		t.Fatal(err)
	}
	return value
}

// Fresh gives tests of the insides a database of the server of these tests.
var Fresh func(testing.TB) string
