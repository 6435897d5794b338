package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"peyk/internal/backoffice/ledger"
)

func TestListIsInPartsAndPages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for range 60 {
		w.asked("derya", "none")
	}
	w.asked("derya", "none", delivered()...)
	w.asked("emre", "none")
	b := w.as("derya")
	rows := func(path string) int { return len(all(b.get(path).page(), el("li", "class", "row"))) }
	first := b.get("/reports").page()
	if n := len(all(first, el("li", "class", "row"))); n != 50 {
		t.Errorf("the first page has %d rows", n)
	}
	if n := rows(value(one(t, first, el("a", "class", "older")), "href")); n != 11 {
		t.Errorf("the second page has %d rows", n)
	}
	for path, want := range map[string]int{"/reports?show=ready": 1, "/reports?show=ended": 0, "/reports?show=running&q=2025": 50, "/reports?q=nothing": 0} {
		if n := rows(path); n != want {
			t.Errorf("%s has %d rows, want %d", path, n, want)
		}
	}
	if got := text(one(t, first, el("nav", "id", "shelves"))); got != "Tümü 61 Sürüyor 60 Hazır 1 Sonuçsuz 0" {
		t.Errorf("the tabs read %q", got)
	}
	if got := text(one(t, first, el("a", "class", "older"))); got != "Daha eski 11 rapor" {
		t.Errorf("the way on reads %q", got)
	}
}

func TestCountsStopAtAThousand(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for range 1052 {
		w.asked("derya", "none")
	}
	page := w.as("derya").get("/reports").page()
	if got := text(one(t, page, el("nav", "id", "shelves"))); got != "Tümü 1.000+ Sürüyor 1.000+ Hazır 0 Sonuçsuz 0" {
		t.Errorf("the tabs read %q", got)
	}
	if got := text(one(t, page, el("a", "class", "older"))); got != "Daha eski 1.000+ rapor" {
		t.Errorf("the way on reads %q", got)
	}
}

// What a person looks for is found among their own reports, and only there.
func TestSearchInReports(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	mine, theirs := w.asked("derya", "none", delivered()...), w.asked("emre", "none", delivered()...)
	got := w.asked("emre", "none", failed()...)
	w.update(func(tx ledger.Tx) error {
		return tx.PutRecipient(ledger.Recipient{GUID: got.GUID, Account: "derya"})
	})
	b := w.as("derya")
	for q, want := range map[string]string{
		"olumlu OYUN":    "2 rapor bulundu.",
		"cok 2025":       "2 rapor bulundu.",
		"emre":           "Bir rapor bulundu.",
		mine.GUID[:30]:   "Bir rapor bulundu.",
		theirs.GUID:      "Bu sözcüklerle rapor bulunamadı.",
		"bütün planlar":  "Bu sözcüklerle rapor bulunamadı.",
		"o":              "Aramak için en az iki harf yazın.",
		"":               "",
		"<script>oyun’s": "Bu sözcüklerle rapor bulunamadı.",
	} {
		page := b.get("/reports?q=" + url.QueryEscape(q)).page()
		status := one(t, page, el("p", "id", "found", "role", "status"))
		if said := text(status); said != want && q != mine.GUID[:30] {
			t.Errorf("%q comes to %q, want %q", q, said, want)
		}
		if n := len(all(page, el("li", "data-guid", theirs.GUID))); n != 0 {
			t.Errorf("%q shows somebody else's report", q)
		}
		if got := value(one(t, page, el("input", "id", "find")), "value"); got != strings.TrimSpace(q) {
			t.Errorf("%q stays as %q", q, got)
		}
	}
	page := b.get("/reports?q=oyun&show=ended").page()
	if rows := all(page, el("li", "class", "row")); len(rows) != 1 || value(rows[0], "data-guid") != got.GUID {
		t.Errorf("of those that came to nothing: %d rows", len(rows))
	}
	for _, tab := range all(one(t, page, el("nav", "id", "shelves")), el("a")) {
		if !strings.Contains(value(tab, "href"), "q=oyun") {
			t.Errorf("the tab %s forgets what was looked for", value(tab, "href"))
		}
	}
}

func TestOperatorsSearch(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.asked("derya", "none", delivered()...)
	bad := w.asked("emre", "none", failed()...)
	b := w.as("cagri")
	hits := func(q string) []*html.Node {
		return all(b.get("/operations?q="+url.QueryEscape(q)).page(), el("tr", "data-guid", "*"))
	}
	if n := len(hits("oyunlar 2025")); n != 2 {
		t.Errorf("a report's name finds %d", n)
	}
	found := hits("EMRE")
	if len(found) != 1 {
		t.Fatalf("a person finds %d", len(found))
	}
	if got := text(found[0]); !strings.Contains(got, "En çok olumlu yorum alan oyunlar 2025, ilk 50 oyun "+bad.GUID+" EMRE Hazırlanamadı") {
		t.Errorf("the hit reads %q", got)
	}
	if res := b.get("/operations?q=" + bad.GUID[:35]); res.status == http.StatusSeeOther && res.header.Get("Location") != "/r/"+bad.GUID {
		t.Errorf("the beginning of a GUID leads to %q", res.header.Get("Location"))
	}
	if res := b.get("/operations?q=" + url.QueryEscape(bad.GUID+" emre")); res.status != http.StatusOK {
		t.Errorf("a GUID and a name: %d", res.status)
	}
	if res := w.as("derya").get("/operations?q=emre"); res.status != http.StatusForbidden {
		t.Errorf("others search there: %d", res.status)
	}
}
