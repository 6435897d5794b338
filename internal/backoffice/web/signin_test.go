package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"peyk/internal/backoffice/access"
	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/web"
)

func TestSignInOpensASession(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.browser()
	first := b.get("/signin")
	if c := first.header.Get("Set-Cookie"); c != "" {
		t.Errorf("somebody who only looks at the door gets a cookie: %s", c)
	}
	res := b.post("/signin", url.Values{"name": {" derya "}, "password": {password}, "next": {"/reports?show=ready"}})
	if res.status != http.StatusSeeOther || res.header.Get("Location") != "/reports?show=ready" {
		t.Errorf("%d to %q", res.status, res.header.Get("Location"))
	}
	cookie := res.header.Get("Set-Cookie")
	for _, part := range []string{"peyk=", "; Path=/", "; HttpOnly", "; SameSite=Lax"} {
		if !strings.Contains(cookie, part) {
			t.Errorf("cookie %q lacks %q", cookie, part)
		}
	}
	for _, part := range []string{"Secure", "Expires", "Max-Age", "Domain"} {
		if strings.Contains(cookie, part) {
			t.Errorf("cookie %q has %s", cookie, part)
		}
	}
	if got := b.get("/"); got.header.Get("Location") != "/new" {
		t.Errorf("a requester begins at %q", got.header.Get("Location"))
	}
}

func TestCookieUnderTLS(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *web.Config) { c.Secure = true })
	res := w.browser().post("/signin", url.Values{"name": {"derya"}, "password": {password}})
	cookie := res.header.Get("Set-Cookie")
	for _, part := range []string{"__Host-peyk=", "; Path=/", "; HttpOnly", "; Secure", "; SameSite=Lax"} {
		if !strings.Contains(cookie, part) {
			t.Errorf("cookie %q lacks %q", cookie, part)
		}
	}
	if res.header.Get("Strict-Transport-Security") == "" {
		t.Error("no HSTS under TLS")
	}
}

// Every sign-in has a token nobody knew before, and the old one is void.
func TestSignInChangesTheToken(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.as("derya")
	u, _ := url.Parse(w.server.URL)
	before := b.client.Jar.Cookies(u)[0].Value
	b.post("/signin", url.Values{"name": {"murat"}, "password": {password}})
	if after := b.client.Jar.Cookies(u)[0].Value; after == before {
		t.Error("the token survived a sign-in")
	}
	b.client.Jar.SetCookies(u, []*http.Cookie{{Name: "peyk", Value: before}})
	if got := b.get("/reports"); got.status != http.StatusSeeOther {
		t.Errorf("the old token still opens pages: %d", got.status)
	}
}

// A wrong password, an unknown name and somebody who left get one answer.
func TestWrongSignInsLookTheSame(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	pages := map[string]bool{}
	for name, pass := range map[string]string{"derya": "wrong", "nobody": password, "gitti": password} {
		res := w.browser().post("/signin", url.Values{"name": {name}, "password": {pass}, "lang": {"tr"}})
		if res.status != http.StatusUnauthorized || res.header.Get("Set-Cookie") != "" {
			t.Errorf("%s: %d with cookie %q", name, res.status, res.header.Get("Set-Cookie"))
		}
		page := res.page()
		if got := value(one(t, one(t, page, el("form", "class", "stack")), el("input", "name", "name")), "value"); got != name {
			t.Errorf("the name typed is %q, shown is %q", name, got)
		}
		pages[strings.ReplaceAll(res.body, `value="`+name+`"`, "")] = true
	}
	if len(pages) != 1 {
		t.Errorf("%d different answers", len(pages))
	}
}

func TestGuessingIsThrottled(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.browser()
	var res reply
	for range 6 {
		res = b.post("/signin", url.Values{"name": {"derya"}, "password": {"wrong"}})
	}
	if res.status != http.StatusTooManyRequests || res.header.Get("Retry-After") == "" {
		t.Errorf("the sixth wrong try: %d, Retry-After %q", res.status, res.header.Get("Retry-After"))
	}
}

