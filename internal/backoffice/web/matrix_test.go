package web_test

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/uuid"

	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/web"
)

// witness counts what the pages write to the ledger themselves.
type witness struct {
	ledger.Ledger
	writes atomic.Int64
}

func (w *witness) Update(ctx context.Context, fn func(ledger.Tx) error) error {
	w.writes.Add(1)
	return w.Ledger.Update(ctx, fn)
}

func watched(t *testing.T) (*world, *witness) {
	t.Helper()
	spy := &witness{}
	w := newWorld(t, func(c *web.Config) {
		spy.Ledger = c.Ledger
		c.Ledger = spy
	})
	return w, spy
}

// about says who stands how towards a request.
func about(w *world, guid, account string, gone bool) {
	w.update(func(tx ledger.Tx) error {
		c := ledger.Recipient{GUID: guid, Account: account}
		if gone {
			c.GoneAt = tx.Now()
		}
		return tx.PutRecipient(c)
	})
}

// may is, for each route about a request, what the answer is to who sees it as
// its owner, as one it was sent to, and as who looks after the whole. A route
// that is missing here fails.
func may() map[string][3]bool {
	return map[string][3]bool{
		"GET /r/{guid}":               {true, true, true},
		"POST /r/{guid}/seen":         {true, true, true},
		"POST /r/{guid}/letters":      {true, true, false},
		"POST /r/{guid}/approve":      {false, false, false},
		"POST /r/{guid}/decline":      {false, false, false},
		"GET /r/{guid}/cancel":        {true, false, true},
		"POST /r/{guid}/cancel":       {true, false, true},
		"GET /r/{guid}/redrive":       {false, false, true},
		"POST /r/{guid}/redrive":      {false, false, true},
		"POST /r/{guid}/resolve":      {false, false, true},
		"GET /r/{guid}/files/{name}":  {true, true, false},
		"POST /r/{guid}/files/{name}": {true, true, false},
	}
}

// Every route about a request, for each way to stand towards it: own, received,
// received once, another's, nobody's. What is not seen is answered as what does
// not exist, byte for byte, and reaches neither trigger nor ledger.
func TestWhoStandsHow(t *testing.T) {
	t.Parallel()
	w, spy := watched(t)
	guid, unknown := w.asked("derya", "none", delivered()...).GUID, uuid.Must(uuid.NewV7()).String()
	about(w, guid, "emre", false)
	about(w, guid, "murat", true) // it was taken back from
	for account, as := range map[string]int{"derya": 0, "emre": 1, "cagri": 2, "kok": 2, "murat": -1, "ali": -1, "selin": -1} {
		b := w.as(account)
		for pattern, call := range aboutOne(guid) {
			right, listed := may()[pattern]
			if !listed {
				t.Fatalf("%s is in no table: say who may use it", pattern)
			}
			calls, writes := len(w.trigger.seen()), spy.writes.Load()
			w.trigger.down(true) // nothing changes from one try to the next
			got, none := b.call(call), b.call(aboutOne(unknown)[pattern])
			w.trigger.down(false)
			reached := len(w.trigger.seen()) != calls || spy.writes.Load() != writes
			switch {
			case as < 0 && (got.status != http.StatusNotFound || got.body != none.body || reached):
				t.Errorf("%s sees it not, yet %s: %d, as unknown: %v, something reached: %v", account, pattern, got.status, got.body == none.body, reached)
			case as >= 0 && !right[as] && (got.status != http.StatusForbidden || reached):
				t.Errorf("%s may not %s: %d, something reached: %v", account, pattern, got.status, reached)
			case as >= 0 && right[as] && (got.status == http.StatusForbidden || got.status == http.StatusNotFound):
				t.Errorf("%s may %s, yet %d", account, pattern, got.status)
			}
			if none.status != http.StatusNotFound {
				t.Errorf("%s, %s of nobody's: %d", account, pattern, none.status)
			}
		}
	}
}

