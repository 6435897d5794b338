package web_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"peyk/internal/backoffice/access"
	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/web"
	"peyk/internal/report"
)

// noCatalog is a ledger the gateway has not filled yet.
type noCatalog struct{ ledger.Ledger }

type noCatalogView struct{ ledger.View }

func (noCatalogView) Catalog() (ledger.Catalog, error) { return ledger.Catalog{}, ledger.ErrNotFound }

func (n noCatalog) View(ctx context.Context, fn func(ledger.View) error) error {
	return n.Ledger.View(ctx, func(v ledger.View) error { return fn(noCatalogView{v}) })
}

// Every state has its word, its own shape and at most one action.
func TestListSaysHowEachReportStands(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	cancel := func(r *report.Request, at time.Time) (report.Move, error) { return r.Cancel("derya", "", at) }
	decline := func(r *report.Request, at time.Time) (report.Move, error) {
		return r.Decline("murat", "Özetini isteyin", at)
	}
	cases := []struct {
		r                          *report.Request
		icon, word, reason, action string
	}{
		{w.asked("derya", "none", delivered()...), "ready", "Hazır", "2 sayfa, 140 satır", "PDF"},
		{w.asked("derya", "none", delivered()[:2]...), "busy", "Hazırlanıyor", "veriler toplanıyor", "İptal et"},
		{w.asked("derya", "approver"), "waiting", "Onay bekliyor", "1 saniye oldu", "İptal et"},
		{w.asked("derya", "none", failed()...), "failed", "Hazırlanamadı", "Zamanında hazır olmadı", "Yeniden iste"},
		{w.asked("derya", "none", cancel), "cancelled", "İptal edildi", "bugün", "Yeniden iste"},
		{w.asked("derya", "approver", decline), "declined", "Onaylanmadı", "“Özetini isteyin”", "Yeniden iste"},
		{w.asked("derya", "none", delivered()[:4]...), "ready", "Hazır", "2 sayfa", "PDF"},
	}
	page := w.as("derya").get("/reports").page()
	for _, c := range cases {
		row := one(t, page, el("li", "data-guid", c.r.GUID))
		if got := all(row, el("svg", "class", "state-"+c.icon)); len(got) != 1 {
			t.Errorf("%s has no shape %s: %s", c.r.State, c.icon, text(row))
		}
		if got := text(one(t, row, el("span", "class", "word"))); got != c.word {
			t.Errorf("%s is called %q, want %q", c.r.State, got, c.word)
		}
		if got := text(one(t, row, el("div", "class", "row-state"))); !strings.Contains(got, c.reason) {
			t.Errorf("%s says %q, want %q in it", c.r.State, got, c.reason)
		}
		if got := text(one(t, row, el("div", "class", "row-action"))); got != c.action {
			t.Errorf("%s offers %q, want %q", c.r.State, got, c.action)
		}
	}
}

func TestLateReportSaysSo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.asked("derya", "none", delivered()[:2]...)
	w.clock.Add(16 * time.Minute)
	row := one(t, w.as("derya").get("/reports").page(), el("li", "data-guid", r.GUID))
	if got := text(one(t, row, el("span", "class", "word"))); got != "Beklenenden uzun sürüyor" {
		t.Errorf("after its promise it is called %q", got)
	}
	one(t, row, el("svg", "class", "state-late"))
}

func TestJourneyIsShownInThirteenSteps(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.asked("derya", "none", delivered()...)
	page := w.as("derya").get("/r/" + r.GUID).page()
	if n := len(all(page, el("li", "class", "phase"))); n != 5 {
		t.Errorf("%d phases", n)
	}
	steps := all(page, el("li", "data-step", "*"))
	if len(steps) != report.Steps {
		t.Fatalf("%d steps", len(steps))
	}
	for i, role := range strings.Fields("Siz web trigger gateway gateway rapor reader gateway gateway gateway trace trace trace") {
		if got := text(one(t, steps[i], el("span", "class", "role"))); !strings.HasPrefix(got, role) {
			t.Errorf("step %d is taken by %q, want %s", i+1, got, role)
		}
	}
	if got := text(steps[3]); !strings.Contains(got, "akıştaki sıra 48.213") {
		t.Errorf("step 4 has no evidence: %q", got)
	}
	for id, want := range map[string]string{"GUID": r.GUID, "SHA-256": strings.Repeat("9f2c61b8", 8)} {
		one(t, page, el("button", "data-copy", want))
		_ = id
	}
	if got := text(one(t, page, el("table"))); !strings.Contains(got, "Reviews 2.418.906") {
		t.Errorf("the sources read %q", got)
	}
}

func TestRunningStepHasTheRing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.asked("derya", "none", delivered()[:2]...)
	page := w.as("derya").get("/r/" + r.GUID).page()
	running := one(t, page, el("li", "data-step", "6"))
	one(t, running, el("svg", "class", "state-busy"))
	if class := value(one(t, page, el("li", "data-step", "7")), "class"); !strings.Contains(class, "to-come") {
		t.Errorf("step 7 is to come, its class is %q", class)
	}
	if trigger := value(one(t, page, el("article", "id", "one")), "hx-trigger"); !strings.Contains(trigger, "sse:changed-"+r.GUID) {
		t.Errorf("the page follows %q", trigger)
	}
}

