package web_test

import (
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"peyk/internal/backoffice/access"
	"peyk/internal/backoffice/web"
)

// Behind a proxy only the proxy's own word counts, however much a client says
// before it, on one line or on many; without a proxy nothing of it does.
func TestAddressCannotBeMadeUp(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		what   string
		behind bool
		lines  []string
		want   string
	}{
		{"no proxy", false, []string{"198.51.100.7"}, "127.0.0.1"},
		{"the proxy's word", true, []string{"198.51.100.7"}, "198.51.100.7"},
		{"one line", true, []string{"203.0.113.1, 198.51.100.7"}, "198.51.100.7"},
		{"a line of its own", true, []string{"203.0.113.1", "198.51.100.7"}, "198.51.100.7"},
		{"with a port", true, []string{"198.51.100.7:4711"}, "198.51.100.7"},
		{"IPv6", true, []string{"2001:db8::1"}, "2001:db8::1"},
		{"IPv6 with a port", true, []string{"[2001:db8::1]:443"}, "2001:db8::1"},
		{"no address", true, []string{"203.0.113.1, unknown"}, "127.0.0.1"},
		{"markup", true, []string{`"><script>`}, "127.0.0.1"},
		{"nothing", true, []string{""}, "127.0.0.1"},
	} {
		w := newWorld(t, func(cfg *web.Config) { cfg.BehindProxy = c.behind })
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.server.URL+"/signin", strings.NewReader(url.Values{"name": {"derya"}, "password": {password}}.Encode()))
		must(t, err)
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header["X-Forwarded-For"] = c.lines
		res, err := w.browser().client.Do(req)
		must(t, err)
		must(t, res.Body.Close())
		rows := w.sessions("derya")
		if len(rows) != 1 || rows[0].Address != c.want {
			t.Errorf("%s, %q: signed in from %+v, want %s", c.what, c.lines, rows, c.want)
		}
	}
}

// An act whose form is cut off, too large or no text is not done: half a form
// is no form.
func TestBrokenFormsDoNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	guid := w.asked("derya", "approver").GUID
	b := w.as("murat")
	for what, c := range map[string]struct {
		body   string
		status int
	}{
		"too large":              {"reason=" + strings.Repeat("x", 65<<10), http.StatusRequestEntityTooLarge},
		"a long reason":          {"reason=" + strings.Repeat("%C4%B1", 2001), http.StatusRequestEntityTooLarge},
		"cut off":                {"reason=%C4%", http.StatusBadRequest},
		"semicolon":              {"reason=a;b", http.StatusBadRequest},
		"NUL":                    {"reason=a%00b", http.StatusBadRequest},
		"no UTF-8":               {"reason=%ff", http.StatusBadRequest},
		"NUL in a name":          {"reason=a&x%00=1", http.StatusBadRequest},
		"twelve thousand fields": {"reason=a" + strings.Repeat("&a", 12_000), http.StatusBadRequest},
	} {
		for _, verb := range []string{"approve", "decline"} {
			res := b.raw("/r/"+guid+"/"+verb, c.body)
			if res.status != c.status || !strings.Contains(res.header.Get("Content-Type"), "text/html") {
				t.Errorf("%s, to %s: %d, want %d", what, verb, res.status, c.status)
			}
		}
	}
	if calls := w.trigger.seen(); len(calls) > 0 {
		t.Errorf("the trigger was called: %+v", calls)
	}
	if res := b.raw("/r/"+guid+"/approve", "reason="+strings.Repeat("%C4%B1", 2000)); res.status != http.StatusSeeOther {
		t.Errorf("a reason of 2,000 characters: %d", res.status)
	}
}

