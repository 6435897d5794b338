// SQLite takes minutes to compile for the race detector.
//
//go:build !race

package trigger_test

import (
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"

	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/ledger/sqlite"
)

// BenchmarkStatus measures what an open page asks for most: how a delivered
// request stands, whole, from a ledger on disk.
func BenchmarkStatus(b *testing.B) {
	w := newWorldOn(b, time.Hour, func(now func() time.Time) ledger.Ledger {
		l, err := sqlite.Open(b.Context(), sqlite.Config{Path: filepath.Join(b.TempDir(), "ledger.db"), Now: now})
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { _ = l.Close() })
		return l
	})
	guid := w.ask("top-games.v1")
	w.store(guid, time.Minute)
	w.deliver(guid)
	b.ReportAllocs()
	for b.Loop() {
		r := httptest.NewRequest("GET", "/api/v1/requests/"+guid, nil)
		r.Header.Set("Authorization", "Bearer derya")
		rec := httptest.NewRecorder()
		if w.station.ServeHTTP(rec, r); rec.Code != 200 {
			b.Fatalf("%d %s", rec.Code, rec.Body)
		}
	}
}
