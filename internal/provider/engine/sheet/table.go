package sheet

import (
	"strconv"

	"peyk/internal/provider/engine/definition"
	"peyk/internal/provider/engine/lang"
	"peyk/internal/provider/engine/tabulate"
)

// table is a sheet of rows being written.
type table struct {
	part
	Sheet
	measured
	titles   []string
	letters  []string
	codes    []string // the formats of the columns
	language lang.Language
	styles   *styles
}

func newTable(s Sheet, l lang.Language, st *styles) (*table, error) {
	if rows := 1 + len(s.Grid.Rows) + len(s.Grid.Totals); rows > maxRows {
		return nil, refuse("sheet-too-long", "The table %.60q has %d rows with its head; a sheet holds %d. Ask for less, or for CSV.", s.label(), rows, maxRows)
	}
	if n := len(s.Grid.Columns); n > maxColumns {
		return nil, refuse("sheet-too-wide", "The table %.60q has %d columns; a sheet holds %d. Ask for less, or for CSV.", s.label(), n, maxColumns)
	}
	t := &table{Sheet: s, titles: heads(s.Grid.Columns), language: l, styles: st}
	t.measured = measure(s.Grid, t.titles)
	for i, c := range s.Grid.Columns {
		t.letters, t.codes = append(t.letters, letters(i)), append(t.codes, formatCode(c.Look, l))
	}
	return t, nil
}

func (s Sheet) label() string {
	if s.Name != "" {
		return s.Name
	}
	return s.Title
}

// filter is the range of the filter: the head and what can be put in another
// order under it. Subtotals cannot: they would part from their rows.
func (t *table) filter(corner string) string {
	if len(t.letters) == 0 || t.body == 0 || len(t.Grid.Rows) != t.body {
		return ""
	}
	return corner + "A" + corner + "1:" + corner + t.letters[len(t.letters)-1] + corner + strconv.Itoa(t.body+1)
}

func (t *table) write(first bool) error {
	t.raw(declaration + `<worksheet xmlns="` + spaceMain + `"><sheetPr><pageSetUpPr fitToPage="1"/></sheetPr><sheetViews><sheetView`)
	if first {
		t.raw(` tabSelected="1"`)
	}
	t.raw(` workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/><selection pane="bottomLeft" activeCell="A2" sqref="A2"/></sheetView></sheetViews>`)
	t.cols()
	t.raw("<sheetData>")
	t.head()
	for at, row := range t.Grid.Rows {
		t.line(at+2, row)
	}
	for at, row := range t.Grid.Totals {
		t.line(len(t.Grid.Rows)+at+2, row)
	}
	t.raw("</sheetData>")
	if f := t.filter(""); f != "" {
		t.raw(`<autoFilter ref="` + f + `"/>`)
	}
	t.raw(`<pageSetup paperSize="9" orientation="landscape" fitToHeight="0"/></worksheet>`)
	t.flush()
	return t.err
}

func (t *table) cols() {
	if len(t.columns) == 0 {
		return
	}
	t.raw("<cols>")
	for i, c := range t.columns {
		t.width(i, c.bounded())
	}
	t.raw("</cols>")
}

func (p *part) width(at, characters int) {
	n := strconv.Itoa(at + 1)
	p.raw(`<col min="` + n + `" max="` + n + `" width="` + strconv.Itoa(characters) + `" customWidth="1"/>`)
}

func (t *table) head() {
	t.raw(`<row r="1">`)
	for i, title := range t.titles {
		look := style{bold: true, rule: under, wrap: true, quote: startsFormula(title)}
		t.text(place{t.letters[i], 1, t.styles.of(look)}, title)
	}
	t.raw("</row>")
}

func (t *table) line(number int, row tabulate.Row) {
	t.raw(`<row r="`)
	t.number(number)
	t.raw(`">`)
	for i, v := range row.Cells {
		if v != nil {
			t.cell(place{column: t.letters[i], row: number}, i, row.Kind, v)
		}
	}
	t.raw("</row>")
	t.spill()
}

func (t *table) cell(at place, i int, kind tabulate.Kind, v any) {
	look := t.look(i, kind, v)
	if _, isText := v.(string); !isText {
		at.style = t.styles.of(look)
		if t.value(at, v, t.formula(t.Sheet, kind, i)) {
			return
		}
	}
	s := wordsOf(v)
	look.format, look.quote = "", startsFormula(s)
	at.style = t.styles.of(look)
	t.text(at, s)
}

// look is that of a cell by its column, its row and what it holds.
func (t *table) look(i int, kind tabulate.Kind, v any) style {
	c := t.Grid.Columns[i]
	s := style{bold: c.Strong || kind != tabulate.Body}
	if kind != tabulate.Body && kind != tabulate.Subtotal {
		s.rule = over
	}
	_, fraction := v.(float64)
	_, whole := v.(int64)
	look := c.Look
	switch {
	case kind == tabulate.Count || kind == tabulate.Subtotal && c.Total == definition.Count:
		look = definition.Look{Format: definition.FormatInteger}
	case kind == tabulate.Shares:
		look = definition.Look{Format: definition.FormatPercent, Digits: 1}
	case kind != tabulate.Body && c.Total == definition.Avg && look.Format == definition.FormatInteger && fraction:
		look = definition.Look{Format: definition.FormatDecimal, Digits: 1}
	case look.Format == definition.FormatText && whole:
		s.format = "0" // an id, perhaps: no grouping
	}
	switch {
	case s.format != "":
	case look == c.Look:
		s.format = t.codes[i]
	default:
		s.format = formatCode(look, t.language)
	}
	return s
}
