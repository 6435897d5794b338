package web_test

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"peyk/internal/backoffice/access"
	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/web"
)

const newPassword = "another sample password"

func (w *world) person(name string) (a ledger.Account) {
	w.t.Helper()
	must(w.t, w.ledger.View(w.t.Context(), func(v ledger.View) (err error) {
		a, err = v.Account(name)
		return err
	}))
	return a
}

func (w *world) sessions(name string) (rows []ledger.Session) {
	w.t.Helper()
	must(w.t, w.ledger.View(w.t.Context(), func(v ledger.View) (err error) {
		rows, err = v.SessionsOf(name)
		return err
	}))
	return rows
}

// form reads the fields of one form of the page as a browser would send them.
func (r reply) form(action string) url.Values {
	r.t.Helper()
	return filled(one(r.t, r.page(), el("form", "action", action)))
}

// Saving what is shown changes nothing; what is changed is there on the next page.
func TestProfileIsSaved(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.as("derya")
	before := w.person("derya")
	form := b.get("/profile").form("/profile")
	if got := b.post("/profile", form); got.status != http.StatusSeeOther {
		t.Fatalf("%d %s", got.status, got.body)
	}
	after := w.person("derya")
	if after.Locale != before.Locale || after.TimeZone != before.TimeZone || after.Appearance != "" || after.NoKeys || len(after.NoMail)+len(after.NoPopup) > 0 {
		t.Errorf("saving what was shown changed %+v to %+v", before, after)
	}
	form.Set("locale", "en")
	form.Set("time_zone", "America/New_York")
	form.Set("appearance", "dark")
	form.Del("keys")
	form["mail"], form["popup"] = []string{"ready"}, []string{"ended", "late"}
	next := b.post("/profile", form)
	page := b.get(next.header.Get("Location")).page()
	html := one(t, page, el("html"))
	if value(html, "lang") != "en" || value(html, "data-appearance") != "dark" || value(one(t, page, el("body")), "data-keys") != "off" {
		t.Errorf("the page has %v", html.Attr)
	}
	if got := value(one(t, page, el("meta", "name", "color-scheme")), "content"); got != "dark" {
		t.Errorf("before the style sheet it is %s", got)
	}
	if got := text(one(t, page, el("p", "class", "did"))); got != "Saved." {
		t.Errorf("it says %q", got)
	}
	a := w.person("derya")
	if !slices.Equal(a.NoMail, []ledger.News{"ended", "late"}) || !slices.Equal(a.NoPopup, []ledger.News{"ready"}) || a.TimeZone != "America/New_York" {
		t.Errorf("kept %+v", a)
	}
}

// A kind of news that is not shown to somebody stays as it was.
func TestNewsNotShownStaysAsItWas(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.update(func(tx ledger.Tx) error {
		a, err := tx.Account("derya")
		a.NoMail = []ledger.News{ledger.NewsAsking}
		if err != nil {
			return err
		}
		return tx.PutAccount(a)
	})
	b := w.as("derya")
	page := b.get("/profile")
	if strings.Contains(page.body, `value="asking"`) {
		t.Error("somebody who decides nothing chooses about approvals")
	}
	b.post("/profile", page.form("/profile"))
	if got := w.person("derya"); !slices.Equal(got.NoMail, []ledger.News{ledger.NewsAsking}) || len(got.NoPopup) > 0 {
		t.Errorf("kept %+v", got)
	}
	if !strings.Contains(w.as("murat").get("/profile").body, `value="asking"`) {
		t.Error("who decides cannot choose about approvals")
	}
}

func TestUnknownZoneIsAskedAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.as("derya")
	form := b.get("/profile").form("/profile")
	form.Set("time_zone", "Ayvalık")
	form.Set("appearance", "dark")
	got := b.post("/profile", form)
	field := one(t, got.page(), el("input", "name", "time_zone"))
	if got.status != http.StatusUnprocessableEntity || value(field, "value") != "Ayvalık" || value(field, "aria-invalid") != "true" {
		t.Errorf("%d, the field has %v", got.status, field.Attr)
	}
	if got.form("/profile").Get("appearance") != "dark" {
		t.Error("what else was chosen is lost")
	}
}

