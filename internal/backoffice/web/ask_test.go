package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"peyk/internal/backoffice/access"
	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/web"
	"peyk/internal/protocol"
)

// draw reads a fresh form as the browser would send it.
func (b *browser) draw(path string) url.Values {
	b.w.t.Helper()
	res := b.get(path)
	if res.status != http.StatusOK {
		b.w.t.Fatalf("%s: %d", path, res.status)
	}
	return url.Values(filled(one(b.w.t, res.page(), el("form", "class", "ask"))))
}

// From the sign-in to the request it takes three clicks: sign in, choose, send.
func TestThreeClicks(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.as("derya")
	list := b.get(b.get("/").header.Get("Location")).page()
	var chosen string
	for _, a := range all(list, el("a", "href", "/new/top-games.v1")) {
		chosen = value(a, "href")
	}
	form := b.draw(chosen)
	res := b.post(chosen, form)
	guid := form.Get("guid")
	if res.status != http.StatusSeeOther || res.header.Get("Location") != "/r/"+guid {
		t.Fatalf("%d to %q, want the report %s", res.status, res.header.Get("Location"), guid)
	}
	calls := w.trigger.seen()
	if len(calls) != 1 {
		t.Fatalf("%d calls", len(calls))
	}
	c := calls[0]
	if c.method+" "+c.path != "POST /api/v1/requests" || c.actor != "derya" || c.bearer != "Bearer service" {
		t.Errorf("the call is %+v", c)
	}
	if drawn, err := time.Parse(time.RFC3339Nano, c.drawn); err != nil || drawn.After(w.clock.Now()) {
		t.Errorf("the form was drawn %q: %v", c.drawn, err)
	}
	params := c.body["parameters"].(map[string]any)
	period, _ := params["period"].(map[string]any)
	if params["count"] != 50.0 || params["min_reviews"] != 100.0 || period["preset"] != "last-year" {
		t.Errorf("the defaults sent are %v", params)
	}
	if c.body["type"] != "top-games.v1" || c.body["locale"] != "tr" || c.body["time_zone"] != "Europe/Istanbul" {
		t.Errorf("the request is %v", c.body)
	}
	if page := b.get("/r/" + guid); page.status != http.StatusOK {
		t.Errorf("its page: %d", page.status)
	}
}

func TestDaysAreInclusiveOnTheForm(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.as("derya")
	form := b.draw("/new/top-games.v1")
	form.Set("p.period", "custom")
	form.Set("p.period.from", "2025-03-01")
	form.Set("p.period.to", "2025-03-31")
	b.post("/new/top-games.v1", form)
	period := w.trigger.seen()[0].body["parameters"].(map[string]any)["period"].(map[string]any)
	if period["from"] != "2025-03-01" || period["to"] != "2025-04-01" {
		t.Errorf("1 to 31 March went out as %v", period)
	}
}

// A second press, at the same moment or later, is the same request.
func TestDoubleSubmitIsOneRequest(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.as("derya")
	form := b.draw("/new/top-games.v1")
	var pressed sync.WaitGroup
	for range 2 {
		pressed.Go(func() {
			if res := b.post("/new/top-games.v1", form); res.header.Get("Location") != "/r/"+form.Get("guid") {
				t.Errorf("%d to %q", res.status, res.header.Get("Location"))
			}
		})
	}
	pressed.Wait()
	if w.trigger.requests != 1 {
		t.Errorf("%d requests", w.trigger.requests)
	}
}

func TestMistakesStayAtTheirFields(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.as("derya")
	form := b.draw("/new/top-games.v1")
	typed := map[string]string{"p.count": "501", "p.min_reviews": "çok", "recipients": "murat, Kimse Yok"}
	for name, v := range typed {
		form.Set(name, v)
	}
	form.Set("p.period", "custom")
	form.Set("p.period.from", "2025-12-31")
	form.Set("p.period.to", "2025-01-01")
	form["formats"] = nil
	res := b.post("/new/top-games.v1", form)
	if res.status != http.StatusUnprocessableEntity || len(w.trigger.seen()) != 0 {
		t.Fatalf("%d, %d calls", res.status, len(w.trigger.seen()))
	}
	page := one(t, res.page(), el("form", "class", "ask"))
	for name, sentence := range map[string]string{
		"p.count": "En az 1, en çok 500", "p.min_reviews": "Bir tam sayı yazın.", "p.period": "Son gün ilk günden önce.",
		"recipients": "“Kimse Yok” adında biri yok.", "formats": "En az bir biçim seçin.",
	} {
		one(t, page, el("", "aria-invalid", "true", "aria-describedby", "problem-"+name))
		if got := text(one(t, page, el("", "id", "problem-"+name))); got != sentence {
			t.Errorf("%s: %q, want %q", name, got, sentence)
		}
	}
	again := url.Values(filled(page))
	for name, v := range typed {
		if again.Get(name) != v {
			t.Errorf("%s was typed as %q and comes back as %q", name, v, again.Get(name))
		}
	}
	if again.Get("guid") != form.Get("guid") || again.Get("p.period.from") != "2025-12-31" {
		t.Errorf("GUID or days are lost: %v", again)
	}
}

