package trigger_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"peyk/internal/backoffice/access"
	"peyk/internal/backoffice/ledger"
)

// at fills a route's address in.
func at(path, guid string) string {
	return strings.NewReplacer("{guid}", guid, "{name}", "nobody", "{id}", "0").Replace(path)
}

// keys are all ways to come in that are none, or not with these rights.
func (w *world) keys() map[string]int {
	w.tb.Helper()
	out := map[string]int{"": 401, "nobodys": 401, access.TokenPrefix + "nobodys": 401, access.Digest("derya"): 401}
	gone, over := w.issue("deniz", access.ScopeFull, 30), w.issue("derya", access.ScopeFull, 1)
	revoked := w.issue("derya", access.ScopeFull, 30)
	w.want(200, "", "derya", "POST", "/me/tokens/"+revoked.ID+"/revoke", "")
	w.now = w.now.AddDate(0, 0, 1)
	w.write(func(tx ledger.Tx) error {
		a, err := tx.Account("deniz")
		a.Gone = true
		return errors.Join(err, tx.PutAccount(a))
	})
	for _, key := range []string{gone.Secret, over.Secret, revoked.Secret, "deniz"} {
		out[key] = 401
	}
	return out
}

// A key that opens nothing opens nothing on any route, whosever the request is,
// and commits nothing. All such keys are answered alike.
func TestNoRouteOpensToADeadKey(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	guid := w.ask("payroll.v1")
	keys := w.keys()
	before, routes := w.commits.Load(), 0
	for _, rt := range w.station.Routes() {
		method, path, found := strings.Cut(rt[0], " /api/v1")
		if !found || rt[1] == "public" {
			continue
		}
		routes++
		dead := ""
		for key, status := range keys {
			got := w.call(key, method, at(path, guid), aBody(rt[0], w.guid()))
			if got.Code != status || got.Header().Get("WWW-Authenticate") != "Bearer" {
				t.Errorf("%s with the key %.12q: %d %s", rt[0], key, got.Code, got.Body)
			}
			if key == "" {
				continue // a key is asked for
			}
			if dead == "" {
				dead = got.Body.String()
			}
			if got.Body.String() != dead {
				t.Errorf("%s tells dead keys apart:\n%s\n%s", rt[0], dead, got.Body)
			}
		}
	}
	if n := w.commits.Load() - before; n != 0 || routes < 20 {
		t.Errorf("%d commits on %d routes", n, routes)
	}
}

// How each kind of key of each kind of person stands towards each route about a
// request that is theirs, was sent to them, was taken back from them, is
// another's, or is nobody's. What is not seen is as unknown, byte for byte; what
// is refused commits nothing.
func TestWhoStandsHowAtTheAPI(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	guid, unknown := w.guid(), w.guid()
	body := strings.Replace(form(guid, "top-games.v1"), "}}", `},"recipients":["deniz"]}`, 1)
	w.want(202, "", "derya", "POST", "/requests", body)
	w.store(guid, time.Minute)
	for _, role := range access.Roles() {
		w.enlist(role)
	}
	w.write(func(tx ledger.Tx) error {
		return errors.Join(
			tx.PutRecipient(ledger.Recipient{GUID: guid, Account: "murat", GoneAt: w.now}),
			tx.PutToken(ledger.Token{Hash: access.Digest("web"), Scope: access.ScopeService}))
	})
	sees := map[string]bool{"derya": true, "deniz": true, "onur": true, "ada": true, "operator": true, "admin": true,
		"murat": false, "requester": false, "approver": false, "author": false}
	for who, see := range sees {
		read, full := w.issue(who, access.ScopeRead, 30).Secret, w.issue(who, access.ScopeFull, 30).Secret
		for _, key := range []string{who, read, full} {
			w.call(key, "GET", "/me", "") // notes the use of a token, once
		}
		for _, rt := range w.station.Routes() {
			method, path, _ := strings.Cut(rt[0], " /api/v1")
			if !strings.Contains(path, "{guid}") || see && strings.Contains(path, "files") {
				continue // who may have files: TestDownload
			}
			for what, ask := range map[string]func(string) *httptest.ResponseRecorder{
				"at the command line": func(g string) *httptest.ResponseRecorder { return w.call(who, method, at(path, g), aBody(rt[0], "")) },
				"by a full token":     func(g string) *httptest.ResponseRecorder { return w.call(full, method, at(path, g), aBody(rt[0], "")) },
				"by a reading token":  func(g string) *httptest.ResponseRecorder { return w.call(read, method, at(path, g), aBody(rt[0], "")) },
				"at the pages":        func(g string) *httptest.ResponseRecorder { return w.actAs(who, method, at(path, g), aBody(rt[0], "")) },
			} {
				before := w.commits.Load()
				none := ask(unknown)
				if see {
					if none.Code != 404 && none.Code != 403 {
						t.Errorf("%s %s of nobody's, %s: %d", who, rt[0], what, none.Code)
					}
					continue
				}
				got := ask(guid)
				want := 404
				if what == "by a reading token" && method != "GET" {
					want = 403
				}
				if got.Code != want || got.Body.String() != none.Body.String() || w.commits.Load() != before {
					t.Errorf("%s %s, %s: %d, as unknown: %v, %d commits", who, rt[0], what, got.Code, got.Body.String() == none.Body.String(), w.commits.Load()-before)
				}
			}
		}
	}
}