// The journal's other rows and the redrive are for operators; the documents
// are not.
func TestOperatorsLookCloser(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	bad := w.asked("derya", "none", failed()...)
	good := w.asked("derya", "none", delivered()...)
	owner, operator := w.as("derya"), w.as("cagri")
	if n := len(all(owner.get("/r/"+bad.GUID).page(), el("section", "class", "rest"))); n != 0 {
		t.Error("the owner reads the rest of the journal")
	}
	page := operator.get("/r/" + bad.GUID).page()
	if got := text(one(t, page, el("section", "class", "rest"))); !strings.Contains(got, "FAILED") {
		t.Errorf("the rest of the journal reads %q", got)
	}
	one(t, page, el("a", "href", "/r/"+bad.GUID+"/redrive"))
	page = operator.get("/r/" + bad.GUID + "/redrive").page()
	if got := text(page); !strings.Contains(got, "FAILED → ACCEPTED") || !strings.Contains(got, "SUBMIT") || !strings.Contains(got, "451 try again") {
		t.Errorf("what would happen reads %q", got)
	}
	if len(w.trigger.seen()) != 1 || !w.trigger.seen()[0].dry {
		t.Errorf("to look, the trigger was asked %+v", w.trigger.seen())
	}
	form := one(t, page, el("form", "action", "/r/"+bad.GUID+"/redrive"))
	seen := url.Values(filled(form))
	res := operator.post("/r/"+bad.GUID+"/redrive", seen)
	if res.status != http.StatusSeeOther {
		t.Errorf("redrive: %d", res.status)
	}
	if body := w.trigger.seen()[1].body; body["version"] != float64(bad.Version) {
		t.Errorf("it names version %v, seen was %d", body["version"], bad.Version)
	}
	second := operator.post("/r/"+bad.GUID+"/redrive", seen)
	if second.status != http.StatusConflict || !strings.Contains(text(one(t, second.page(), el("p", "class", "problem"))), "şimdiki durumu ACCEPTED") {
		t.Errorf("the second press: %d", second.status)
	}
	if n := len(all(operator.get("/r/"+good.GUID).page(), el("section", "class", "files"))); n != 0 {
		t.Error("the operator is offered the document")
	}
}

func TestDeciding(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first, second := w.asked("derya", "approver"), w.asked("murat", "approver")
	b := w.as("murat")
	inbox := one(t, b.get("/approvals").page(), el("section", "id", "inbox"))
	if links := all(inbox, el("a")); len(links) != 1 || value(links[0], "href") != "/r/"+first.GUID {
		t.Fatalf("murat's inbox reads %q: nobody decides about their own request", text(inbox))
	}
	page := b.get("/r/" + first.GUID).page()
	form := one(t, page, el("form", "class", "decide"))
	if got := value(form, "action"); got != "/r/"+first.GUID+"/approve" {
		t.Errorf("the form goes to %q", got)
	}

	res := b.post("/r/"+first.GUID+"/decline", url.Values{"reason": {"  "}})
	if res.status != http.StatusUnprocessableEntity {
		t.Errorf("declining without a reason: %d", res.status)
	}
	one(t, res.page(), el("textarea", "name", "reason", "aria-invalid", "true"))

	if res := b.post("/r/"+first.GUID+"/approve", url.Values{"reason": {"tamam"}}); res.header.Get("Location") != "/approvals?done="+first.GUID {
		t.Errorf("after approving: %d to %q", res.status, res.header.Get("Location"))
	}
	if c := w.trigger.seen()[0]; c.actor != "murat" || c.path != "/api/v1/requests/"+first.GUID+"/approve" || c.body["reason"] != "tamam" {
		t.Errorf("the call is %+v", c)
	}
	if res := b.post("/r/"+first.GUID+"/approve", nil); res.status != http.StatusConflict {
		t.Errorf("approving twice: %d", res.status)
	}
	if res := w.as("selin").post("/r/"+second.GUID+"/decline", url.Values{"reason": {"Use the summary"}}); res.status != http.StatusSeeOther {
		t.Errorf("declining: %d", res.status)
	}
	if got := text(w.as("murat").get("/r/" + second.GUID).page()); !strings.Contains(got, "“Use the summary”") {
		t.Error("the requester does not read why")
	}
}

