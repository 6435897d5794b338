package demo_test

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"peyk/internal/provider/demo/demotest"
	"peyk/internal/provider/engine/definition"
	"peyk/internal/provider/engine/gather"
	"peyk/internal/provider/engine/lang"
	"peyk/internal/provider/engine/tabulate"
)

var kinds = map[tabulate.Kind]demotest.Kind{
	tabulate.Body: demotest.Body, tabulate.Subtotal: demotest.Subtotal, tabulate.Total: demotest.Total, tabulate.Shares: demotest.Shares,
}

// differs names the first difference between what the report says and want, or
// nothing.
func (g *gathered) differs(want demotest.Document, locale string, whole bool) string {
	g.t.Helper()
	r := g.report
	if len(r.Tables) != 1 || len(r.Figures) != len(want.Figures) || len(r.Charts) != len(want.Charts) {
		return fmt.Sprintf("%d tables, %d figures, %d charts, want 1, %d, %d", len(r.Tables), len(r.Figures), len(r.Charts), len(want.Figures), len(want.Charts))
	}
	grid, err := tabulate.Make(r.Tables[0], tabulate.Rows{Columns: g.result.Table.Columns, Rows: g.result.Table.Rows},
		tabulate.Options{Language: lang.Of(locale), Locale: locale, Whole: whole})
	if err != nil {
		return err.Error()
	}
	if d := gridDiffers(grid, want.Table); d != "" {
		return d
	}
	if whole { // figures and charts are the same
		return ""
	}
	for i, f := range r.Figures {
		if d := figureDiffers(g.answer(f.Query), want.Figures[i]); d != "" {
			return fmt.Sprintf("figure %q: %s", f.Title.EN, d)
		}
	}
	for i, c := range r.Charts {
		if d := g.chartDiffers(c, want.Charts[i]); d != "" {
			return fmt.Sprintf("chart %d: %s", i+1, d)
		}
	}
	return ""
}

func gridDiffers(g tabulate.Grid, want demotest.Table) string {
	if end := want.At + len(want.Spread); len(want.Spread) > 0 {
		if end > len(g.Columns) {
			return fmt.Sprintf("%d columns, want %d and more", len(g.Columns), end)
		}
		for i, title := range want.Spread {
			if got := g.Columns[want.At+i].Title; got != title {
				return fmt.Sprintf("column %d is %q, want %q", want.At+i+1, got, title)
			}
		}
	}
	if d := linesDiffer(g.Rows, want.Lines); d != "" {
		return "table: " + d
	}
	if d := linesDiffer(g.Totals, want.Totals); d != "" {
		return "totals: " + d
	}
	return ""
}

func linesDiffer(got []tabulate.Row, want []demotest.Line) string {
	for i := range max(len(got), len(want)) {
		if i >= len(got) || i >= len(want) {
			return fmt.Sprintf("%d lines, want %d", len(got), len(want))
		}
		if kinds[got[i].Kind] != want[i].Kind || !slices.EqualFunc(got[i].Cells, want[i].Cells, alike) {
			return fmt.Sprintf("line %d:\n got %d %v\nwant %s %v", i+1, got[i].Kind, got[i].Cells, want[i].Kind, want[i].Cells)
		}
	}
	return ""
}

func figureDiffers(got gather.Table, want demotest.Figure) string {
	first := demotest.Record{}
	var value any
	if len(got.Rows) > 0 {
		first, value = record(got.Columns, got.Rows[0]), got.Rows[0][0]
	}
	if !alike(value, want.Value) {
		return fmt.Sprintf("%v, want %v", value, want.Value)
	}
	return notesDiffer(first, want.Note)
}

// notesDiffer where a slot of want is filled in another way.
func notesDiffer(got, want demotest.Record) string {
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if !alike(got[name], want[name]) {
			return fmt.Sprintf("%s is %v, want %v", name, got[name], want[name])
		}
	}
	return ""
}

func record(columns []string, row []any) demotest.Record {
	r := demotest.Record{}
	for i, name := range columns {
		r[name] = row[i]
	}
	return r
}

func (g *gathered) chartDiffers(c definition.Chart, want demotest.Chart) string {
	g.t.Helper()
	points := g.answer(c.Query)
	for i := range max(len(points.Rows), len(want.Points)) {
		if i >= len(points.Rows) || i >= len(want.Points) {
			return fmt.Sprintf("%d points, want %d", len(points.Rows), len(want.Points))
		}
		r, p := record(points.Columns, points.Rows[i]), want.Points[i]
		if r[c.Label] != p.Label || !alike(r[c.Value], p.Value) || c.Series != "" && r[c.Series] != p.Series {
			return fmt.Sprintf("point %d is %v, want %+v", i+1, r, p)
		}
	}
	if c.Finding.Text == "" {
		return ""
	}
	found := g.answer(c.Finding)
	if len(found.Rows) == 0 || want.Finding == nil {
		if len(found.Rows) > 0 || want.Finding != nil {
			return fmt.Sprintf("found %v, want %v", found.Rows, want.Finding)
		}
		return ""
	}
	return notesDiffer(record(found.Columns, found.Rows[0]), want.Finding)
}

// alike takes numbers for the same that differ by what the order of a sum does
// to its last bits.
func alike(a, b any) bool {
	if day, ok := a.(time.Time); ok {
		a = day.Format(time.DateOnly)
	}
	x, xNumber := number(a)
	y, yNumber := number(b)
	if xNumber && yNumber {
		return math.Abs(x-y) < 1e-9*math.Max(1, math.Abs(x))
	}
	return a == b
}

func number(v any) (float64, bool) {
	switch v := v.(type) {
	case int:
		return float64(v), true
	case int64:
		return float64(v), true
	case float64:
		return v, true
	}
	return 0, false
}