// A session ends with the sign-out, with the person's leaving, and with another
// password.
func TestSessionsEnd(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	change := func(name string, f func(*ledger.Account)) {
		w.update(func(tx ledger.Tx) error {
			a, err := tx.Account(name)
			if err != nil {
				return err
			}
			f(&a)
			return tx.PutAccount(a)
		})
	}
	for how, end := range map[string]func(*browser){
		"sign-out":     func(b *browser) { b.post("/signout", nil) },
		"leaving":      func(*browser) { change("derya", func(a *ledger.Account) { a.Gone = true }) },
		"new password": func(*browser) { change("derya", func(a *ledger.Account) { a.Password += "x" }) },
	} {
		b := w.as("derya")
		was, _ := w.account("derya")
		u, _ := url.Parse(w.server.URL)
		cookies := b.client.Jar.Cookies(u)
		end(b)
		b.client.Jar.SetCookies(u, cookies) // a copy somebody kept
		if got := b.get("/reports"); got.status != http.StatusSeeOther {
			t.Errorf("after %s: %d", how, got.status)
		}
		change("derya", func(a *ledger.Account) { *a = was })
	}
}

// What a person does moves the end of the session; what a page fetches by
// itself does not.
func TestOnlyPeopleKeepASessionAlive(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.as("derya")
	u, _ := url.Parse(w.server.URL)
	hash := access.Digest(b.client.Jar.Cookies(u)[0].Value)
	near := w.clock.Now().Add(10 * time.Minute)
	w.update(func(tx ledger.Tx) error {
		row, err := tx.Session(hash)
		if err != nil {
			return err
		}
		row.ExpiresAt = near
		return tx.PutSession(row)
	})
	end := func() (at time.Time) {
		must(t, w.ledger.View(t.Context(), func(v ledger.View) error {
			row, err := v.Session(hash)
			at = row.ExpiresAt
			return err
		}))
		return at
	}
	b.get("/reports", "HX-Request", "true")
	b.listen(t, "/events?after=0").stop()
	if !end().Equal(near) {
		t.Errorf("a page that renews itself moved the end from %s to %s", near, end())
	}
	b.get("/reports")
	if moved := end().Sub(w.clock.Now()); moved < 29*time.Minute || moved > 31*time.Minute {
		t.Errorf("after a person's visit the session ends in %s", moved)
	}
}

func (w *world) account(name string) (a ledger.Account, err error) {
	err = w.ledger.View(w.t.Context(), func(v ledger.View) error {
		a, err = v.Account(name)
		return err
	})
	return a, err
}

func TestNobodyIsSentToAnotherSite(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.browser()
	for _, next := range []string{"https://evil.example/", "//evil.example", "///evil.example", "////evil.example", "/\\evil.example", "\\\\evil.example", "javascript:alert(1)", "http:evil", "/%0d%0aX: y\r\n", " //evil.example", "/..//evil.example/.."} {
		res := b.post("/signin", url.Values{"name": {"derya"}, "password": {password}, "next": {next}})
		to, err := url.Parse(res.header.Get("Location"))
		if err != nil || to.Host != "" || to.Scheme != "" || strings.HasPrefix(res.header.Get("Location"), "//") || strings.Contains(res.header.Get("Location"), "\\") {
			t.Errorf("next %q leads to %q", next, res.header.Get("Location"))
		}
	}
}

