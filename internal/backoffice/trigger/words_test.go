package trigger

import (
	"encoding/json"
	"slices"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"

	"peyk/internal/protocol"
	"peyk/internal/report"
)

func TestNumbersInWords(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		n      float64
		en, tr string
	}{
		{2011, "2011", "2011"},
		{-5, "-5", "-5"},
		{1.5, "1.5", "1,5"},
		{9999.5, "9999.5", "9999,5"},
		{12345, "12,345", "12.345"},
	} {
		if en, tr := numberInWords(c.n, "en"), numberInWords(c.n, "tr"); en != c.en || tr != c.tr {
			t.Errorf("%v is %q and %q, want %q and %q", c.n, en, tr, c.en, c.tr)
		}
	}
}

func num(f float64) json.RawMessage { return json.RawMessage(strconv.FormatFloat(f, 'f', -1, 64)) }

func TestSentenceInParts(t *testing.T) {
	t.Parallel()
	kind := protocol.ReportType{
		Sentence:   report.Text{EN: "The {count} best of {period}, {count} in all {braces}."},
		Parameters: []protocol.Parameter{{Name: "period", Type: protocol.Text}, {Name: "count", Type: protocol.Integer}},
	}
	values := map[string]json.RawMessage{"count": num(10), "period": json.RawMessage(`"{count}"`)}
	got := sentence(kind, values, "en")
	want := []Part{{"The ", false}, {"10", true}, {" best of ", false}, {"{count}", true}, {", ", false}, {"10", true}, {" in all {braces}.", false}}
	if !slices.Equal(got, want) {
		t.Errorf("parts are %+v, want %+v", got, want)
	}
}

func TestShortForm(t *testing.T) {
	t.Parallel()
	text := func(en, tr string) report.Text { return report.Text{EN: en, TR: tr} }
	kind := protocol.ReportType{Parameters: []protocol.Parameter{
		{Name: "period", Type: protocol.DateRange, Title: text("Period", "Dönem")},
		{Name: "count", Type: protocol.Integer, Title: text("Games", "Oyun sayısı")},
		{Name: "plan", Type: protocol.Choice, Title: text("Plan", "Plan"), Choices: []protocol.ChoiceOption{{Value: "g", Title: text("Gold", "Altın")}}},
		{Name: "detail", Type: protocol.Boolean, Title: text("With details", "Ayrıntılı")},
		{Name: "brief", Type: protocol.Boolean, Title: text("Brief", "Kısa")},
		{Name: "heading", Type: protocol.Text, Title: text("Heading", "Başlık")},
	}}
	values := map[string]json.RawMessage{
		"period": json.RawMessage(`{"from":"2025-01-01","to":"2026-01-01"}`), "count": num(12345), "plan": json.RawMessage(`"g"`),
		"detail": json.RawMessage("true"), "brief": json.RawMessage("false"), "heading": json.RawMessage(`""`),
	}
	if got := inShort(kind, values); got != text("2025, Games: 12,345, Gold, With details", "2025, Oyun sayısı: 12.345, Altın, Ayrıntılı") {
		t.Errorf("listed: %+v", got)
	}
	kind.Short = text("{period}, top {count}", "{period}, ilk {count} oyun")
	if got := inShort(kind, values); got != text("2025, top 12,345", "2025, ilk 12.345 oyun") {
		t.Errorf("by its template: %+v", got)
	}
}

// A range in words names its first and its last day, or the whole years or the
// month that have exactly these days.
func TestRangesInWords(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ from, to, tr, en string }{
		{"2025-01-01", "2026-01-01", "2025", "2025"},
		{"2024-01-01", "2026-01-01", "2024 – 2025", "2024 – 2025"},
		{"2025-10-01", "2025-11-01", "Ekim 2025", "October 2025"},
		{"2025-10-03", "2025-10-04", "3 Ekim 2025", "3 October 2025"},
		{"2025-10-03", "2025-10-09", "3 – 8 Ekim 2025", "3 – 8 October 2025"},
		{"2025-06-01", "2025-09-01", "1 Haziran – 31 Ağustos 2025", "1 June – 31 August 2025"},
		{"2024-12-30", "2025-01-06", "30 Aralık 2024 – 5 Ocak 2025", "30 December 2024 – 5 January 2025"},
	} {
		r := protocol.DateRangeValue{From: c.from, To: c.to}
		if tr, en := rangeInWords(r, "tr"), rangeInWords(r, "en"); tr != c.tr || en != c.en {
			t.Errorf("%+v is %q and %q, want %q and %q", r, tr, en, c.tr, c.en)
		}
	}
	start := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	seen := map[string]protocol.DateRangeValue{}
	rapid.Check(t, func(rt *rapid.T) {
		from := start.AddDate(0, 0, rapid.IntRange(0, 800).Draw(rt, "first day"))
		to := from.AddDate(0, 0, rapid.IntRange(1, 800).Draw(rt, "days"))
		r := protocol.DateRangeValue{From: from.Format(day), To: to.Format(day)}
		words := rangeInWords(r, "tr")
		if other, ok := seen[words]; ok && other != r {
			rt.Fatalf("%q is %+v and %+v", words, other, r)
		}
		seen[words] = r
	})
}
