// Package tabulate works out the tables of a report from its rows: what stands
// in each cell, which columns a pivot makes, and the totals.
//
// Promise: a cell keeps the value as it came, so that a document for reading
// and one for reckoning are made of the same Grid. A total is made of the
// values themselves, not of rounded cells, and does not depend on the order of
// the rows beyond the last bit. A pivot loses nothing: what has no column of
// its own is in the column of the others, and no row of it is left out.
//
// Limits: numbers are 64-bit integers, 64-bit floats, or text that is exactly a
// number (a CSV brings nothing else); sums are kept to 256 bits.
//
// Failure: a column the rows do not have, and a value that is no number in a
// column of numbers, fail the report (Permanent): a table with a hole in its
// total would be a lie.
package tabulate

import (
	"fmt"
	"slices"
	"time"

	"peyk/internal/provider/engine/definition"
	"peyk/internal/provider/engine/lang"
	"peyk/internal/report"
)

// Rows are what a query gave: int64, float64, string, []byte or nil by the
// names of the columns.
type Rows struct {
	Columns []string
	Rows    [][]any
}

// Grid is a table worked out.
type Grid struct {
	Columns []Column
	Rows    []Row
	Totals  []Row
	Body    int // how many of Rows are no subtotals
	// Gathered is how many values of a pivot share the column of the others.
	Gathered int
}

// Column of a Grid.
type Column struct {
	definition.Look
	Title  string
	Total  definition.Total
	Strong bool
	from   definition.Column
	shared bool // has a share under its total
}

// Kind of a row.
type Kind int

// The kinds of rows.
const (
	Body Kind = iota
	Subtotal
	Total // sums and weighted averages
	Average
	Count
	Shares // of the sums
)

// Row of a Grid: in each cell nil, a string, an int64, a float64 or, for a day,
// a time.Time.
type Row struct {
	Kind  Kind
	Cells []any
}

// Options say how to work a table out.
type Options struct {
	Language lang.Language
	Locale   string
	Whole    bool // a pivot keeps all its columns
}

// Make works out the table from rows.
func Make(table definition.Table, rows Rows, o Options) (Grid, error) {
	places, err := locate(table, rows.Columns)
	if err != nil {
		return Grid{}, err
	}
	m := maker{table: table, options: o, places: places}
	body, err := m.body(rows.Rows)
	if err != nil {
		return Grid{}, err
	}
	m.grid.Body = len(body)
	m.total(body)
	return m.grid, nil
}

// maker is a Grid being made.
type maker struct {
	table   definition.Table
	options Options
	places  map[string]int
	grid    Grid
}

// locate finds each column in the rows.
func locate(t definition.Table, names []string) (map[string]int, error) {
	places := map[string]int{}
	need := func(name string) error {
		if places[name] = slices.Index(names, name); places[name] >= 0 {
			return nil
		}
		return &report.Error{
			Class: report.Permanent, Code: "column-missing", Cause: fmt.Errorf("no %q among %q", name, names),
			Sentence: fmt.Sprintf("The rows have no column %s. The author of the report has to look at it.", name),
		}
	}
	for _, c := range t.Columns {
		if err := need(c.Name); err != nil {
			return nil, err
		}
		if c.Pivot != nil {
			if err := need(c.Pivot.Value); err != nil {
				return nil, err
			}
		}
		if c.Weight != "" {
			if err := need(c.Weight); err != nil {
				return nil, err
			}
		}
	}
	return places, nil
}

// line is a body row with the weights of its averages, in the columns' order.
type line struct {
	cells   []any
	weights []number
}

// body makes the rows under the head; columns are known after it.
func (m *maker) body(rows [][]any) ([]line, error) {
	for i, c := range m.table.Columns {
		if c.Pivot != nil {
			return m.pivot(i, rows)
		}
	}
	for _, c := range m.table.Columns {
		m.grid.Columns = append(m.grid.Columns, m.column(c, c.Title.In(m.options.Locale)))
	}
	lines := make([]line, len(rows))
	n := len(m.table.Columns)
	flat := make([]any, len(rows)*n)
	for i, row := range rows {
		lines[i].cells = flat[i*n : (i+1)*n : (i+1)*n]
		if err := m.fill(&lines[i], i, row); err != nil {
			return nil, err
		}
	}
	return lines, nil
}

func (m *maker) column(c definition.Column, title string) Column {
	return Column{Look: c.Look, Title: title, Total: c.Total, Strong: c.Strong, from: c, shared: m.isShared(c)}
}

// isShared: beside the whole, the columns of the pivot, or where there is none
// the sums written as the whole is.
func (m *maker) isShared(c definition.Column) bool {
	if m.table.Shares == "" || c.Total != definition.Sum {
		return false
	}
	if c.Name == m.table.Shares || c.Pivot != nil {
		return true
	}
	for _, other := range m.table.Columns {
		if other.Pivot != nil || other.Name == m.table.Shares && other.Look != c.Look {
			return false
		}
	}
	return true
}

// fill makes the cells of one row; at counts from 0.
func (m *maker) fill(l *line, at int, row []any) (err error) {
	for i, c := range m.table.Columns {
		if c.Pivot != nil {
			continue
		}
		if l.cells[i], err = Cell(c.Format, row[m.places[c.Name]]); err != nil {
			return wrong(c, at+1, row[m.places[c.Name]], err)
		}
		if c.Weight == "" {
			continue
		}
		if l.weights == nil {
			l.weights = make([]number, len(m.table.Columns))
		}
		if w := row[m.places[c.Weight]]; w != nil {
			if l.weights[i], err = numberOf(w); err != nil {
				return wrong(c, at+1, w, err)
			}
		}
	}
	return nil
}

// Cell is a value as a column of that format has it.
func Cell(f definition.Format, v any) (any, error) {
	switch {
	case v == nil:
		return nil, nil
	case f == definition.FormatDate:
		return dateOf(v)
	case !f.Numeric():
		return plain(v), nil
	}
	n, err := numberOf(v)
	if err != nil {
		return nil, err
	}
	return n.value(), nil
}

// plain is a value in a column of text.
func plain(v any) any {
	switch v := v.(type) {
	case nil, string, int64, float64:
		return v
	case []byte:
		return string(v)
	}
	return fmt.Sprint(v)
}

// dateOf reads a day, also one followed by a time of day.
func dateOf(v any) (time.Time, error) {
	s, ok := v.(string)
	if !ok {
		return time.Time{}, fmt.Errorf("%v is not a date", v)
	}
	if len(s) > len(time.DateOnly) && (s[len(time.DateOnly)] == ' ' || s[len(time.DateOnly)] == 'T') {
		s = s[:len(time.DateOnly)]
	}
	return time.Parse(time.DateOnly, s)
}

func wrong(c definition.Column, row int, v any, cause error) error {
	return &report.Error{
		Class: report.Permanent, Code: "value-unfit", Cause: fmt.Errorf("column %s, row %d: %w", c.Name, row, cause),
		Sentence: fmt.Sprintf("Row %d has %.60q in the column %s, which has the format %s.", row, fmt.Sprint(v), c.Name, c.Format),
	}
}