func TestOperations(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *web.Config) {
		c.Health = func(context.Context) []web.Check {
			return []web.Check{{Name: "ledger", OK: true}, {Name: "mail", Detail: "connection refused"}}
		}
	})
	r := w.asked("derya", "none")
	b := w.as("cagri")
	page := b.get("/operations").page()
	if got := text(one(t, page, el("p", "id", "verdict"))); got != "Raporlar akıyor. mail çalışmıyor; 1 konu göz istiyor." {
		t.Errorf("the verdict is not there: %s", got)
	}
	if got := text(one(t, page, el("table", "id", "parts"))); !strings.Contains(got, "mail Çalışmıyor connection refused") {
		t.Errorf("the checks read %q", got)
	}
	if got := text(one(t, page, el("table", "id", "tasks"))); !strings.Contains(got, "SUBMIT 1") {
		t.Errorf("the tasks read %q", got)
	}
	if res := b.get("/operations?q=" + strings.ToUpper(r.GUID)); res.header.Get("Location") != "/r/"+r.GUID {
		t.Errorf("finding a GUID: %d to %q", res.status, res.header.Get("Location"))
	}
	for _, q := range []string{"nothing", "00000000-0000-7000-8000-000000000000"} {
		if got := text(b.get("/operations?q=" + q).page()); !strings.Contains(got, "“"+q+"” için bir şey bulunamadı.") {
			t.Errorf("looking for %s says %q", q, got)
		}
	}
}

func TestLedgerDownIsAPageToo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.as("derya")
	must(t, w.ledger.Close())
	res := b.get("/reports")
	if res.status != http.StatusInternalServerError || !strings.Contains(text(res.page()), "Something went wrong") {
		t.Errorf("%d %q", res.status, text(res.page()))
	}
}

// Each control has a name to be called by, each page one title, and nothing is
// numbered twice.
func TestPagesCanBeReadAloud(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.asked("derya", "approver")
	r := w.asked("murat", "none", delivered()...)
	w.notice("murat", r.GUID, ledger.SubjectReady)
	b := w.as("murat")
	for _, path := range []string{"/new", "/new/top-games.v1", "/new/churn.v2", "/reports", "/approvals", "/bell", "/r/" + r.GUID} {
		page := b.get(path).page()
		if n := len(all(page, el("h1"))); n < 1 || n > 2 { // master and detail have one each
			t.Errorf("%s has %d titles", path, n)
		}
		ids := map[string]bool{}
		for n := range page.Descendants() {
			if n.Type != html.ElementNode {
				continue
			}
			if id := value(n, "id"); id != "" {
				if ids[id] {
					t.Errorf("%s: id %q twice", path, id)
				}
				ids[id] = true
			}
			if (n.Data == "button" || n.Data == "a") && text(n) == "" && value(n, "aria-label") == "" {
				t.Errorf("%s: a %s without words", path, n.Data)
			}
			if (n.Data == "input" && value(n, "type") != "hidden" || n.Data == "textarea" || n.Data == "select") && !labelled(page, n) {
				t.Errorf("%s: %s %s has no label", path, n.Data, value(n, "name"))
			}
		}
	}
}

func labelled(page, n *html.Node) bool {
	if value(n, "aria-label") != "" {
		return true
	}
	if id := value(n, "id"); id != "" && len(all(page, el("label", "for", id))) == 1 {
		return true
	}
	for p := n.Parent; p != nil; p = p.Parent {
		if p.Data == "label" {
			return text(p) != ""
		}
	}
	return false
}

// A row that waits says who must decide, where that is one person.
func TestWaitingRowNamesItsOnlyDecider(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	several := w.asked("derya", access.Approver) // murat or selin
	only := w.asked("selin", access.Approver)    // murat: nobody decides about their own
	for _, c := range []struct{ who, guid, says string }{
		{"derya", several.GUID, "saniye oldu"},
		{"selin", only.GUID, "Murat Yıldız, for "},
	} {
		row := one(t, w.as(c.who).get("/reports").page(), el("li", "data-guid", c.guid))
		if got := text(row); !strings.Contains(got, c.says) || strings.Contains(c.says, ",") != strings.Contains(got, "Murat Yıldız") {
			t.Errorf("%s reads %q, want %q in it", c.who, got, c.says)
		}
	}
}

// The inbox and a decision tell themselves what is asked: no popup lies over them.
func TestNoPopupLiesOverTheInbox(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	asked, ready := w.asked("derya", access.Approver), w.asked("murat", "none")
	w.notice("murat", asked.GUID, ledger.SubjectAsking)
	w.notice("murat", ready.GUID, ledger.SubjectReady)
	b := w.as("murat")
	for path, want := range map[string]int{"/approvals": 1, "/approvals?done=" + ready.GUID: 1, "/r/" + asked.GUID: 1, "/reports": 2} {
		if got := len(all(b.get(path).page(), el("section", "class", "popup"))); got != want {
			t.Errorf("%d popups on %s, want %d", got, path, want)
		}
	}
}

// The sample people's work is told in the language of the page.
func TestSamplePeopleInBothLanguages(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *web.Config) {
		c.Demo = []web.DemoAccount{{Name: "derya", FullName: "Derya Aksoy", Role: "Genel Müdür – rapor ister"}, {Name: "ayla", FullName: "Ayla", Role: "Kasa"}}
	})
	for lang, want := range map[string]string{"en": "CEO – asks for reports", "tr": "Genel Müdür – rapor ister"} {
		got := text(one(t, w.browser().get("/signin?lang="+lang).page(), el("section", "class", "demo")))
		if !strings.Contains(got, want) || !strings.Contains(got, "Kasa") {
			t.Errorf("%s: the sample people are told as %q", lang, got)
		}
	}
}
