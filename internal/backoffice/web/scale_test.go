// SQLite takes minutes to compile for the race detector.
//
//go:build !race

package web_test

import (
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	_ "modernc.org/sqlite" // the driver for filling

	"peyk/internal/backoffice/access"
	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/ledger/ledgertest/million"
	"peyk/internal/backoffice/ledger/postgres"
	"peyk/internal/backoffice/ledger/sqlite"
	"peyk/internal/backoffice/web"
	"peyk/internal/pgtest"
)

// BenchmarkPages measures each page at the server, on a ledger that is long in
// use, through the real handler with a real sign-in:
//
//	go test -run xxx -bench Pages -benchtime 300x -timeout 60m ./internal/backoffice/web
//
// PEYK_REQUESTS is how many requests there are (1000000). Filling takes some
// minutes and is not measured.
func BenchmarkPages(b *testing.B) {
	n := 1_000_000
	if text := os.Getenv("PEYK_REQUESTS"); text != "" {
		var err error
		n, err = strconv.Atoi(text)
		must(b, err)
	}
	for _, store := range []struct {
		name string
		open func(*testing.B, int) ledger.Ledger
	}{{"sqlite", crowdedSQLite}, {"postgres", crowdedPostgres}} {
		b.Run(store.name, func(b *testing.B) {
			l := store.open(b, n)
			pages(b, &served{b: b, ledger: l, cookies: map[string]*http.Cookie{}})
		})
	}
}

func pages(b *testing.B, s *served) {
	s.start()
	one := s.newest(ledger.Scope{Account: million.Most})
	for _, c := range []struct{ name, who, path string }{
		{"reports", million.Most, "/reports"},
		{"reports of few", million.Few, "/reports"},
		{"reports received", million.Gets, "/reports"},
		{"running", million.Most, "/reports?show=running"},
		{"running received", million.Gets, "/reports?show=running"},
		{"ready", million.Most, "/reports?show=ready"},
		{"ended", million.Most, "/reports?show=ended"},
		{"deep page", million.Most, "/reports?before=" + s.halfway()},
		{"word in all", million.Most, "/reports?q=rapor"},
		{"word in none", million.Most, "/reports?q=kunduz"},
		{"rare word", million.Most, "/reports?q=z%C3%BCrafa"},
		{"two that never meet", million.Most, "/reports?q=elma+armut"},
		{"two letters", million.Most, "/reports?q=ma"},
		{"three words", million.Most, "/reports?q=stok+mart+2025"},
		{"word in all of few", million.Few, "/reports?q=rapor"},
		{"word of received", million.Gets, "/reports?q=iade+2022"},
		{"approvals", "murat", "/approvals"},
		{"bell", million.Most, "/bell"},
		{"one report", million.Most, "/r/" + one},
		{"operations", "cagri", "/operations"},
		{"operator GUID", "cagri", "/operations?q=" + one},
		{"operator GUID begun", "cagri", "/operations?q=" + one[:18]},
		{"operator GUID of two letters", "cagri", "/operations?q=01"},
		{"operator person", "cagri", "/operations?q=az%C4%B1c%C4%B1k"},
		{"operator frequent person", "cagri", "/operations?q=derya"},
		{"operator report", "cagri", "/operations?q=kampanya+kar%C5%9F%C4%B1la%C5%9Ft%C4%B1rma"},
		{"operator never meet", "cagri", "/operations?q=elma+armut"},
		{"operator four words", "cagri", "/operations?q=stok+derya+mart+2025"},
	} {
		b.Run(c.name, func(b *testing.B) { s.measure(b, c.who, c.path) })
	}
}

// served is a station on a crowded ledger.
type served struct {
	b       *testing.B
	ledger  ledger.Ledger
	handler http.Handler
	cookies map[string]*http.Cookie // by person
}

func (s *served) start() {
	passwords, err := access.NewPasswords(access.Cost{Memory: 8, Time: 1, Threads: 1}, rand.Reader)
	must(s.b, err)
	hash, err := passwords.Hash(password)
	must(s.b, err)
	must(s.b, s.ledger.Update(context.Background(), func(tx ledger.Tx) error {
		for i := range 1000 { // a company's worth of accounts
			if err := tx.PutAccount(ledger.Account{Name: fmt.Sprintf("person%d", i), FullName: "Pelin Öztürk", Locale: "tr", TimeZone: "UTC"}); err != nil {
				return err
			}
		}
		few := ledger.Account{Name: million.Few, FullName: "Zeki Azıcık", Roles: []string{access.Requester}, Locale: "tr", TimeZone: "Europe/Istanbul", Password: hash}
		if err := tx.PutAccount(few); err != nil {
			return err
		}
		return people(tx, hash)
	}))
	nowhere, err := url.Parse("http://127.0.0.1:1")
	must(s.b, err)
	station, err := web.New(web.Config{
		Ledger: s.ledger, API: nowhere, HTTP: http.DefaultClient, Passwords: passwords, Now: time.Now, Logger: slog.New(slog.DiscardHandler),
	})
	must(s.b, err)
	s.b.Cleanup(func() { _ = station.Close(context.Background()) })
	s.handler = station.Handler()
}

