package sheet

import (
	"slices"
	"unicode/utf8"
)

// about is the last sheet: what was asked, by whom, and where the rows came
// from.
type about struct {
	part
	Book
	styles *styles
	tabs   []string // of the sheets before
	widths []int
	line   int
}

// firstWidth is that of the column with the labels.
const firstWidth = 24

func newAbout(b Book, tabs []string, st *styles) *about {
	a := &about{Book: b, styles: st, tabs: tabs, widths: []int{firstWidth, firstWidth}}
	for i, h := range b.Sources.Head {
		a.measure(i, h)
	}
	for _, row := range b.Sources.Rows {
		for i, s := range row {
			a.measure(i, s)
		}
	}
	return a
}

func (a *about) measure(i int, s string) {
	for len(a.widths) <= i {
		a.widths = append(a.widths, leastWidth)
	}
	a.widths[i] = min(max(a.widths[i], utf8.RuneCountInString(s)+2), mostWidth)
}

func (a *about) write(only bool) error {
	words := a.Language.Words
	a.raw(declaration + `<worksheet xmlns="` + spaceMain + `"><sheetViews><sheetView`)
	if only {
		a.raw(` tabSelected="1"`)
	}
	a.raw(` workbookViewId="0"/></sheetViews><cols>`)
	for i, w := range a.widths {
		a.width(i, w)
	}
	a.raw("</cols><sheetData>")
	a.cells(true, a.Title)
	a.cells(false, a.Sentence)
	a.line++
	a.cells(false, a.Company)
	a.cells(false, words.ReportNumber, a.GUID)
	a.cells(false, words.RequestedBy, a.RequestedBy)
	a.cells(false, words.Requested, a.Language.DateTime(a.RequestedAt))
	a.tables()
	a.line++
	a.cells(true, a.Sources.Head...)
	for _, row := range a.Sources.Rows {
		a.cells(false, row...)
	}
	a.cells(false, a.Sources.Note)
	a.raw("</sheetData></worksheet>")
	a.flush()
	return a.err
}

// tables says of each sheet what stands above its table on a page.
func (a *about) tables() {
	if !slices.ContainsFunc(a.Sheets, func(s Sheet) bool { return s.Title+s.Note != "" }) {
		return
	}
	a.line++
	for i, s := range a.Sheets {
		a.cells(false, a.tabs[i], s.Title, s.Note)
	}
}

// cells writes a row of text.
func (a *about) cells(bold bool, texts ...string) {
	a.line++
	a.raw(`<row r="`)
	a.number(a.line)
	a.raw(`">`)
	for i, s := range texts {
		if s = clean(s); s != "" {
			look := style{bold: bold, quote: startsFormula(s)}
			a.text(place{letters(i), a.line, a.styles.of(look)}, s)
		}
	}
	a.raw("</row>")
	a.spill()
}
