package web_test

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"golang.org/x/net/html"

	"peyk/internal/backoffice/access"
	"peyk/internal/backoffice/event"
	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/ledger/mem"
	company "peyk/internal/backoffice/trigger"
	"peyk/internal/backoffice/web"
	"peyk/internal/protocol"
	"peyk/internal/report"
	"peyk/internal/telemetry/logtest"
)

const password = "a sample password"

// world is a station with a ledger in memory and a small trigger of its own.
type world struct {
	t       testing.TB
	ledger  *mem.Ledger
	trigger *trigger
	taps    *taps
	server  *httptest.Server
	api     *httptest.Server // the trigger's
	clock   *clock
	station *web.Station
	log     *logtest.Log
}

// clock stands still until it is moved.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// taps stands in for the queue.
type taps struct {
	mu  sync.Mutex
	see []func(event.Event)
}

func (q *taps) Tap(_ context.Context, see func(event.Event)) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.see = append(q.see, see)
	return nil
}

func (q *taps) publish(e event.Event) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, see := range q.see {
		see(e)
	}
}

func newWorld(t testing.TB, change ...func(*web.Config)) *world {
	t.Helper()
	c := &clock{now: time.Now().UTC().Truncate(time.Microsecond)} // sessions live by the wall clock
	w := &world{t: t, ledger: mem.New(c.Now), taps: &taps{}, clock: c, log: logtest.New(t, "web")}
	passwords, err := access.NewPasswords(access.Cost{Memory: 8, Time: 1, Threads: 1}, rand.Reader)
	must(t, err)
	hash, err := passwords.Hash(password)
	must(t, err)
	w.update(func(tx ledger.Tx) error { return people(tx, hash) })
	w.update(func(tx ledger.Tx) error {
		return tx.PutToken(ledger.Token{Hash: access.Digest("service"), Scope: access.ScopeService})
	})
	w.catalog(sampleCatalog())
	w.trigger = &trigger{ledger: w.ledger, people: company.New(company.Config{
		Store: w.ledger, Passwords: passwords, Now: c.Now, Log: slog.New(slog.DiscardHandler),
	})}
	api := httptest.NewServer(w.trigger)
	t.Cleanup(api.Close)
	w.api = api
	base, err := url.Parse(api.URL)
	must(t, err)
	cfg := web.Config{
		Ledger: w.ledger, API: base, HTTP: api.Client(), ServiceToken: "service", Live: w.taps,
		Passwords: passwords, Now: c.Now, Logger: w.log.Logger,
	}
	for _, f := range change {
		f(&cfg)
	}
	station, err := web.New(cfg)
	must(t, err)
	w.station = station
	w.server = httptest.NewServer(station.Handler())
	t.Cleanup(func() {
		must(t, station.Close(context.WithoutCancel(t.Context())))
		w.server.Close()
	})
	return w
}

func people(tx ledger.Tx, hash string) error {
	for _, a := range []ledger.Account{
		{Name: "derya", FullName: "Derya Aksoy", Roles: []string{access.Requester}, Locale: "tr"},
		{Name: "murat", FullName: "Murat Yıldız", Roles: []string{access.Requester, access.Approver}, Locale: "tr"},
		{Name: "selin", FullName: "Selin Kaya", Roles: []string{access.Approver}, Locale: "en"},
		{Name: "emre", FullName: "Emre Koç", Roles: []string{access.Requester}, Locale: "en"},
		{Name: "ali", FullName: "Ali Demir", Roles: []string{access.Author}, Locale: "tr"},
		{Name: "cagri", FullName: "Çağrı Özgür", Roles: []string{access.Operator}, Locale: "tr"},
		{Name: "kok", FullName: "Sistem Yöneticisi", Roles: []string{access.Admin}, Locale: "en"},
		{Name: "gitti", FullName: "Pelin Öztürk", Roles: []string{access.Requester}, Locale: "tr", Gone: true},
	} {
		a.Email, a.TimeZone, a.Password = a.Name+"@kule.example", "Europe/Istanbul", hash
		if err := tx.PutAccount(a); err != nil {
			return err
		}
	}
	return nil
}

func (w *world) update(fn func(ledger.Tx) error) {
	w.t.Helper()
	must(w.t, w.ledger.Update(context.WithoutCancel(w.t.Context()), fn))
}

