package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"peyk/internal/backoffice/access"
	"peyk/internal/backoffice/ledger"
	"peyk/internal/report"
)

// After a decision the next request is there, and a line says what was done.
func TestNextAfterADecision(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var waiting []*report.Request
	for range 3 {
		waiting = append(waiting, w.asked("derya", access.Approver))
	}
	b := w.as("murat")
	for _, c := range []struct {
		decide, verb, says string
		next               string
	}{
		{waiting[1].GUID, "approve", "Onaylandı: En çok olumlu yorum alan oyunlar", waiting[0].GUID},
		{waiting[0].GUID, "decline", "Onaylanmadı: En çok olumlu yorum alan oyunlar", waiting[2].GUID},
		{waiting[2].GUID, "approve", "Onaylandı: En çok olumlu yorum alan oyunlar", ""},
	} {
		res := b.post("/r/"+c.decide+"/"+c.verb, url.Values{"reason": {"çünkü"}})
		page := b.get(res.header.Get("Location")).page()
		if got := text(one(t, page, el("p", "class", "done"))); got != c.says {
			t.Errorf("it says %q, want %q", got, c.says)
		}
		next := all(page, el("form", "class", "decide"))
		if c.next == "" {
			if len(next) != 0 {
				t.Error("nothing waits, yet there is something to decide")
			}
			continue
		}
		if len(next) != 1 || value(next[0], "action") != "/r/"+c.next+"/approve" {
			t.Errorf("after %s comes %v, want %s", c.decide, next, c.next)
		}
	}
	// Nobody else is told, and an address nobody ever had says nothing.
	for who, guid := range map[string]string{"selin": waiting[0].GUID, "murat": "019ab0f2-7c00-7000-8000-000000000001"} {
		if said := all(w.as(who).get("/approvals?done="+guid).page(), el("p", "class", "done")); len(said) != 0 {
			t.Errorf("%s is told %q", who, text(said[0]))
		}
	}
}

func TestDecisionHasItsFacts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := sampleCatalog()
	yes, no := true, false
	c.Types[0].PersonalData, c.Types[0].Fee, c.Types[0].Sources = &no, &yes, 3
	c.Types[0].ApprovalReason = report.Text{EN: "It is about money.", TR: "Gelir içerir."}
	w.catalog(c)
	earlier := w.asked("derya", access.Approver)
	w.decided(earlier.GUID, "murat", true, "")
	w.moved(earlier.GUID, delivered()...)
	r := w.asked("derya", access.Approver)
	facts := factsOf(t, w.as("murat").get("/r/"+r.GUID).page())
	for label, want := range map[string]string{
		"Neden size geldi": "Gelir içerir.", "Okunacak veri": "yaklaşık 2.400.000 satır 3 kaynak, salt okuma",
		"Sağlayıcı ücreti": "Var", "Kişisel veri": "Yok", "Alıcılar": "Derya Aksoy", "Biçim": "PDF",
	} {
		if facts[label] != want {
			t.Errorf("%s: %q, want %q", label, facts[label], want)
		}
	}
	if facts["Tahmini süre"] == "" || !strings.Contains(facts["Son yanıt"], "yanıt gelmezse istek düşer") {
		t.Errorf("facts are %v", facts)
	}
	w.catalog(sampleCatalog()) // says neither
	facts = factsOf(t, w.as("murat").get("/r/"+r.GUID).page())
	for _, label := range []string{"Sağlayıcı ücreti", "Kişisel veri"} {
		if said, there := facts[label]; there {
			t.Errorf("not stated, yet %s is %q", label, said)
		}
	}
}

func factsOf(t *testing.T, page *html.Node) map[string]string {
	t.Helper()
	facts := map[string]string{}
	for _, div := range all(one(t, page, el("dl", "class", "facts-list")), el("div")) {
		facts[text(one(t, div, el("dt")))] = text(one(t, div, el("dd")))
	}
	return facts
}

// moved brings a request on.
func (w *world) moved(guid string, moves ...func(*report.Request, time.Time) (report.Move, error)) {
	w.t.Helper()
	w.update(func(tx ledger.Tx) error {
		r, err := tx.Request(guid)
		if err != nil {
			return err
		}
		for _, move := range moves {
			m, err := move(r, tx.Now())
			if err != nil {
				return err
			}
			if err := ledger.Move(tx, r, m); err != nil {
				return err
			}
		}
		return nil
	})
}

// Each decision of one's own is on exactly one of the pages, newest request
// first, and no decision of another.
func TestAllDecisionsPaged(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var want []string
	for i := range 75 {
		r := w.asked("derya", access.Approver)
		who := "murat"
		if i%5 == 0 {
			who = "selin"
		}
		w.decided(r.GUID, who, i%3 != 0, fmt.Sprintf("neden %d", i))
		if who == "murat" {
			want = append([]string{"/r/" + r.GUID}, want...)
		}
	}
	w.asked("derya", access.Approver) // waits
	b := w.as("murat")
	page := b.get("/approvals").page()
	if n := len(all(one(t, page, el("ul", "class", "past")), el("li"))); n != 5 {
		t.Errorf("%d decisions beside the inbox", n)
	}
	var got []string
	at := value(one(t, page, el("a", "href", "/approvals/past")), "href")
	for pages := 0; at != "" && pages < 10; pages++ {
		page := b.get(at).page()
		for _, a := range all(one(t, page, el("ul", "class", "rows decisions")), el("a")) {
			got = append(got, value(a, "href"))
		}
		at = ""
		for _, older := range all(page, el("a", "class", "older")) {
			at = value(older, "href")
		}
	}
	if strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("%d decisions, want %d:\n%v\n%v", len(got), len(want), got, want)
	}
	if res := w.as("derya").get("/approvals/past"); res.status != http.StatusForbidden {
		t.Errorf("who decides nothing: %d", res.status)
	}
}

