package engine

import (
	"slices"

	"peyk/internal/provider/engine/definition"
	"peyk/internal/provider/engine/lang"
	"peyk/internal/provider/engine/render"
	"peyk/internal/provider/engine/tabulate"
	"peyk/internal/report"
)

// layout says what stands where in the document.
func layout(company string, o order, cells tabulate.Grid, sources []report.Source) render.Document {
	requestedAt := o.RequestedAt.In(o.location)
	words := o.language.Words
	return render.Document{
		Language: o.language, Company: company, GUID: o.GUID, Type: o.Type, RequestedAt: requestedAt,
		Title:    o.report.Title.In(o.Locale),
		Sentence: o.report.InWords(o.values, o.language, o.Locale),
		Facts:    facts(o, len(cells.Rows)),
		Table:    table(o, cells), Empty: words.Empty,
		Sources: sourceTable(o, sources), SourcesNote: note(words, sources),
	}
}

// facts are who asked, when, for which days, and how many rows came of it.
func facts(o order, rows int) []render.Fact {
	at, words := o.RequestedAt.In(o.location), o.language.Words
	all := []render.Fact{
		{Label: words.RequestedBy, Value: o.RequestedBy},
		{Label: words.Requested, Value: o.language.Date(at), Note: o.language.DayAndTime(at)},
	}
	for _, p := range o.report.Parameters {
		if p.Type == definition.DateRange {
			all = append(all, render.Fact{
				Label: p.Title.In(o.Locale),
				Value: p.InWords(o.values[p.Name], o.language, o.Locale),
			})
			break
		}
	}
	return append(all, render.Fact{Label: words.Rows, Value: o.language.Integer(int64(rows))})
}

func table(o order, g tabulate.Grid) render.Table {
	t := render.Table{Title: o.report.Tables[0].Title.In(o.Locale)}
	for _, c := range g.Columns {
		t.Columns = append(t.Columns, render.Column{Title: c.Title, Figure: c.Format.Numeric()})
	}
	for _, r := range g.Rows {
		t.Rows = append(t.Rows, r.Text(g.Columns, o.language))
	}
	for _, r := range g.Totals {
		t.Totals = append(t.Totals, r.Text(g.Columns, o.language))
	}
	return t
}

func sourceTable(o order, sources []report.Source) render.Table {
	words := o.language.Words
	t := render.Table{Title: words.Sources, Columns: []render.Column{
		{Title: words.Source}, {Title: words.AsOf}, {Title: words.RowsRead, Figure: true}, {Title: words.State, Figure: true},
	}}
	for i, s := range sources {
		t.Rows = append(t.Rows, []string{
			o.report.Sources[i].Title.In(o.Locale),
			o.language.DateTime(s.AsOf.In(o.location)),
			o.language.Integer(int64(s.Rows)),
			stateWord(words, s.State),
		})
	}
	return t
}

func stateWord(words lang.Words, s report.SourceState) string {
	switch s {
	case report.SourceComplete:
		return words.Complete
	case report.SourcePartial:
		return words.Partial
	}
	return words.Unreached
}

func note(words lang.Words, sources []report.Source) string {
	if slices.ContainsFunc(sources, func(s report.Source) bool { return s.State != report.SourceComplete }) {
		return words.NotAllRead
	}
	return words.AllRead
}