func (w *world) catalog(c protocol.Catalog) {
	w.t.Helper()
	body, err := json.Marshal(c)
	must(w.t, err)
	w.update(func(tx ledger.Tx) error {
		return tx.PutCatalog(ledger.Catalog{ETag: "1", Body: body, At: w.clock.Now()})
	})
}

func sampleCatalog() protocol.Catalog {
	num := func(f float64) *float64 { return &f }
	games := protocol.ReportType{
		ID: "top-games.v1", Version: "v", Formats: []string{"pdf", "xlsx", "csv"}, TypicalSeconds: 120, Approval: report.NoApproval,
		Title: report.Text{EN: "Top games by positive reviews – sales by country", TR: "En çok olumlu yorum alan oyunlar – ülke bazında satış"},
		Parameters: []protocol.Parameter{
			{Name: "period", Type: protocol.DateRange, Title: report.Text{EN: "Period", TR: "Dönem"}, Default: json.RawMessage(`"last-year"`),
				Required: true, Presets: []string{"this-month", "last-month", "this-quarter", "last-year", "last-12-months"}},
			{Name: "count", Type: protocol.Integer, Title: report.Text{EN: "Games", TR: "Oyun sayısı"}, Min: num(1), Max: num(500), Default: json.RawMessage(`50`)},
			{Name: "min_reviews", Type: protocol.Integer, Title: report.Text{EN: "Fewest reviews", TR: "En az yorum"}, Min: num(0), Default: json.RawMessage(`100`)},
		},
	}
	churn := protocol.ReportType{
		ID: "churn.v2", Version: "v", Formats: []string{"pdf"}, Approval: access.Approver, TypicalSeconds: 40,
		Title: report.Text{EN: "Subscription renewals", TR: "Abonelik yenileme oranı"},
		Parameters: []protocol.Parameter{
			{Name: "plan", Type: protocol.Choice, Title: report.Text{EN: "Plan", TR: "Plan"}, Default: json.RawMessage(`"all"`),
				Choices: []protocol.ChoiceOption{{Value: "all", Title: report.Text{EN: "All plans", TR: "Bütün planlar"}}, {Value: "gold", Title: report.Text{EN: "Gold", TR: "Altın"}}}},
			{Name: "day", Type: protocol.Date, Title: report.Text{EN: "As of", TR: "Gün"}, Default: json.RawMessage(`"today"`), Presets: []string{"today"}},
			{Name: "text", Type: protocol.Text, Title: report.Text{EN: "Heading", TR: "Başlık"}, MaxLength: 40},
			{Name: "detail", Type: protocol.Boolean, Title: report.Text{EN: "With details", TR: "Ayrıntılı"}},
		},
	}
	return protocol.Catalog{Types: []protocol.ReportType{games, churn}}
}

// asked records a request of owner's, in the state the moves bring it to.
func (w *world) asked(owner, approval string, moves ...func(*report.Request, time.Time) (report.Move, error)) *report.Request {
	w.t.Helper()
	guid := uuid.Must(uuid.NewV7()).String()
	var r *report.Request
	w.update(func(tx ledger.Tx) error {
		asked := report.Asked{
			Type: "top-games.v1", TypeVersion: "v", Owner: owner, OwnerName: strings.ToUpper(owner), Approval: approval,
			Title: report.Text{EN: "Top games", TR: "En çok olumlu yorum alan oyunlar"}, Sentence: report.Text{EN: "2025, first 50 games", TR: "2025, ilk 50 oyun"},
			Parameters: json.RawMessage(`{"period":{"from":"2025-01-01","to":"2026-01-01"},"count":50,"min_reviews":100}`),
			Formats:    []string{"pdf"}, Locale: "tr", TimeZone: "Europe/Istanbul", Retention: 30 * 24 * time.Hour, RequestedAt: tx.Now(),
		}
		var m report.Move
		var err error
		if r, m, err = report.New(guid, asked, 15*time.Minute, tx.Now()); err != nil {
			return err
		}
		if err := tx.PutRecipient(ledger.Recipient{GUID: guid, Account: owner}); err != nil {
			return err
		}
		if err := ledger.Move(tx, r, m); err != nil {
			return err
		}
		for _, move := range moves {
			if m, err = move(r, tx.Now()); err != nil {
				return err
			}
			if err := ledger.Move(tx, r, m); err != nil {
				return err
			}
		}
		return nil
	})
	return r
}

