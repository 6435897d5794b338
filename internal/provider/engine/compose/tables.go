package compose

import (
	"fmt"
	"slices"

	"peyk/internal/provider/engine/definition"
	"peyk/internal/provider/engine/gather"
	"peyk/internal/provider/engine/render"
	"peyk/internal/provider/engine/tabulate"
)

// grids works the tables out; whole ones have a column for each value of a
// pivot.
func (o Order) grids(rows []gather.Table, whole bool) ([]tabulate.Grid, error) {
	all := make([]tabulate.Grid, len(o.Report.Tables))
	for i, t := range o.Report.Tables {
		var err error
		all[i], err = tabulate.Make(t, tabulate.Rows{Columns: rows[i].Columns, Rows: rows[i].Rows},
			tabulate.Options{Language: o.Language(), Locale: o.Locale, Whole: whole})
		if err != nil {
			return nil, err
		}
	}
	return all, nil
}

// tables for reading: the head of a long one, and where the rest is.
func (o Order) tables(grids []tabulate.Grid) []render.Table {
	all := make([]render.Table, len(grids))
	for i, g := range grids {
		t := o.Report.Tables[i]
		all[i] = render.Table{
			Title: t.Title.In(o.Locale), Subtitle: t.Subtitle.In(o.Locale), Note: t.Note.In(o.Locale), NewPage: t.NewPage,
			Columns: make([]render.Column, len(g.Columns)),
		}
		for j, c := range g.Columns {
			all[i].Columns[j] = render.Column{Title: c.Title, Figure: c.Format.Numeric(), Strong: c.Strong}
		}
		all[i].Note = sentences(all[i].Note, o.missing(i, g))
		all[i].Rows = o.rows(g)
	}
	return all
}

func sentences(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + " " + b
}

func (o Order) rows(g tabulate.Grid) []render.Row {
	l := o.Language()
	shown := g.Rows[:min(len(g.Rows), o.PageRows)]
	all := make([]render.Row, 0, len(shown)+len(g.Totals))
	for _, r := range shown {
		all = append(all, render.Row{Cells: r.Text(g.Columns, l), Weight: weightOf(r.Kind)})
	}
	for _, r := range g.Totals {
		all = append(all, render.Row{Cells: r.Text(g.Columns, l), Weight: weightOf(r.Kind)})
	}
	return all
}

func weightOf(k tabulate.Kind) render.Weight {
	switch k {
	case tabulate.Body:
		return render.Plain
	case tabulate.Shares:
		return render.Light
	}
	return render.Strong
}

// missing says what the page leaves out of table i, and where it is.
func (o Order) missing(i int, g tabulate.Grid) string {
	return sentences(o.missingRows(i, g), o.missingColumns(g))
}

func (o Order) missingRows(i int, g tabulate.Grid) string {
	words, l := o.Language().Words, o.Language()
	shown := 0
	for _, r := range g.Rows[:min(len(g.Rows), o.PageRows)] {
		if r.Kind == tabulate.Body {
			shown++
		}
	}
	if shown == g.Body {
		return ""
	}
	says := words.HeadCut
	switch {
	case slices.Contains(o.Formats, definition.XLSX) || i == 0 && slices.Contains(o.Formats, definition.CSV):
		says = words.HeadOnly
	case slices.Contains(o.Report.Formats, definition.XLSX):
		says = words.HeadAlone
	}
	return fmt.Sprintf(says, l.Integer(int64(shown)), l.Integer(int64(g.Body)))
}

func (o Order) missingColumns(g tabulate.Grid) string {
	if g.Gathered == 0 || !slices.Contains(o.Formats, definition.XLSX) {
		return ""
	}
	return fmt.Sprintf(o.Language().Words.AllColumns, o.Language().Integer(int64(g.Gathered)))
}