// A popup that is not wanted does not float, not on a page and not on a stream;
// the bell has it all the same.
func TestUnwantedPopupIsInTheBellOnly(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.update(func(tx ledger.Tx) error {
		a, err := tx.Account("derya")
		a.NoPopup = []ledger.News{ledger.NewsReady}
		if err != nil {
			return err
		}
		return tx.PutAccount(a)
	})
	ready, failed := w.asked("derya", "none", delivered()...), w.asked("derya", "none", failed()...)
	w.notice("derya", ready.GUID, ledger.SubjectReady)
	w.notice("derya", failed.GUID, "failed")
	b := w.as("derya")
	page := b.get("/reports").page()
	if popups := all(page, el("section", "class", "popup")); len(popups) != 1 || value(popups[0], "data-popup") != failed.GUID {
		t.Errorf("%d popups float", len(popups))
	}
	if got := value(one(t, page, el("a", "id", "bell")), "aria-label"); !strings.Contains(got, "2") {
		t.Errorf("the bell says %q", got)
	}
	stream := b.follow("/events")
	for stream.Scan() && !strings.Contains(stream.Text(), `data-popup="`+failed.GUID) {
		if strings.Contains(stream.Text(), `data-popup="`+ready.GUID) {
			t.Error("the unwanted one floats")
		}
	}
}

// follow opens a stream that ends with the test.
func (b *browser) follow(path string) *bufio.Scanner {
	b.w.t.Helper()
	ctx, stop := context.WithTimeout(b.w.t.Context(), time.Minute)
	b.w.t.Cleanup(stop)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, b.w.server.URL+path, nil)
	must(b.w.t, err)
	res, err := b.client.Do(req)
	must(b.w.t, err)
	b.w.t.Cleanup(func() { _ = res.Body.Close() })
	return bufio.NewScanner(res.Body)
}

func TestPasswordIsChanged(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	here, there := w.as("derya"), w.as("derya")
	try := func(old, fresh, repeat string) reply {
		return here.post("/profile/password", url.Values{"old": {old}, "new": {fresh}, "repeat": {repeat}})
	}
	for _, c := range []struct {
		old, fresh, repeat string
		status             int
		field              string
	}{
		{"wrong", newPassword, newPassword, 403, "old"},
		{password, newPassword, "something else again", 422, "repeat"},
		{password, "short", "short", 422, "new"},
	} {
		got := try(c.old, c.fresh, c.repeat)
		if field := one(t, got.page(), el("input", "name", c.field)); got.status != c.status || value(field, "aria-invalid") != "true" {
			t.Errorf("%+v: %d, the field has %v", c, got.status, field.Attr)
		}
		if strings.Contains(got.body, password) || strings.Contains(got.body, newPassword) {
			t.Errorf("%+v: a password is on the page", c)
		}
	}
	u, _ := url.Parse(w.server.URL)
	before := here.client.Jar.Cookies(u)[0].Value
	if got := try(password, newPassword, newPassword); got.status != http.StatusSeeOther {
		t.Fatalf("%d %s", got.status, got.body)
	}
	if after := here.client.Jar.Cookies(u)[0].Value; after == before {
		t.Error("the token of the session is the one of before")
	}
	if got := here.get("/profile"); got.status != http.StatusOK {
		t.Errorf("where it was changed nobody is signed in: %d", got.status)
	}
	if got := there.get("/profile"); got.status != http.StatusSeeOther {
		t.Errorf("another browser is still signed in: %d", got.status)
	}
	if rows := w.sessions("derya"); len(rows) != 1 {
		t.Errorf("%d sessions are left", len(rows))
	}
	if got := w.browser().post("/signin", url.Values{"name": {"derya"}, "password": {password}}); got.status != http.StatusUnauthorized {
		t.Errorf("the old password still opens: %d", got.status)
	}
}

func TestOldPasswordCannotBeGuessed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.as("derya")
	var got reply
	for range 6 {
		got = b.post("/profile/password", url.Values{"old": {"wrong"}, "new": {newPassword}, "repeat": {newPassword}})
	}
	if got.status != http.StatusTooManyRequests {
		t.Errorf("the sixth try: %d", got.status)
	}
}