// The moves of a good journey, and of a bad one.
func delivered() []func(*report.Request, time.Time) (report.Move, error) {
	manifest := report.Manifest{
		Files:   []report.File{{Name: "top-games.pdf", MediaType: "application/pdf", Size: 412_318, SHA256: strings.Repeat("9f2c61b8", 8), Pages: 2, Rows: 140}},
		Sources: []report.Source{{Name: "Reviews", State: report.SourceComplete, Rows: 2_418_906, AsOf: time.Now()}},
	}
	return []func(*report.Request, time.Time) (report.Move, error){
		func(r *report.Request, at time.Time) (report.Move, error) {
			return r.Submit(at, report.Evidence{"stream_sequence": 48213})
		},
		func(r *report.Request, at time.Time) (report.Move, error) {
			return r.Prepare(at, report.Evidence{"status": "202 Accepted"})
		},
		func(r *report.Request, at time.Time) (report.Move, error) {
			return r.Found(manifest, at.Add(time.Hour), at, nil)
		},
		func(r *report.Request, at time.Time) (report.Move, error) {
			return r.Store(at, report.Evidence{"sha256": strings.Repeat("9f2c61b8", 8)})
		},
		func(r *report.Request, at time.Time) (report.Move, error) {
			r.Announced(at)
			return r.Deliver(at, report.Evidence{"reply": "250 2.0.0 Ok"})
		},
	}
}

func failed() []func(*report.Request, time.Time) (report.Move, error) {
	return append(delivered()[:2:2], func(r *report.Request, at time.Time) (report.Move, error) {
		return r.Fail(report.Failure{Code: "deadline", Retriable: true}, at, nil)
	})
}

// notice puts a notice in somebody's bell.
func (w *world) notice(account, guid string, subject ledger.Subject) {
	w.t.Helper()
	w.update(func(tx ledger.Tx) error {
		_, err := tx.AddNotice(ledger.Notice{Account: account, GUID: guid, Generation: 1, Subject: subject, Title: report.Text{EN: "Top games", TR: "En çok olumlu yorum alan oyunlar"}, At: tx.Now()})
		return err
	})
}

// browser is one person's browser; it follows no redirect by itself.
type browser struct {
	w      *world
	client *http.Client
}

func (w *world) browser() *browser {
	jar, err := cookiejar.New(nil)
	must(w.t, err)
	c := *w.server.Client()
	c.Jar = jar
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &browser{w: w, client: &c}
}

// as is a browser in which somebody has signed in.
func (w *world) as(account string) *browser {
	w.t.Helper()
	b := w.browser()
	res := b.post("/signin", url.Values{"name": {account}, "password": {password}})
	if res.status != http.StatusSeeOther {
		w.t.Fatalf("%s cannot sign in: %d\n%s", account, res.status, res.body)
	}
	return b
}

// reply is an answer, read whole.
type reply struct {
	t      testing.TB
	status int
	header http.Header
	body   string
}

func (b *browser) get(path string, header ...string) reply {
	b.w.t.Helper()
	return b.do(http.MethodGet, path, nil, header...)
}

func (b *browser) post(path string, form url.Values, header ...string) reply {
	b.w.t.Helper()
	return b.do(http.MethodPost, path, form, header...)
}

func (b *browser) do(method, path string, form url.Values, header ...string) reply {
	b.w.t.Helper()
	req, err := http.NewRequestWithContext(context.WithoutCancel(b.w.t.Context()), method, b.w.server.URL+path, strings.NewReader(form.Encode()))
	must(b.w.t, err)
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := b.client.Do(req)
	must(b.w.t, err)
	return b.read(res)
}

// read reads an answer whole.
func (b *browser) read(res *http.Response) reply {
	b.w.t.Helper()
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	must(b.w.t, err)
	return reply{t: b.w.t, status: res.StatusCode, header: res.Header, body: string(body)}
}

// page parses the answer.
func (r reply) page() *html.Node {
	r.t.Helper()
	n, err := html.Parse(strings.NewReader(r.body))
	must(r.t, err)
	return n
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