func TestRefusalsOfTheTriggerAreShownAtTheFields(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.as("derya")
	p := protocol.NewProblem(http.StatusUnprocessableEntity, protocol.CodeInvalidParams, "no")
	p.Errors = []protocol.ProblemDetail{{Pointer: "/parameters/count", Detail: "is odd"}, {Pointer: "/recipients/0", Detail: "has left"}, {Pointer: "/time_zone", Detail: "is unknown"}}
	w.trigger.refuse(p)
	res := b.post("/new/top-games.v1", b.draw("/new/top-games.v1"))
	page := res.page()
	if res.status != http.StatusUnprocessableEntity {
		t.Errorf("status %d", res.status)
	}
	for id, sentence := range map[string]string{"problem-p.count": "is odd", "problem-recipients": "has left"} {
		if got := text(one(t, page, el("", "id", id))); got != sentence {
			t.Errorf("%s: %q", id, got)
		}
	}
	if got := text(one(t, page, el("p", "data-alarm", "*"))); got != "is unknown" {
		t.Errorf("what belongs to no field is shown as %q", got)
	}
}

// With the trigger down nothing is lost: the page keeps draft and GUID, says so,
// and sending it again is the same request.
func TestDraftSurvivesADownTrigger(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.as("derya")
	form := b.draw("/new/churn.v2")
	form.Set("note", "Çarşamba sunumu için")
	form.Set("p.plan", "gold")
	form.Set("p.detail", "true")
	w.trigger.down(true)
	res := b.post("/new/churn.v2", form)
	if res.status != http.StatusServiceUnavailable {
		t.Errorf("status %d", res.status)
	}
	page := one(t, res.page(), el("form", "class", "ask"))
	if alarm := text(one(t, page, el("p", "data-alarm", "*"))); !strings.HasPrefix(alarm, "İstek gönderilemedi") {
		t.Errorf("it says %q", alarm)
	}
	if words := text(one(t, page, el("div", "id", "summary"))); words != "Cümle şu an yazılamıyor. İsteği yine de gönderebilirsiniz." {
		t.Errorf("nothing is missing in the form, and it says %q", words)
	}
	again := url.Values(filled(page))
	for _, name := range []string{"guid", "drawn", "note", "p.plan", "p.detail", "p.day"} {
		if again.Get(name) != form.Get(name) {
			t.Errorf("%s was %q and is %q", name, form.Get(name), again.Get(name))
		}
	}
	w.trigger.down(false)
	if res := b.post("/new/churn.v2", again); res.header.Get("Location") != "/r/"+form.Get("guid") || w.trigger.requests != 1 {
		t.Errorf("%d to %q, %d requests", res.status, res.header.Get("Location"), w.trigger.requests)
	}
}

func TestFormSentBeforeBecomesANewRequest(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.as("derya")
	form := b.draw("/new/top-games.v1")
	w.trigger.refuse(protocol.NewProblem(http.StatusConflict, "guid-reused", "this GUID already belongs to another request"))
	page := one(t, b.post("/new/top-games.v1", form).page(), el("form", "class", "ask"))
	again := url.Values(filled(page))
	if again.Get("guid") == form.Get("guid") || protocol.CheckGUID(again.Get("guid")) != nil {
		t.Errorf("the GUID offered next is %q", again.Get("guid"))
	}
}

func TestAskingAgainIsFilledInAsBefore(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.asked("derya", "none", failed()...)
	w.update(func(tx ledger.Tx) error {
		return tx.PutRecipient(ledger.Recipient{GUID: r.GUID, Account: "murat"})
	})
	b := w.as("derya")
	row := one(t, b.get("/reports").page(), el("li", "data-guid", r.GUID))
	link := value(one(t, row, el("a", "class", "quiet")), "href")
	form := b.draw(link)
	want := map[string]string{
		"p.period": "custom", "p.period.from": "2025-01-01", "p.period.to": "2025-12-31", "p.count": "50", "recipients": "Murat Yıldız", "locale": "tr",
	}
	for name, v := range want {
		if form.Get(name) != v {
			t.Errorf("%s is %q, want %q", name, form.Get(name), v)
		}
	}
	if form.Get("guid") == r.GUID {
		t.Error("it would be the same request")
	}
	if res := w.as("emre").get(link); res.status != http.StatusNotFound {
		t.Errorf("somebody else fills in derya's parameters: %d", res.status)
	}
}

