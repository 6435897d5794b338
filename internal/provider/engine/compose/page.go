package compose

import (
	"slices"

	"peyk/internal/provider/engine/definition"
	"peyk/internal/provider/engine/gather"
	"peyk/internal/provider/engine/lang"
	"peyk/internal/provider/engine/render"
	"peyk/internal/report"
)

// Page is the document for reading, and how many rows its tables have, all of
// them, shown or not.
func (o Order) Page(g gather.Result) (d render.Document, rows int, err error) {
	a := answersOf(o.Report, g)
	grids, err := o.grids(a.tables, false)
	if err != nil {
		return d, 0, err
	}
	for _, g := range grids {
		rows += g.Body
	}
	d = o.frame(rows, g.Sources)
	if rows == 0 {
		return d, 0, nil // no figure of nothing, and no chart
	}
	if d.Figures, err = o.figures(a.figures); err != nil {
		return d, 0, err
	}
	if d.Charts, err = o.charts(a.charts, a.findings); err != nil {
		return d, 0, err
	}
	d.Tables = o.tables(grids)
	return d, rows, nil
}

// frame is what every document says.
func (o Order) frame(rows int, sources []report.Source) render.Document {
	l := o.Language()
	requestedAt := o.RequestedAt.In(o.Location)
	return render.Document{
		Language: l, Company: o.Company, GUID: o.GUID, Type: o.Report.ID, RequestedAt: requestedAt,
		Title:    o.Report.Title.In(o.Locale),
		Sentence: o.Sentence(),
		Facts:    o.facts(rows),
		Empty:    o.emptyWords(sources),
		Sources:  o.sourceTable(sources), SourcesNote: o.SourcesNote(sources),
		Closing: []render.Fact{
			{Label: l.Words.ReportNumber, Value: o.GUID},
			{Label: l.Words.ReportType, Value: o.Report.ID},
			{Label: l.Words.Prepared, Value: l.DateTime(requestedAt)},
		},
	}
}

// emptyWords never say more than is known.
func (o Order) emptyWords(sources []report.Source) string {
	if partial(sources) {
		return o.Language().Words.EmptyPart
	}
	return o.Language().Words.Empty
}

func partial(sources []report.Source) bool {
	return slices.ContainsFunc(sources, func(s report.Source) bool { return s.State != report.SourceComplete })
}

// Sentence is the request in words.
func (o Order) Sentence() string { return o.Report.InWords(o.Values, o.Language(), o.Locale) }

// facts are who asked, when, for which days, and how many rows came of it.
func (o Order) facts(rows int) []render.Fact {
	at, words := o.RequestedAt.In(o.Location), o.Language().Words
	all := []render.Fact{
		{Label: words.RequestedBy, Value: o.RequestedBy},
		{Label: words.Requested, Value: o.Language().Date(at), Note: o.Language().DayAndTime(at)},
	}
	i := slices.IndexFunc(o.Report.Parameters, func(p definition.Parameter) bool { return p.Type == definition.DateRange })
	if i >= 0 {
		p := o.Report.Parameters[i]
		all = append(all, render.Fact{Label: p.Title.In(o.Locale), Value: p.InWords(o.Values[p.Name], o.Language(), o.Locale)})
	}
	return append(all, render.Fact{Label: words.Rows, Value: o.Language().Integer(int64(rows))})
}

func (o Order) sourceTable(sources []report.Source) render.Table {
	words := o.Language().Words
	t := render.Table{Title: words.Sources, Columns: []render.Column{
		{Title: words.Source}, {Title: words.AsOf}, {Title: words.RowsRead, Figure: true}, {Title: words.State, Figure: true},
	}}
	for _, cells := range o.SourceRows(sources) {
		t.Rows = append(t.Rows, render.Row{Cells: cells})
	}
	return t
}

// SourceRows are for each source its title, the moment its data are of, the
// rows read and its state.
func (o Order) SourceRows(sources []report.Source) [][]string {
	l := o.Language()
	rows := make([][]string, len(sources))
	for i, s := range sources {
		rows[i] = []string{
			o.Report.Sources[i].Title.In(o.Locale), l.DateTime(s.AsOf.In(o.Location)),
			l.Integer(int64(s.Rows)), stateWord(l.Words, s.State),
		}
	}
	return rows
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

// SourcesNote says whether all was read.
func (o Order) SourcesNote(sources []report.Source) string {
	if partial(sources) {
		return o.Language().Words.NotAllRead
	}
	return o.Language().Words.AllRead
}