// fill puts something true into each place of a route's address.
func fill(path, guid string) string {
	return strings.NewReplacer("{$}", "", "{guid}", guid, "{name}", "top-games.pdf", "{type}", "churn.v2", "{id}", "1").Replace(path)
}

// No form of another site does anything, on whatever route, whoever is signed
// in, however the browser tells.
func TestNoRouteTakesFormsOfOtherSites(t *testing.T) {
	t.Parallel()
	w, spy := watched(t)
	guid := w.asked("derya", "approver").GUID
	posts := 0
	browsers := []*browser{w.browser(), w.as("derya"), w.as("murat"), w.as("kok")}
	for pattern := range web.Patterns() {
		method, path, _ := strings.Cut(pattern, " ")
		if method != http.MethodPost {
			continue
		}
		posts++
		for _, header := range [][]string{
			{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Origin", "https://evil.example"}, {"Origin", "null"},
			{"Sec-Fetch-Site", "cross-site", "Origin", w.server.URL}, {"Origin", strings.Replace(w.server.URL, "127.0.0.1", "127.0.0.1.evil.example", 1)},
		} {
			for _, b := range browsers {
				writes := spy.writes.Load()
				res := b.post(fill(path, guid), url.Values{"reason": {"x"}, "name": {"derya"}, "password": {password}}, header...)
				if res.status != http.StatusForbidden || spy.writes.Load() != writes || res.header.Get("Set-Cookie") != "" {
					t.Errorf("%s with %v: %d, %d writes, cookie %q", pattern, header, res.status, spy.writes.Load()-writes, res.header.Get("Set-Cookie"))
				}
			}
		}
	}
	if posts < 15 || len(w.trigger.seen()) > 0 {
		t.Errorf("%d routes were tried, the trigger was called %d times", posts, len(w.trigger.seen()))
	}
}

// Looking changes nothing: no route that is a GET writes a row or asks the
// trigger for more than a reading or a rehearsal.
func TestGetChangesNothing(t *testing.T) {
	t.Parallel()
	w, spy := watched(t)
	waiting, here, bad := w.asked("derya", "approver").GUID, w.asked("murat", "none", delivered()...).GUID, w.asked("derya", "none", failed()...).GUID
	w.notice("murat", here, ledger.SubjectReady)
	w.update(func(tx ledger.Tx) error {
		return tx.Park(ledger.Parked{Role: "gateway", Subject: "x", Raw: []byte("x"), Cause: "x", At: tx.Now()})
	})
	browsers := map[string]*browser{"": w.browser()}
	for _, name := range []string{"derya", "murat", "emre", "cagri", "kok"} {
		browsers[name] = w.as(name)
	}
	before := spy.writes.Load()
	for pattern := range web.Patterns() {
		method, path, _ := strings.Cut(pattern, " ")
		if method != http.MethodGet {
			continue
		}
		for who, b := range browsers {
			for _, guid := range []string{waiting, here, bad} {
				for _, query := range []string{"", "?reason=x&version=1&up_to=99&done=" + waiting + "&again=" + here + "&name=derya&password=" + url.QueryEscape(password)} {
					if path == "/events" {
						b.try(t, path)
					} else {
						b.get(fill(path, guid) + query)
					}
				}
			}
			if n := spy.writes.Load() - before; n != 0 {
				t.Errorf("%s by %q wrote %d times", pattern, who, n)
				before = spy.writes.Load()
			}
		}
	}
	for _, c := range w.trigger.seen() {
		if c.method != http.MethodGet && !c.dry {
			t.Errorf("a GET became %s %s", c.method, c.path)
		}
	}
}

// What every answer carries, whatever its status.
func TestEveryStatusIsProtected(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	guid, once := w.asked("derya", "none", delivered()...).GUID, w.asked("derya", "none", delivered()...).GUID
	w.update(func(tx ledger.Tx) error {
		r, err := tx.Request(once)
		if err != nil {
			return err
		}
		r.Asked.Retention = 0
		return tx.Save(r, r.Version)
	})
	b, nobody := w.as("derya"), w.browser()
	answers := map[string]reply{}
	for pattern := range web.Patterns() {
		method, path, found := strings.Cut(pattern, " ")
		if found && path != "/events" && method == http.MethodGet {
			answers["signed in "+pattern], answers["nobody "+pattern] = b.get(fill(path, guid)), nobody.get(fill(path, guid))
		}
	}
	answers["a path to be cleaned"] = b.get("//reports/../reports")
	answers["fresh eyes"] = b.get("/reports", "HX-Request", "true")
	answers["of nobody's"] = b.get("/static/none.css")
	answers["405"] = b.get("/r/" + once + "/files/top-games.pdf")
	answers["413"] = b.raw("/signout", "x="+strings.Repeat("x", 65<<10))
	answers["400"] = b.raw("/signout", "%")
	answers["422"] = b.post("/profile/password", url.Values{"old": {"x"}, "new": {"y"}, "repeat": {"z"}})
	answers["cross-site"] = b.post("/signout", nil, "Origin", "https://evil.example")
	answers["401"] = nobody.post("/signin", url.Values{"name": {"derya"}, "password": {"wrong"}})
	for range 6 {
		answers["429"] = nobody.post("/signin", url.Values{"name": {"nobody"}, "password": {"wrong"}})
	}
	w.trigger.down(true)
	answers["503"] = b.post("/r/"+guid+"/seen", nil)
	w.trigger.down(false)
	must(t, w.ledger.Close())
	answers["500"] = b.get("/reports")
	statuses := map[int]bool{}
	for what, res := range answers {
		statuses[res.status] = true
		protected(t, what, res)
	}
	for _, want := range []int{200, 303, 400, 401, 403, 404, 405, 413, 422, 429, 500, 503} {
		if !statuses[want] {
			t.Errorf("no answer was a %d", want)
		}
	}
	if allow := answers["405"].header.Get("Allow"); allow != http.MethodPost {
		t.Errorf("405 allows %q (RFC 9110, 15.5.6)", allow)
	}
}

// protected holds an answer against what each must carry (OWASP Secure Headers
// Project; ASVS 5.0, 3.4).
func protected(t *testing.T, what string, res reply) {
	t.Helper()
	for name, want := range map[string]string{
		"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin",
		"Cross-Origin-Resource-Policy": "same-origin", "X-Frame-Options": "DENY", "Cache-Control": "no-store",
	} {
		if got := res.header.Values(name); len(got) != 1 || got[0] != want {
			t.Errorf("%s (%d): %s is %q, want %q", what, res.status, name, got, want)
		}
	}
	policies := res.header.Values("Content-Security-Policy")
	if len(policies) != 1 || strings.Contains(policies[0], "unsafe") || strings.Contains(policies[0], "*") || strings.Contains(policies[0], "data:") {
		t.Fatalf("%s (%d): policies %q", what, res.status, policies)
	}
	parts := strings.Split(policies[0], "; ")
	demanded := []string{"default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"}
	if strings.HasPrefix(res.header.Get("Content-Disposition"), "attachment") {
		demanded = []string{"default-src 'none'", "sandbox"}
	}
	for _, part := range demanded {
		if !slices.Contains(parts, part) {
			t.Errorf("%s (%d): policy %q lacks %q", what, res.status, policies[0], part)
		}
	}
}

// Under TLS every answer says so for a year, with subdomains.
func TestHSTSOnEveryAnswer(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *web.Config) { c.Secure = true })
	b := w.browser()
	for pattern := range web.Patterns() {
		method, path, found := strings.Cut(pattern, " ")
		if !found {
			method, path = http.MethodGet, "/nowhere"
		}
		for _, header := range [][]string{nil, {"Origin", "https://evil.example"}} {
			res := b.do(method, fill(path, "x"), nil, header...)
			if got := res.header.Get("Strict-Transport-Security"); got != "max-age=31536000; includeSubDomains" {
				t.Errorf("%s (%d): HSTS %q", pattern, res.status, got)
			}
		}
	}
}
