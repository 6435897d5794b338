package sheet

import (
	"math"
	"time"
	"unicode/utf8"

	"peyk/internal/provider/engine/definition"
	"peyk/internal/provider/engine/tabulate"
)

// Widths of columns, in characters.
const (
	leastWidth  = 8
	mostWidth   = 60
	arrowWidth  = 3  // of the filter's button in the head
	symbolWidth = 3  // of a sign of money or percent, and a minus
	dateWidth   = 11 // of a day
)

// measured is what must be known of a table before its first row is written.
type measured struct {
	columns []column
	runs    []run // of body rows, between the subtotals
	body    int
}

// column of a measured table.
type column struct {
	width   int
	numbers int  // body cells that are numbers a formula can use
	other   bool // has body cells that are not, and that are not empty
}

// run is the rows first to last as the sheet counts them.
type run struct{ first, last int }

func measure(g tabulate.Grid, titles []string) measured {
	m := measured{columns: make([]column, len(g.Columns))}
	for i := range g.Columns {
		m.columns[i].width = utf8.RuneCountInString(titles[i]) + arrowWidth
	}
	for at, row := range g.Rows {
		if row.Kind == tabulate.Body {
			m.extend(at + 2) // the head is row 1
		}
		for i, v := range row.Cells {
			m.columns[i].see(v, row.Kind, g.Columns[i].Look)
		}
	}
	for _, row := range g.Totals {
		for i, v := range row.Cells {
			m.columns[i].see(v, row.Kind, g.Columns[i].Look)
		}
	}
	return m
}

func (m *measured) extend(row int) {
	m.body++
	if n := len(m.runs); n > 0 && m.runs[n-1].last == row-1 {
		m.runs[n-1].last = row
		return
	}
	m.runs = append(m.runs, run{row, row})
}

func (c *column) see(v any, kind tabulate.Kind, look definition.Look) {
	width, number := 0, false
	switch v := v.(type) {
	case nil:
		return
	case string:
		width = utf8.RuneCountInString(v)
	case int64:
		width, number = figureWidth(float64(v), look), v >= -maxWhole && v <= maxWhole
	case float64:
		width, number = figureWidth(v, look), finite(v)
	case time.Time:
		width = dateWidth
	}
	c.width = max(c.width, width+1)
	if kind != tabulate.Body {
		return
	}
	if number {
		c.numbers++
	} else {
		c.other = true
	}
}

// figureWidth is about what a number takes, its separators included.
func figureWidth(v float64, look definition.Look) int {
	whole := 1
	if size := math.Abs(v); size >= 10 {
		whole = min(int(math.Log10(size))+1, mostWidth)
	}
	return whole + whole/3 + look.Digits + symbolWidth
}

func (c column) bounded() int { return min(max(c.width, leastWidth), mostWidth) }
