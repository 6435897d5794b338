package web_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"peyk/internal/backoffice/access"
	"peyk/internal/backoffice/ledger"
	"peyk/internal/protocol"
	"peyk/internal/report"
)

// The form is drawn with the request in words; a change is answered with the new
// words alone, and neither asks for a report.
func TestRequestInWordsBeforeTheButton(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.as("derya")
	page := b.get("/new/top-games.v1").page()
	summary := one(t, page, el("div", "id", "summary"))
	if got := text(summary); got != "En iyi 50 , <en> & çok." { // text puts a space behind each element
		t.Errorf("it reads %q", got)
	}
	if got := text(one(t, summary, el("strong"))); got != "50" {
		t.Errorf("the value that stands out is %q", got)
	}
	if at := value(summary, "hx-post"); at != "/new/top-games.v1/words" {
		t.Errorf("its words come from %q", at)
	}
	footer := text(one(t, page, el("footer", "class", "send")))
	if !strings.Contains(footer, "Yaklaşık 2 dakika. Sekmeyi kapatabilirsiniz;") {
		t.Errorf("beside the button stands %q", footer)
	}
	form := url.Values(filled(one(t, page, el("form", "class", "ask"))))
	form.Set("p.count", "7")
	res := b.post("/new/top-games.v1/words", form, "HX-Request", "true")
	if res.status != http.StatusOK || res.body != `<p class="sentence">En iyi <strong>7</strong>, &lt;en&gt; &amp; çok.</p>` {
		t.Errorf("changed, it is %d %s", res.status, res.body)
	}
	if calls := w.trigger.seen(); len(calls) != 0 || w.trigger.requests != 0 {
		t.Errorf("drawing and changing the form called %+v", calls)
	}
	if checks := w.trigger.checked(); len(checks) != 2 || checks[1].actor != "derya" {
		t.Errorf("asked how it is said: %+v", checks)
	}
}

// What cannot be said keeps nobody from the form, and is not asked about.
func TestNoWordsYet(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.as("derya")
	form := b.draw("/new/top-games.v1")
	form.Set("p.count", "501")
	asked := len(w.trigger.checked())
	for name, c := range map[string]struct {
		before func()
		count  string
		says   string
	}{
		"a mistake in a field": {func() {}, "501", "Yukarıdaki alanlar tamamlanınca"},
		"refused":              {func() { w.trigger.refuse(protocol.NewProblem(422, protocol.CodeInvalidParams, "no")) }, "7", "Yukarıdaki alanlar tamamlanınca"},
		"nobody answers":       {func() { w.trigger.down(true) }, "7", "Cümle şu an yazılamıyor."},
	} {
		w.trigger.refuse(nil)
		c.before()
		form.Set("p.count", c.count)
		res := b.post("/new/top-games.v1/words", form, "HX-Request", "true")
		if res.status != http.StatusOK || !strings.Contains(text(res.page()), c.says) {
			t.Errorf("%s: %d %s", name, res.status, res.body)
		}
	}
	if n := len(w.trigger.checked()) - asked; n != 2 {
		t.Errorf("the trigger was asked %d times, want 2", n)
	}
	if res := b.get("/new/top-games.v1"); res.status != http.StatusOK {
		t.Errorf("with nobody to say it the form is %d", res.status)
	}
	if res := w.as("ali").post("/new/top-games.v1/words", form); res.status != http.StatusForbidden {
		t.Errorf("who may not ask is told %d", res.status)
	}
}

func TestCatalogHasHeadings(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := sampleCatalog()
	more := func(id, title string, group report.Text) {
		kind := c.Types[0]
		kind.ID, kind.Title, kind.Group = id, report.Text{TR: title}, group
		c.Types = append(c.Types, kind)
	}
	sales, players := report.Text{EN: "Sales", TR: "Satış"}, report.Text{EN: "Customers", TR: "Çağrı"}
	more("a.v1", "Ülke", sales)
	more("b.v1", "Çiçek", sales)
	more("c.v1", "Isı", players)
	w.catalog(c)
	catalog := one(t, w.as("derya").get("/new").page(), el("div", "id", "catalog"))
	var got []string
	for _, n := range all(catalog, el("")) {
		switch n.Data {
		case "h2":
			got = append(got, text(n)+":")
		case "a":
			got = append(got, strings.TrimPrefix(value(n, "href"), "/new/"))
		}
	}
	if want := "Çağrı: c.v1 Satış: b.v1 a.v1 Diğer raporlar: churn.v2 top-games.v1"; strings.Join(got, " ") != want {
		t.Errorf("the catalog reads %q, want %q", strings.Join(got, " "), want)
	}
}