// raw posts a body as it is.
func (b *browser) raw(path, body string) reply {
	b.w.t.Helper()
	req, err := http.NewRequestWithContext(b.w.t.Context(), http.MethodPost, b.w.server.URL+path, strings.NewReader(body))
	must(b.w.t, err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := b.client.Do(req)
	must(b.w.t, err)
	return b.read(res)
}

// Signs no database keeps are no address of ours and no question to one: they
// are answered before anything is asked, on every route.
func TestIllegibleAddressesAreNobodys(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.as("kok")
	for pattern := range web.Patterns() {
		method, path, found := strings.Cut(pattern, " ")
		if !found || method != http.MethodGet || path == "/events" {
			continue
		}
		for _, bad := range []string{"%00", "%ff", "a%00b"} {
			if strings.Contains(path, "{") && path != "/{$}" {
				at := strings.NewReplacer("{guid}", bad, "{id}", bad, "{type}", bad, "{name}", bad).Replace(path)
				if res := b.get(at); res.status != http.StatusNotFound {
					t.Errorf("GET %s: %d", at, res.status)
				}
			}
			at := strings.NewReplacer("{guid}", "0", "{id}", "0", "{type}", "0", "{name}", "0", "{$}", "").Replace(path)
			for _, name := range []string{"q", "before", "done", "at", "again", "next"} {
				if res := b.get(at + "?" + name + "=" + bad); res.status != http.StatusBadRequest {
					t.Errorf("GET %s?%s=%s: %d", at, name, bad, res.status)
				}
			}
		}
	}
	for _, name := range []string{"%00", "derya%00", "%ff"} {
		if res := b.raw("/signin", "name="+name+"&password=x"); res.status != http.StatusBadRequest {
			t.Errorf("a sign-in as %s: %d", name, res.status)
		}
	}
}

// One person cannot hold more streams open than their browsers would.
func TestStreamsOfOnePersonAreCounted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.as("derya")
	var feeds []*feed
	for range 64 {
		feeds = append(feeds, b.listen(t, "/events?after=0"))
	}
	if res := b.get("/events"); res.status != http.StatusServiceUnavailable {
		t.Errorf("the 65th stream: %d", res.status)
	}
	w.as("murat").listen(t, "/events?after=0") // others are not kept out
	feeds[0].stop()
	for res := b.try(t, "/events"); res != http.StatusOK; res = b.try(t, "/events") {
		if t.Context().Err() != nil {
			t.Fatalf("after one has ended: %d", res)
		}
	}
}

// try opens a stream and leaves it at once.
func (b *browser) try(t *testing.T, path string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, b.w.server.URL+path, nil)
	must(t, err)
	res, err := b.client.Do(req)
	must(t, err)
	must(t, res.Body.Close())
	return res.StatusCode
}

// ways lists the addresses a person may be made to come back to.
func hostileWays() []string {
	ways := []string{
		"//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example", "/%2fevil.example", "/%2f%2fevil.example", "%2f%2fevil.example",
		"/%5cevil.example", "/%5c%5cevil.example", "https://evil.example/", "https:evil.example", "javascript:alert(1)", "JaVaScRiPt:alert(1)",
		"data:text/html,x", " //evil.example", "/.//evil.example", "/..//evil.example", "/x/..//evil.example", "//evil.example%2f..", "http://[::1",
		"/?next=//evil.example", "//peyk@evil.example/", "/@evil.example", "evil.example", "", "#//evil.example", "?//evil.example",
	}
	for r := rune(1); r < 0x21; r++ {
		ways = append(ways, string(r)+"//evil.example", "/"+string(r)+"/evil.example", "java"+string(r)+"script:alert(1)")
	}
	return append(ways, "/\u2028/evil.example", "/\x7f/evil.example", "/\u00a0/evil.example")
}

