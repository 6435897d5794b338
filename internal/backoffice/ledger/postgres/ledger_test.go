package postgres_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"peyk/internal/backoffice/ledger"
	"peyk/internal/pgtest"
	"peyk/internal/report"
)

// ownServer is a server of this test's own, and a database on it. One that is
// stopped or killed need not sync: it loses what was not synced only with the
// machine.
func ownServer(tb testing.TB, o pgtest.Options) (*pgtest.Server, string) {
	tb.Helper()
	s, err := pgtest.Start(tb.Context(), o)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := s.Close(context.Background()); err != nil {
			tb.Error(err)
		}
	})
	url, err := s.Database(tb.Context())
	if err != nil {
		tb.Fatal(err)
	}
	return s, url
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