// Cancelling asks first, on a page that changes nothing, and says what it does.
func TestCancelAsksFirst(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	waiting, running := w.asked("derya", access.Approver), w.asked("derya", report.NoApproval, delivered()[:2]...)
	b := w.as("derya")
	row := one(t, b.get("/reports").page(), el("li", "data-guid", running.GUID))
	link := value(one(t, row, el("a", "class", "quiet")), "href")
	for at, says := range map[string]string{
		"/r/" + waiting.GUID + "/cancel": "İstek onaylayanın listesinden kalkar", link: "Rapor hazırlanmaz, alıcılara gönderilmez.",
	} {
		if page := text(one(t, b.get(at).page(), el("form", "class", "confirm"))); !strings.Contains(page, says) {
			t.Errorf("%s asks %q", at, page)
		}
	}
	if calls := w.trigger.seen(); len(calls) != 0 {
		t.Fatalf("looking called %+v", calls)
	}
	form := one(t, b.get(link).page(), el("form", "class", "confirm"))
	values := url.Values(filled(form))
	values.Set("reason", "vazgeçtim")
	res := b.post(value(form, "action"), values)
	calls := w.trigger.seen()
	if res.header.Get("Location") != "/reports" || len(calls) != 1 || !strings.HasSuffix(calls[0].path, running.GUID+"/cancel") || calls[0].body["reason"] != "vazgeçtim" {
		t.Errorf("%d to %q, calls %+v", res.status, res.header.Get("Location"), calls)
	}
	if res := b.get(link); res.header.Get("Location") != "/r/"+running.GUID {
		t.Errorf("cancelled already: %d to %q", res.status, res.header.Get("Location"))
	}
	if res := b.get("/r/" + waiting.GUID + "/cancel?back=//evil.example"); strings.Contains(res.body, "evil") {
		t.Error("the way back leads away")
	}
}

// With the trigger down an act is not done, and what was typed for it is still
// there: the note to a decision, the reason for cancelling or for settling.
func TestWhatWasTypedSurvivesADownTrigger(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	waiting, mine := w.asked("derya", "approver"), w.asked("derya", "approver")
	w.update(func(tx ledger.Tx) error {
		return tx.Park(ledger.Parked{Role: report.Trace, Subject: "x", Raw: []byte("x"), Cause: "no event", At: tx.Now()})
	})
	people := map[string]*browser{"murat": w.as("murat"), "derya": w.as("derya"), "cagri": w.as("cagri")}
	w.trigger.down(true)
	for _, c := range []struct{ who, path string }{
		{"murat", "/r/" + waiting.GUID + "/approve"},
		{"murat", "/r/" + waiting.GUID + "/decline"},
		{"derya", "/r/" + mine.GUID + "/cancel"},
		{"cagri", "/operations/parked/1"},
	} {
		res := people[c.who].post(c.path, url.Values{"reason": {"Özetini <isteyin>"}})
		if res.status != http.StatusServiceUnavailable {
			t.Errorf("%s %s: %d", c.who, c.path, res.status)
		}
		page := res.page()
		if got := text(one(t, page, el("textarea", "name", "reason"))); got != "Özetini <isteyin>" {
			t.Errorf("%s %s: of what was typed is left %q", c.who, c.path, got)
		}
		if got := text(page); !strings.Contains(got, "Servise şu an ulaşılamıyor; hiçbir şey değişmedi.") {
			t.Errorf("%s %s does not say why nothing was done: %s", c.who, c.path, got)
		}
	}
}

// Who settles something by hand gives a reason for the record: no requester reads it.
func TestAReasonIsAskedForInTheRightWords(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.update(func(tx ledger.Tx) error {
		return tx.Park(ledger.Parked{Role: report.Trace, Subject: "x", Raw: []byte("x"), Cause: "no event", At: tx.Now()})
	})
	r := w.asked("derya", "none", failed()...)
	for _, path := range []string{"/operations/parked/1", "/r/" + r.GUID + "/resolve"} {
		if got := text(w.as("cagri").post(path, url.Values{"reason": {" "}}).page()); !strings.Contains(got, "Nedenini yazın: adınızla birlikte kaydedilir.") {
			t.Errorf("%s says %s", path, got)
		}
	}
}

// However many wait, the one that waits longest is in the inbox and counted.
func TestTheInboxHasAllThatWaits(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	oldest := w.asked("derya", "approver").GUID
	for range 120 {
		w.asked("derya", "approver")
	}
	page := w.as("murat").get("/approvals").page()
	inbox := one(t, page, el("ul", "class", "letters-list"))
	one(t, inbox, el("a", "href", "/r/"+oldest))
	if got := text(one(t, one(t, page, el("nav", "id", "menu")), el("a", "href", "/approvals"))); got != "Onaylar 121" {
		t.Errorf("the menu says %q", got)
	}
}