// Wherever a way back can be named, it leads to a page of ours.
func TestEveryWayBackIsOurs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	guid := w.asked("derya", "approver").GUID
	b := w.as("derya")
	ours, _ := url.Parse("https://peyk.kule.example/signin")
	check := func(where, way, to string) {
		t.Helper()
		u, err := ours.Parse(strings.Map(func(r rune) rune { // as browsers do (URL Standard, 4.4)
			if r == '\t' || r == '\n' || r == '\r' {
				return -1
			}
			return r
		}, strings.ReplaceAll(strings.TrimLeft(to, " \x01\x1f"), "\\", "/")))
		if err != nil || u.Scheme != "https" || u.Host != ours.Host || u.User != nil {
			t.Errorf("%s, %q leads to %q", where, way, to)
		}
	}
	for _, way := range hostileWays() {
		asked := url.QueryEscape(way)
		in := w.browser()
		check("sign-in", way, in.post("/signin", url.Values{"name": {"derya"}, "password": {password}, "next": {way}}).header.Get("Location"))
		check("signed in already", way, b.get("/signin?next="+asked).header.Get("Location"))
		door := w.browser().get("/signin?next=" + asked)
		for _, field := range all(door.page(), el("input", "name", "next")) {
			check("the door's form", way, value(field, "value"))
		}
		for _, a := range all(b.get("/r/"+guid+"/cancel?back="+asked).page(), el("a")) {
			check("cancelling", way, value(a, "href"))
		}
		check("seen", way, b.post("/r/"+guid+"/seen", url.Values{"back": {way}}).header.Get("Location"))
	}
}

// The name a request comes by is the browser's word: it is on no page but that
// of who said it, and in no way on.
func TestHostIsNotBelieved(t *testing.T) {
	t.Parallel()
	public, err := url.Parse("https://peyk.kule.example")
	must(t, err)
	w := newWorld(t, func(c *web.Config) { c.PublicURL = public })
	guid := w.asked("derya", "none", delivered()...).GUID
	b := w.as("derya")
	for _, path := range []string{"/", "/signin", "/reports", "/profile", "/r/" + guid, "/new", "/nowhere", "//reports"} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, w.server.URL+path, nil)
		must(t, err)
		req.Host = "evil.example"
		req.Header.Set("X-Forwarded-Host", "evil.example")
		req.Header.Set("Forwarded", "host=evil.example")
		res, err := b.client.Do(req)
		must(t, err)
		if got := b.read(res); strings.Contains(got.body+fmt.Sprint(got.header), "evil.example") {
			t.Errorf("%s repeats the host: %v\n%s", path, got.header, got.body)
		}
	}
	made := b.post("/profile/tokens", url.Values{"label": {"x"}, "scope": {access.ScopeRead}, "days": {"1"}}, "X-Forwarded-Host", "evil.example")
	if strings.Contains(made.body, "evil.example") || !strings.Contains(made.body, "https://peyk.kule.example/api/v1") {
		t.Error("the token's example leads elsewhere")
	}
}

// A file's name is a name in the header of its download, whatever it says, and
// the whole file comes, whatever part was asked for.
func TestHostileNamesOfDownloads(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	guid := w.asked("derya", "none", delivered()...).GUID
	b := w.as("derya")
	for _, name := range []string{
		`a".pdf`, `a\b.pdf`, "a\r\nSet-Cookie: x=y.pdf", "çığ ürün.pdf", "a;b=c.pdf", `x"; filename*=UTF-8''evil.exe`, "<script>.pdf", "a%2fb.pdf", "a\tb", "%", "'", "=?UTF-8?Q?x?=",
	} {
		res := b.get("/r/"+guid+"/files/"+url.PathEscape(name), "Range", "bytes=0-1")
		kind, params, err := mime.ParseMediaType(res.header.Get("Content-Disposition"))
		if err != nil || kind != "attachment" || params["filename"] != name || len(params) != 1 {
			t.Errorf("%q becomes %q: %s %v, %v", name, res.header.Get("Content-Disposition"), kind, params, err)
		}
		if res.header.Get("Set-Cookie") != "" || res.header.Get("Content-Range") != "" || res.status != http.StatusOK || res.body != "%PDF-1.7 sample" {
			t.Errorf("%q: %d %v", name, res.status, res.header)
		}
		protected(t, name, res)
	}
}
