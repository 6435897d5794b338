package compose

import (
	"math"
	"testing"

	"peyk/internal/provider/engine/definition"
	"peyk/internal/provider/engine/gather"
	"peyk/internal/report"
)

func chartOf(kind definition.ChartType, rows ...[]any) (definition.Chart, gather.Table) {
	c := definition.Chart{Type: kind, Title: report.Text{EN: "Found"}, Label: "label", Value: "value", Look: definition.Look{Format: definition.FormatDecimal, Unit: 1}}
	if kind != definition.Bars {
		c.Series = "series"
	}
	return c, gather.Table{Columns: []string{"label", "value", "series"}, Rows: rows}
}

func TestALabelWithoutAValueKeepsItsPlace(t *testing.T) {
	t.Parallel()
	c, rows := chartOf(definition.Line, []any{"2025-01", 1.0, "a"}, []any{"2025-02", nil, "a"}, []any{"2025-03", 3.0, "a"}, []any{"2025-03", 2.0, "b"})
	got, err := Order{Locale: "en"}.chart(c, rows, gather.Table{})
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Labels) != 3 || got.Labels[1] != "Feb 2025" || len(got.Series) != 2 {
		t.Fatalf("labels %q, %d series", got.Labels, len(got.Series))
	}
	a, b := got.Series[0].Values, got.Series[1].Values
	if len(a) != 3 || !math.IsNaN(a[1]) || a[2] != 3 || len(b) != 3 || !math.IsNaN(b[0]) || b[2] != 2 {
		t.Errorf("values %v and %v", a, b)
	}
}

// TestOneSeriesTooManyIsNotShownAsOneOther: as many series as can be told apart
// are shown each; with one more, two share the last place.
func TestOneSeriesTooManyIsNotShownAsOneOther(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]string{
		mostSeries - 1: "e", mostSeries: "f", mostSeries + 1: "2 others", mostSeries + 2: "3 others",
	} {
		rows := make([][]any, n)
		for i := range rows {
			rows[i] = []any{"2025-01", float64(100 - i), string(rune('a' + i))}
		}
		c, table := chartOf(definition.Stacked, rows...)
		got, err := Order{Locale: "en"}.chart(c, table, gather.Table{})
		if err != nil {
			t.Fatal(err)
		}
		if last := got.Series[len(got.Series)-1].Name; len(got.Series) != min(n, mostSeries) || last != want {
			t.Errorf("%d series are shown as %d, the last one named %q; want %d and %q", n, len(got.Series), last, min(n, mostSeries), want)
		}
	}
}

func TestDaysOfSeveralYearsSayTheirYear(t *testing.T) {
	t.Parallel()
	c, rows := chartOf(definition.Bars, []any{"2024-12-31", 1.0, nil}, []any{"2025-12-31", 1.0, nil})
	got, err := Order{Locale: "tr"}.chart(c, rows, gather.Table{})
	if err != nil || got.Labels[0] != "31 Ara 2024" || got.Labels[1] != "31 Ara 2025" {
		t.Errorf("labels %q, %v", got.Labels, err)
	}
}

// What the author has to look at is not tried again.
func TestRowsThatDoNotFitAChartFailForGood(t *testing.T) {
	t.Parallel()
	many := make([][]any, mostLabels+1)
	for i := range many {
		many[i] = []any{int64(i), 1.0, nil}
	}
	for what, rows := range map[string][][]any{
		"text": {{"a", "much", nil}}, "beyond any axis": {{"a", 1e200, nil}}, "infinite together": {{"a", 1.7e308, nil}, {"a", 1.7e308, nil}}, "too many labels": many,
	} {
		c, table := chartOf(definition.Bars, rows...)
		if _, err := (Order{Locale: "en"}).chart(c, table, gather.Table{}); report.ClassOf(err) != report.Permanent || report.CodeOf(err) != "value-unfit" {
			t.Errorf("%s: got %v", what, err)
		}
	}
	missing, table := chartOf(definition.Bars)
	missing.Value = "amount"
	if _, err := (Order{Locale: "en"}).chart(missing, table, gather.Table{}); report.CodeOf(err) != "column-missing" {
		t.Errorf("a missing column: got %v", err)
	}
}