// The form names who decides, why, and how soon this person was answered before.
func TestFormTellsAboutTheApproval(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := sampleCatalog()
	c.Types[1].ApprovalReason = report.Text{EN: "It is about money.", TR: "Gelir içerir."}
	c.Types[1].Sources = 3
	w.catalog(c)
	for _, minutes := range []int{2, 12, 4} {
		r := w.asked("derya", access.Approver)
		w.clock.Add(time.Duration(minutes) * time.Minute)
		w.decided(r.GUID, "selin", true, "")
	}
	b := w.as("derya")
	page := b.get("/new/churn.v2").page()
	about := text(one(t, page, el("div", "class", "wide approver")))
	for _, want := range []string{"Murat Yıldız ya da Selin Kaya onaylayacak", "Gelir içerir.", "İsteklerinize genellikle 4 dakika içinde yanıt gelir."} {
		if !strings.Contains(about, want) {
			t.Errorf("%q does not say %q", about, want)
		}
	}
	if facts := text(one(t, page, el("ul", "class", "facts"))); !strings.Contains(facts, "3 kaynak") {
		t.Errorf("the head line is %q", facts)
	}
	if about := text(one(t, w.as("emre").get("/new/churn.v2").page(), el("div", "class", "wide approver"))); strings.Contains(about, "usually") {
		t.Errorf("who was never answered reads %q", about)
	}
}

// decided records a decision as the trigger would.
func (w *world) decided(guid, who string, approved bool, reason string) {
	w.t.Helper()
	w.update(func(tx ledger.Tx) error {
		r, err := tx.Request(guid)
		if err != nil {
			return err
		}
		var m report.Move
		if approved {
			m, err = r.Approve(who, time.Minute, tx.Now())
		} else {
			m, err = r.Decline(who, reason, tx.Now())
		}
		if err != nil {
			return err
		}
		if err := ledger.Move(tx, r, m); err != nil {
			return err
		}
		return tx.AddApproval(ledger.Approval{GUID: guid, Account: who, Approved: approved, Reason: reason, At: tx.Now()})
	})
}

func TestNumbersHaveTheirSteps(t *testing.T) {
	t.Parallel()
	page := newWorld(t).as("derya").get("/new/top-games.v1").page()
	if n := len(all(page, el("button", "data-step", "*", "hidden", "*", "type", "button"))); n != 4 {
		t.Errorf("%d buttons, hidden until a script works them; want two for each of two numbers", n)
	}
	for _, name := range []string{"p.count", "p.min_reviews"} {
		one(t, page, el("label", "for", name))
		one(t, page, el("input", "id", name, "type", "number"))
	}
}

// A row shows the values alone; one recorded before there were any, the sentence.
func TestRowsShowTheShortForm(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	old := w.asked("derya", report.NoApproval)
	fresh := w.asked("derya", report.NoApproval)
	w.update(func(tx ledger.Tx) error {
		r, err := tx.Request(fresh.GUID)
		if err != nil {
			return err
		}
		r.Asked.Short = report.Text{EN: "2025, 50", TR: "2025, ilk 50"}
		raw, err := json.Marshal(r.Asked)
		if err != nil || !strings.Contains(string(raw), `"short"`) {
			t.Fatalf("%s %v", raw, err)
		}
		was := r.Version
		r.Version++
		return tx.Save(r, was)
	})
	page := w.as("derya").get("/reports").page()
	for guid, want := range map[string]string{old.GUID: "2025, ilk 50 oyun", fresh.GUID: "2025, ilk 50"} {
		name := one(t, one(t, page, el("li", "data-guid", guid)), el("div", "class", "row-name"))
		if got := text(one(t, name, el("small"))); got != want {
			t.Errorf("the row says %q, want %q", got, want)
		}
	}
}