func (s *served) newest(scope ledger.Scope) (guid string) {
	must(s.b, s.ledger.View(context.Background(), func(v ledger.View) error {
		list, err := v.Requests(ledger.Filter{Scope: scope, Limit: 1})
		if err == nil {
			guid = list[0].GUID
		}
		return err
	}))
	return guid
}

// halfway is a GUID in the middle of all.
func (s *served) halfway() string {
	ms := time.Now().Add(-180 * 24 * time.Hour).UnixMilli()
	return fmt.Sprintf("%08x-%04x", ms>>16, ms&0xffff)
}

func (s *served) signIn(who string) *http.Cookie {
	s.b.Helper()
	if c := s.cookies[who]; c != nil {
		return c
	}
	form := url.Values{"name": {who}, "password": {password}}
	req := httptest.NewRequest(http.MethodPost, "/signin", strings.NewReader(form.Encode()))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res := httptest.NewRecorder()
	s.handler.ServeHTTP(res, req)
	cookies := res.Result().Cookies()
	if res.Code != http.StatusSeeOther || len(cookies) == 0 {
		s.b.Fatalf("%s cannot sign in: %d", who, res.Code)
	}
	s.cookies[who] = cookies[len(cookies)-1]
	return s.cookies[who]
}

func (s *served) measure(b *testing.B, who, path string) {
	cookie := s.signIn(who)
	get := func() (int, time.Duration) {
		req := httptest.NewRequest(http.MethodGet, path, nil)
		req.AddCookie(cookie)
		res := httptest.NewRecorder()
		began := time.Now()
		s.handler.ServeHTTP(res, req)
		return res.Code, time.Since(began)
	}
	for range 5 { // warm
		if code, _ := get(); code != http.StatusOK && code != http.StatusSeeOther {
			b.Fatalf("%s: %d", path, code)
		}
	}
	var took []time.Duration
	before := cpuTime()
	b.ResetTimer()
	for range b.N {
		_, d := get()
		took = append(took, d)
	}
	b.StopTimer()
	spent := cpuTime() - before
	slices.Sort(took)
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	b.ReportMetric(ms(took[len(took)/2]), "p50-ms")
	b.ReportMetric(ms(took[len(took)*99/100]), "p99-ms")
	b.ReportMetric(ms(spent)/float64(b.N), "cpu-ms/op")
	b.ReportMetric(0, "ns/op")
}

// cpuTime is what this process has used: it does not hang on what else runs.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func crowdedSQLite(b *testing.B, n int) ledger.Ledger {
	path := filepath.Join(b.TempDir(), "ledger.db")
	l, err := sqlite.Open(b.Context(), sqlite.Config{Path: path})
	must(b, err)
	must(b, l.Close())
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=journal_mode(OFF)&_pragma=synchronous(OFF)&_pragma=cache_size(-1000000)&_pragma=temp_store(MEMORY)")
	must(b, err)
	db.SetMaxOpenConns(1)
	began := time.Now()
	exec := func(ctx context.Context, query string, args ...any) error {
		_, err := db.ExecContext(ctx, query, args...)
		return err
	}
	must(b, million.Fill(b.Context(), million.SQLite(), n, time.Now(), exec))
	must(b, db.Close())
	b.Logf("%d requests filled in %s", n, time.Since(began).Round(time.Second))
	l, err = sqlite.Open(b.Context(), sqlite.Config{Path: path})
	must(b, err)
	b.Cleanup(func() { _ = l.Close() })
	return l
}

func crowdedPostgres(b *testing.B, n int) ledger.Ledger {
	server, err := pgtest.Start(b.Context(), pgtest.Options{NoSync: true})
	must(b, err)
	b.Cleanup(func() { _ = server.Close(context.Background()) })
	base, err := server.Database(b.Context())
	must(b, err)
	l, err := postgres.Open(b.Context(), postgres.Config{URL: base})
	must(b, err)
	b.Cleanup(func() { _ = l.Close() })
	conn, err := pgx.Connect(b.Context(), base)
	must(b, err)
	began := time.Now()
	exec := func(ctx context.Context, query string, args ...any) error {
		_, err := conn.Exec(ctx, query, args...)
		return err
	}
	must(b, million.Fill(b.Context(), million.Postgres(), n, time.Now(), exec))
	must(b, exec(b.Context(), "VACUUM ANALYZE"))
	must(b, conn.Close(b.Context()))
	b.Logf("%d requests filled in %s", n, time.Since(began).Round(time.Second))
	return l
}
