package postgres_test

import (
	"testing"
	"time"

	"peyk/internal/backoffice/ledger/postgres"
	"peyk/internal/pgtest"
)

// TestAfterEachWayToEndTheServerTheLedgerGoesOn without being opened again.
func TestAfterEachWayToEndTheServerTheLedgerGoesOn(t *testing.T) {
	t.Parallel()
	s, url := ownServer(t, pgtest.Options{NoSync: true})
	l := open(t, postgres.Config{URL: url})
	l.Await(time.Second)
	for name, end := range map[string]func() error{
		"fast":      func() error { return s.Stop(t.Context(), false) },
		"immediate": func() error { return s.Stop(t.Context(), true) },
		"killed":    func() error { return s.Kill(t.Context()) },
	} {
		if err := l.Update(t.Context(), put("before "+name)); err != nil {
			t.Fatal(err)
		}
		if err := end(); err != nil {
			t.Fatal(err)
		}
		// The children of one that was killed may live for a moment.
		if err := l.Update(t.Context(), put("during "+name)); err == nil && name != "killed" {
			t.Errorf("%s: a change was taken while the server was away", name)
		}
		if err := s.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		if !kept(t, l, "before "+name) { // the first reading after it
			t.Errorf("what was answered before %s is lost", name)
		}
		if err := l.Update(t.Context(), put("after "+name)); err != nil {
			t.Errorf("%s: the first change after it: %v", name, err)
		}
		for _, when := range []string{"before ", "after "} {
			if !kept(t, l, when+name) {
				t.Errorf("what was answered %s%s is lost", when, name)
			}
		}
	}
}