func TestDoorSpeaksTheBrowsersLanguage(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *web.Config) {
		c.Demo = []web.DemoAccount{{Name: "derya", FullName: "Derya Aksoy", Password: password, Role: "Genel Müdür"}}
	})
	b := w.browser()
	for path, c := range map[string]struct{ accept, lang string }{
		"/signin":         {"tr-TR,tr;q=0.9,en;q=0.5", "tr"},
		"/signin?":        {"de,en;q=0.5", "en"},
		"/signin?lang=en": {"tr", "en"},
		"/signin?lang=tr": {"", "tr"},
	} {
		page := b.get(path, "Accept-Language", c.accept).page()
		if got := value(one(t, page, el("html")), "lang"); got != c.lang {
			t.Errorf("%s for %q speaks %s, want %s", path, c.accept, got, c.lang)
		}
	}
	demo := one(t, b.get("/signin").page(), el("section", "class", "demo"))
	form := url.Values(filled(one(t, demo, el("form"))))
	if res := b.post("/signin", form); res.status != http.StatusSeeOther {
		t.Errorf("the sample account's button with %v: %d", form, res.status)
	}
}

// Every answer carries the same protection, whatever it is.
func TestEveryAnswerIsProtected(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.asked("derya", "none", delivered()...)
	b := w.as("derya")
	for _, path := range []string{"/signin", "/new", "/r/" + r.GUID, "/nowhere", "/operations", "/static/none.css"} {
		h := b.get(path).header
		csp := h.Get("Content-Security-Policy")
		for _, part := range []string{"default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"} {
			if !strings.Contains(csp, part) {
				t.Errorf("%s: policy %q lacks %q", path, csp, part)
			}
		}
		if strings.Contains(csp, "unsafe") {
			t.Errorf("%s: policy %q is not strict", path, csp)
		}
		for name, value := range map[string]string{
			"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin",
		} {
			if h.Get(name) != value {
				t.Errorf("%s: %s is %q", path, name, h.Get(name))
			}
		}
	}
}

// A strict policy forbids what is inline: no page may need it.
func TestNothingIsInline(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.asked("derya", "approver")
	r := w.asked("murat", "none", delivered()...)
	w.notice("murat", r.GUID, ledger.SubjectReady)
	b := w.as("murat")
	for _, path := range []string{"/signin", "/new", "/new/top-games.v1", "/new/churn.v2", "/reports", "/approvals", "/bell", "/r/" + r.GUID, "/nowhere"} {
		page := b.get(path).page()
		for n := range page.Descendants() {
			if n.Type != html.ElementNode {
				continue
			}
			_, external := attr(n, "src")
			if n.Data == "style" || n.Data == "script" && !external {
				t.Errorf("%s: inline <%s>", path, n.Data)
			}
			for _, a := range n.Attr {
				if a.Key == "style" || strings.HasPrefix(a.Key, "on") || strings.HasPrefix(a.Key, "hx-on") || strings.HasPrefix(a.Val, "javascript:") {
					t.Errorf("%s: <%s %s=%q>", path, n.Data, a.Key, a.Val)
				}
			}
		}
	}
}

// Behind a proxy the pages' own address is another than the one they listen on.
func TestFormsFromThePublicAddressAreOurs(t *testing.T) {
	t.Parallel()
	public, err := url.Parse("https://peyk.kule.example/")
	must(t, err)
	w := newWorld(t, func(c *web.Config) { c.PublicURL = public })
	for origin, status := range map[string]int{"https://peyk.kule.example": http.StatusSeeOther, "http://peyk.kule.example": http.StatusForbidden} {
		res := w.browser().post("/signin", url.Values{"name": {"derya"}, "password": {password}}, "Origin", origin)
		if res.status != status {
			t.Errorf("a form from %s: %d, want %d", origin, res.status, status)
		}
	}
}

func TestFormsFromOtherSitesAreRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.asked("derya", "none")
	b := w.as("derya")
	for _, header := range [][]string{{"Sec-Fetch-Site", "cross-site"}, {"Origin", "https://evil.example"}} {
		if res := b.post("/r/"+r.GUID+"/cancel", nil, header...); res.status != http.StatusForbidden {
			t.Errorf("%v: %d", header, res.status)
		}
	}
	if len(w.trigger.seen()) > 0 {
		t.Error("the trigger was called")
	}
}