// Each sign-in is listed with its browser and address, this one marked and first;
// one ended elsewhere is out at its next click, and so is its stream.
func TestSessionsAreListedAndEnded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.station.LookEvery(time.Millisecond)
	here, there := w.as("derya"), w.browser()
	agent := "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1"
	there.post("/signin", url.Values{"name": {"derya"}, "password": {password}}, "User-Agent", agent)
	stream := there.follow("/events")
	rows := all(one(t, here.get("/profile").page(), el("section", "id", "sessions")), el("li"))
	if len(rows) != 2 || !strings.Contains(text(rows[0]), "Bu tarayıcı") || !strings.Contains(text(rows[1]), "Safari, iPhone") || !strings.Contains(text(rows[1]), "127.0.0.1") {
		t.Fatalf("%d rows: %s", len(rows), text(one(t, here.get("/profile").page(), el("section", "id", "sessions"))))
	}
	got := here.post("/profile/sessions/"+value(rows[1], "data-session"), url.Values{})
	if got.status != http.StatusSeeOther {
		t.Errorf("ended with %d", got.status)
	}
	for stream.Scan() {
		continue // until it ends
	}
	if err := stream.Err(); err != nil {
		t.Errorf("the stream of the ended session did not end: %v", err)
	}
	if got := there.get("/reports"); got.status != http.StatusSeeOther {
		t.Errorf("the ended session still opens pages: %d", got.status)
	}
	if got := here.get("/reports"); got.status != http.StatusOK {
		t.Errorf("this one was ended, too: %d", got.status)
	}
}

func TestAllOtherSessionsAreEnded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	here := w.as("derya")
	others := []*browser{w.as("derya"), w.as("derya")}
	murat := w.as("murat")
	here.post("/profile/sessions", url.Values{})
	for _, b := range others {
		if got := b.get("/reports"); got.status != http.StatusSeeOther {
			t.Errorf("another session is still open: %d", got.status)
		}
	}
	for _, b := range []*browser{here, murat} {
		if got := b.get("/reports"); got.status != http.StatusOK {
			t.Errorf("one too many was ended: %d", got.status)
		}
	}
}

// Somebody else's session or token answers as one that does not exist, byte for
// byte, and is not ended.
func TestForeignDoorsAreUnknown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	derya, murat := w.as("derya"), w.as("murat")
	derya.post("/profile/tokens", url.Values{"label": {"x"}, "scope": {"read"}, "days": {"90"}})
	page := derya.get("/profile").page()
	session := value(one(t, page, el("li", "data-session", "*")), "data-session")
	token := value(one(t, page, el("li", "data-token", "*")), "data-token")
	if got := murat.get("/profile"); strings.Contains(got.body, session) || strings.Contains(got.body, token) {
		t.Error("another's are listed")
	}
	for path, unknown := range map[string]string{"/profile/sessions/" + session: "/profile/sessions/0", "/profile/tokens/" + token: "/profile/tokens/0"} {
		got, want := murat.post(path, url.Values{}), murat.post(unknown, url.Values{})
		if got.status != http.StatusNotFound || got.body != want.body {
			t.Errorf("%s: %d, an unknown one %d", path, got.status, want.status)
		}
	}
	page = derya.get("/profile").page()
	one(t, page, el("li", "data-session", session))
	one(t, page, el("li", "data-token", token))
}

// The token is on the page that made it and nowhere afterwards, and opens what it
// says until it is revoked.
func TestTokenIsShownOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *web.Config) { c.PublicURL, _ = url.Parse("https://peyk.example") })
	b := w.as("derya")
	made := b.post("/profile/tokens", url.Values{"label": {"Aylık tablo"}, "scope": {"read"}, "days": {"90"}})
	secret := text(one(t, made.page(), el("code", "id", "secret")))
	if made.status != http.StatusOK || !strings.HasPrefix(secret, access.TokenPrefix) || made.header.Get("Cache-Control") != "no-store" {
		t.Fatalf("%d, %q, %s", made.status, secret, made.header)
	}
	if want := "curl -H 'Authorization: Bearer " + secret + "' https://peyk.example/api/v1/requests"; !strings.Contains(text(one(t, made.page(), el("section", "id", "fresh"))), want) {
		t.Errorf("the page lacks %s", want)
	}
	next := b.get("/profile")
	if strings.Contains(next.body, secret) || !strings.Contains(next.body, "Aylık tablo") {
		t.Error("the next page shows the secret, or no token")
	}
	use := func() int {
		req, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, w.api.URL+"/api/v1/me", nil)
		req.Header.Set("Authorization", "Bearer "+secret)
		res, err := w.api.Client().Do(req)
		must(t, err)
		_, _ = io.Copy(io.Discard, res.Body)
		must(t, res.Body.Close())
		return res.StatusCode
	}
	if got := use(); got != http.StatusOK {
		t.Errorf("it opens nothing: %d", got)
	}
	b.post("/profile/tokens/"+value(one(t, next.page(), el("li", "data-token", "*")), "data-token"), url.Values{})
	if got := use(); got != http.StatusUnauthorized {
		t.Errorf("revoked it answers %d", got)
	}
}

func TestBadTokenIsAskedAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.as("derya")
	for field, form := range map[string]url.Values{
		"label": {"label": {"  "}, "scope": {"full"}, "days": {"30"}},
		"days":  {"label": {"Excel"}, "scope": {"full"}, "days": {"366"}},
	} {
		got := b.post("/profile/tokens", form)
		if x := one(t, one(t, got.page(), el("form", "action", "/profile/tokens")), el("input", "name", field)); got.status != 422 || value(x, "aria-invalid") != "true" {
			t.Errorf("%s: %d, %v", field, got.status, x.Attr)
		}
		if kept := got.form("/profile/tokens"); kept.Get("scope") != "full" || kept.Get("days") != form.Get("days") {
			t.Errorf("%s: what was typed is lost: %v", field, kept)
		}
	}
}

// What others named themselves is text on the page, whatever it looks like.
func TestNamesOfDoorsAreText(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	evil := `"><script>alert(1)</script><img src=x onerror=alert(1)>`
	b := w.browser()
	b.post("/signin", url.Values{"name": {"derya"}, "password": {password}}, "User-Agent", evil+" Firefox/1 "+evil)
	page := b.post("/profile/tokens", url.Values{"label": {evil}, "scope": {"read"}, "days": {"1"}}, "X-Forwarded-For", evil)
	scripts := len(all(b.get("/reports").page(), el("script")))
	for _, got := range []reply{page, b.get("/profile"), b.get("/profile?did=" + url.QueryEscape(evil))} {
		if len(all(got.page(), el("script"))) != scripts || len(all(got.page(), el("img"))) > 0 {
			t.Errorf("markup of a name's is on the page: %d scripts, %d pictures", len(all(got.page(), el("script"))), len(all(got.page(), el("img"))))
		}
		if got := text(one(t, got.page(), el("li", "data-token", "*"))); !strings.Contains(got, evil) {
			t.Errorf("the label is shown as %q", got)
		}
	}
}

// Somebody marked as gone is out at the next click, and their stream ends.
func TestGoneIsOutAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.station.LookEvery(time.Millisecond)
	b := w.as("derya")
	stream := b.follow("/events")
	if !stream.Scan() {
		t.Fatal("the stream did not begin")
	}
	w.update(func(tx ledger.Tx) error {
		a, err := tx.Account("derya")
		a.Gone = true
		if err != nil {
			return err
		}
		return tx.PutAccount(a)
	})
	for _, path := range []string{"/profile", "/reports"} {
		if got := b.get(path); got.status != http.StatusSeeOther || !strings.HasPrefix(got.header.Get("Location"), "/signin") {
			t.Errorf("%s: %d", path, got.status)
		}
	}
	for stream.Scan() {
		continue // until it ends
	}
	if err := stream.Err(); err != nil {
		t.Errorf("the stream did not end: %v", err)
	}
}

// Signing out ends the session on the server: its cookie opens nothing more.
func TestSignOutEndsTheSessionHere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.as("derya")
	u, _ := url.Parse(w.server.URL)
	cookies := b.client.Jar.Cookies(u)
	b.post("/signout", url.Values{})
	if rows := w.sessions("derya"); len(rows) != 0 {
		t.Errorf("%d sessions are left", len(rows))
	}
	b.client.Jar.SetCookies(u, cookies)
	if got := b.get("/profile"); got.status != http.StatusSeeOther {
		t.Errorf("its cookie still opens pages: %d", got.status)
	}
}
