package compose

import (
	"slices"

	"peyk/internal/provider/engine/definition"
	"peyk/internal/provider/engine/gather"
	"peyk/internal/provider/engine/sheet"
)

// Book is the document for reckoning: every row and every column of every
// table.
func (o Order) Book(g gather.Result) (sheet.Book, error) {
	grids, err := o.grids(answersOf(o.Report, g).tables, true)
	if err != nil {
		return sheet.Book{}, err
	}
	words := o.Language().Words
	b := sheet.Book{
		Title: o.Report.Title.In(o.Locale), Sentence: o.Sentence(), GUID: o.GUID, Company: o.Company,
		RequestedBy: o.RequestedBy, RequestedAt: o.RequestedAt.In(o.Location), Language: o.Language(),
		Sources: sheet.Sources{
			Head: []string{words.Source, words.AsOf, words.RowsRead, words.State},
			Rows: o.SourceRows(g.Sources), Note: o.SourcesNote(g.Sources),
		},
	}
	for i, t := range o.Report.Tables {
		b.Sheets = append(b.Sheets, sheet.Sheet{
			Name: t.Title.In(o.Locale), Title: t.Title.In(o.Locale), Note: t.Note.In(o.Locale),
			Grid: grids[i], Weights: weights(t),
		})
	}
	return b, nil
}

// weights are the places of the weights of averages, where they are columns of
// the table themselves. What stands behind a pivot has moved.
func weights(t definition.Table) map[int]int {
	fixed := t.Columns
	if at := slices.IndexFunc(fixed, func(c definition.Column) bool { return c.Pivot != nil }); at >= 0 {
		fixed = fixed[:at]
	}
	places := map[int]int{}
	for i, c := range fixed {
		at := slices.IndexFunc(fixed, func(other definition.Column) bool { return c.Weight != "" && other.Name == c.Weight })
		if at >= 0 {
			places[i] = at
		}
	}
	return places
}
