// Package tabulate turns the combined rows of a report into the cells and
// totals of its table.
//
// Promise: a cell is the value in the column's format and the reader's
// language; a total is made of the values themselves, not of the rounded cells,
// and does not depend on the order of the rows beyond the last bit.
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
	"math"
	"slices"
	"strconv"
	"time"

	"peyk/internal/provider/engine/definition"
	"peyk/internal/provider/engine/lang"
	"peyk/internal/report"
)

// absent stands for a value that is not there.
const absent = "–"

// Cells are a table ready to be set: one text for each row and column, and the
// rows of totals.
type Cells struct {
	Rows   [][]string
	Totals [][]string
}

// Make the cells of columns from rows, whose values are in the order of names.
func Make(columns []definition.Column, names []string, rows [][]any, l lang.Language) (Cells, error) {
	places, err := locate(columns, names)
	if err != nil {
		return Cells{}, err
	}
	c := Cells{Rows: make([][]string, len(rows))}
	sums := make([]total, len(columns))
	flat := make([]string, len(rows)*len(columns))
	for i, row := range rows {
		cells := flat[i*len(columns) : (i+1)*len(columns) : (i+1)*len(columns)]
		for j, column := range columns {
			if cells[j], err = cell(column, row[places[j]], l, &sums[j]); err != nil {
				return Cells{}, wrong(column, i+1, row[places[j]], err)
			}
		}
		c.Rows[i] = cells
	}
	if len(rows) > 0 {
		c.Totals = totals(columns, sums, l)
	}
	return c, nil
}

// locate finds each column in the combined rows.
func locate(columns []definition.Column, names []string) ([]int, error) {
	places := make([]int, len(columns))
	for i, c := range columns {
		if places[i] = slices.Index(names, c.Name); places[i] < 0 {
			return nil, &report.Error{
				Class: report.Permanent, Code: "column-missing", Cause: fmt.Errorf("no %q among %q", c.Name, names),
				Sentence: fmt.Sprintf("The combined rows have no column %s. The author of the report has to look at it.", c.Name),
			}
		}
	}
	return places, nil
}

func cell(c definition.Column, v any, l lang.Language, sum *total) (string, error) {
	if v == nil {
		return absent, nil
	}
	sum.count++
	switch {
	case c.Format == definition.FormatDate:
		day, err := dateOf(v)
		if err != nil {
			return "", err
		}
		return l.ShortDate(day), nil
	case !c.Format.Numeric():
		return textOf(v, l), nil
	}
	n, err := numberOf(v)
	if err != nil {
		return "", err
	}
	if c.Total != definition.NoTotal {
		sum.add(n)
	}
	return n.in(c, l), nil
}

// textOf writes a value in a column of text.
func textOf(v any, l lang.Language) string {
	switch v := v.(type) {
	case string:
		return v
	case []byte:
		return string(v)
	case int64:
		return strconv.FormatInt(v, 10) // an id, perhaps: no grouping
	case float64:
		return l.Decimal(v, decimals(v))
	}
	return fmt.Sprint(v)
}

// decimals is how many digits v needs after the decimal sign, six at most.
func decimals(v float64) int {
	for digits, scale := 0, 1.0; digits < 6; digits, scale = digits+1, scale*10 {
		if scaled := v * scale; math.Abs(scaled-math.Round(scaled)) < 1e-9*math.Max(1, math.Abs(scaled)) {
			return digits
		}
	}
	return 6
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