// actAs calls with the pages' own token.
func (w *world) actAs(who, method, path, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "/api/v1"+path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer web")
	r.Header.Set("Peyk-Act-As", who)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	rec := httptest.NewRecorder()
	w.door.ServeHTTP(rec, r)
	return rec
}

// GET commits nothing but the use of a token, on whatever route; a rehearsal
// commits nothing either.
func TestLookingCommitsNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	guid := w.ask("top-games.v1")
	w.fail(guid)
	before := w.commits.Load()
	for _, rt := range w.station.Routes() {
		method, path, _ := strings.Cut(rt[0], " /api/v1")
		for _, who := range []string{"derya", "murat", "onur", "ada"} {
			switch {
			case method == http.MethodGet:
				w.call(who, method, at(path, guid)+"?dry-run=false&reason=x", "")
			case strings.HasSuffix(path, "/redrive"), strings.HasSuffix(path, "/{guid}/resolve"):
				for _, yes := range []string{"true", "1", "T"} {
					w.call(who, method, at(path, guid)+"?dry-run="+yes, `{"version":0}`) // of the present one
				}
			}
		}
	}
	if n := w.commits.Load() - before; n != 0 {
		t.Errorf("%d commits by looking", n)
	}
}

// What is too long, too much, too deep or no text is refused as a mistake of the
// caller's: nothing of it reaches a ledger that might not keep it.
func TestBodiesHaveLimits(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	guid := w.ask("payroll.v1")
	before := w.commits.Load()
	many := func(n int, one string) string { return "[" + strings.TrimSuffix(strings.Repeat(one+",", n), ",") + "]" }
	var unknown []string
	for i := range 201 {
		unknown = append(unknown, fmt.Sprintf(`"p%d":1`, i))
	}
	deep := strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000)
	ask := func(more string) string {
		return strings.TrimSuffix(form(w.guid(), "top-games.v1"), "}") + "," + more + "}"
	}
	for what, c := range map[string]struct {
		status     int
		code, path string
		body       string
	}{
		"a long reason":      {400, "malformed", "/requests/" + guid + "/decline", `{"reason":"` + strings.Repeat("ı", 2001) + `"}`},
		"a long approval":    {400, "malformed", "/requests/" + guid + "/approve", `{"reason":"` + strings.Repeat("ı", 2001) + `"}`},
		"NUL as a reason":    {400, "malformed", "/requests/" + guid + "/decline", `{"reason":"a\u0000b"}`},
		"a long note":        {400, "malformed", "/requests", ask(`"note":"` + strings.Repeat("ı", 2001) + `"`)},
		"NUL in a note":      {400, "malformed", "/requests", ask(`"note":"\u0000"`)},
		"NUL in a recipient": {400, "malformed", "/requests", ask(`"recipients":["deniz\u0000"]`)},
		"NUL as a key":       {400, "malformed", "/requests", strings.Replace(form(w.guid(), "top-games.v1"), `{"period"`, `{"a\u0000":[{"b":1}],"period"`, 1)},
		"NUL deep inside":    {400, "malformed", "/requests", strings.Replace(form(w.guid(), "top-games.v1"), `{"period"`, `{"count":[{"b":["\u0000"]}],"period"`, 1)},
		"fifty-one people":   {400, "malformed", "/requests", ask(`"recipients":` + many(51, `"deniz"`))},
		"eleven formats":     {400, "malformed", "/requests", ask(`"formats":` + many(11, `"pdf"`))},
		"a format twice":     {422, "invalid-parameters", "/requests", ask(`"formats":["pdf","pdf"]`)},
		"many parameters":    {400, "malformed", "/requests", strings.Replace(form(w.guid(), "top-games.v1"), `"period":"last-year"`, strings.Join(unknown, ","), 1)},
		"too deep":           {400, "malformed", "/requests", ask(`"note":` + deep)},
		"deep parameters":    {400, "malformed", "/requests", strings.Replace(form(w.guid(), "top-games.v1"), `"last-year"`, deep, 1)},
		"too large":          {413, "too-large", "/requests", ask(`"note":"` + strings.Repeat("x", 64<<10) + `"`)},
		"two bodies":         {400, "malformed", "/requests/" + guid + "/approve", `{} {}`},
		"an unknown field":   {400, "malformed", "/requests/" + guid + "/approve", `{"reason":"x","as":"ada"}`},
	} {
		if got := w.call("derya", "POST", c.path, c.body); strings.Contains(c.path, guid) {
			got = w.call("murat", "POST", c.path, c.body)
			if got.Code != c.status || !strings.Contains(got.Body.String(), c.code) {
				t.Errorf("%s: %d %.200s", what, got.Code, got.Body)
			}
		} else if got.Code != c.status || !strings.Contains(got.Body.String(), c.code) {
			t.Errorf("%s: %d %.200s, want %d %s", what, got.Code, got.Body, c.status, c.code)
		}
	}
	if n := w.commits.Load() - before; n != 0 {
		t.Errorf("%d commits", n)
	}
	// An escaped backslash before u0000 is text.
	w.want(200, "", "murat", "POST", "/requests/"+guid+"/approve", `{"reason":"a\\u0000b"}`)
}

// Addresses with signs that no ledger keeps find nothing, and ask nothing of it.
func TestIllegibleAddressesFindNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, rt := range w.station.Routes() {
		method, path, found := strings.Cut(rt[0], " /api/v1")
		if !found || !strings.Contains(path, "{") {
			continue
		}
		for _, bad := range []string{"%00", "%FF", "a%00"} {
			for _, who := range []string{"derya", "ada"} {
				path := strings.NewReplacer("{guid}", bad, "{name}", bad, "{id}", bad).Replace(path)
				views := 0
				w.viewing = func() error { views++; return nil }
				got := w.call(who, method, path, aBody(rt[0], w.guid()))
				if got.Code != 404 && got.Code != 403 {
					t.Errorf("%s as %s, %s: %d %s", rt[0], bad, who, got.Code, got.Body)
				}
				if views > 1 { // who calls is all that is asked
					t.Errorf("%s as %s, %s: the ledger was asked %d times", rt[0], bad, who, views)
				}
			}
		}
	}
	w.viewing = nil
	for _, query := range []string{"before=%00", "before=%ff", "state=%00", "state=READY&state=%ff"} {
		w.want(400, "malformed", "derya", "GET", "/requests?"+query, "")
	}
}