func TestCatalogIsSearchedInTheReadersLanguage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.as("derya")
	for query, want := range map[string]string{
		"": "/new/churn.v2 /new/top-games.v1", "YENİLEME": "/new/churn.v2", "oyunlar ülke": "/new/top-games.v1", "yok böyle": "",
	} {
		var got []string
		page := b.get("/new?q=" + url.QueryEscape(query)).page()
		for _, a := range all(one(t, page, el("div", "id", "catalog")), el("a")) {
			got = append(got, value(a, "href"))
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q finds %v, want %q", query, got, want)
		}
	}
}

func TestCatalogTellsItsAge(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.as("derya")
	if old := all(b.get("/new").page(), el("p", "class", "stale")); len(old) != 0 {
		t.Errorf("a fresh catalog says %q", text(old[0]))
	}
	w.clock.Add(20 * time.Minute)
	if old := all(b.get("/new").page(), el("p", "class", "stale")); len(old) != 1 {
		t.Error("a catalog of 20 minutes ago does not tell its age")
	}
}

func TestNoCatalogYet(t *testing.T) {
	t.Parallel()
	empty := func(c *web.Config) { c.Ledger = noCatalog{c.Ledger} }
	w := newWorld(t, empty)
	if res := w.as("derya").get("/new"); res.status != http.StatusServiceUnavailable || !strings.Contains(text(res.page()), "Henüz seçilecek rapor yok") {
		t.Errorf("%d %s", res.status, text(res.page()))
	}
}

func TestApproverIsNamedBeforeAsking(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for who, want := range map[string]string{
		"derya": "Murat Yıldız ya da Selin Kaya onaylayacak", "murat": "Selin Kaya onaylayacak",
	} {
		facts := text(one(t, w.as(who).get("/new/churn.v2").page(), el("ul", "class", "facts")))
		if !strings.Contains(facts, want) {
			t.Errorf("%s reads %q, want %q", who, facts, want)
		}
	}
	if page := w.as("derya").get("/new/top-games.v1").page(); len(all(page, el("textarea", "name", "note"))) != 0 {
		t.Error("a note to nobody is asked for")
	}
}

// Two people of one name: a report goes to the one who is meant, or to nobody.
func TestOneNameOfTwoPeople(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.update(func(tx ledger.Tx) error {
		return tx.PutAccount(ledger.Account{Name: "murat2", FullName: "Murat Yıldız", Email: "murat2@kule.example", Roles: []string{access.Requester}, Locale: "tr", TimeZone: "UTC"})
	})
	r := w.asked("derya", "none", failed()...)
	w.update(func(tx ledger.Tx) error { return tx.PutRecipient(ledger.Recipient{GUID: r.GUID, Account: "murat2"}) })
	b := w.as("derya")
	form := b.draw("/new/top-games.v1?again=" + r.GUID)
	if got := form.Get("recipients"); got != "murat2@kule.example" {
		t.Errorf("asking again goes to %q", got)
	}
	var offered []string
	for _, o := range all(one(t, b.get("/new/top-games.v1").page(), el("datalist", "id", "people")), el("option")) {
		offered = append(offered, value(o, "value"))
	}
	if !slices.Contains(offered, "murat@kule.example") || !slices.Contains(offered, "murat2@kule.example") || slices.Contains(offered, "Murat Yıldız") {
		t.Errorf("offered are %v", offered)
	}
	form.Set("recipients", "Murat Yıldız")
	page := b.post("/new/top-games.v1", form).page()
	if got := text(one(t, page, el("", "id", "problem-recipients"))); got != "“Murat Yıldız” adında birden çok kişi var: e-posta adresini yazın." || len(w.trigger.seen()) != 0 {
		t.Errorf("typed by the name of both: %q, %d calls", got, len(w.trigger.seen()))
	}
	form.Set("recipients", "murat2@kule.example")
	b.post("/new/top-games.v1", form)
	if got := fmt.Sprint(w.trigger.seen()[0].body["recipients"]); got != "[murat2]" {
		t.Errorf("it goes to %s", got)
	}
}
