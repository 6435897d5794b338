package demotest

import (
	"cmp"
	"slices"
)

// Document is what a report says. Values are nil, string, int or float64.
type Document struct {
	Table   Table
	Figures []Figure
	Charts  []Chart
	Ties    int // neighbours in the table that only a later rule puts in order
}

// Record is values by the name of their column.
type Record map[string]any

// Figure is the large number and what its note may say.
type Figure struct {
	Value any
	Note  Record
}

// Chart is its points, in order, and what its title may say; nil: nothing was
// found.
type Chart struct {
	Points  []Point
	Finding Record
}

// Point is one value of a chart.
type Point struct {
	Label, Series string
	Value         float64
}

// Table is the lines under the head, and those under the table.
type Table struct {
	Lines, Totals []Line
	Spread        []string // titles of the columns the pivot became
	At            int      // the place of the first of them
}

// Kind of a line.
type Kind string

// The kinds of lines.
const (
	Body     Kind = "body"
	Subtotal Kind = "subtotal"
	Total    Kind = "total"
	Shares   Kind = "shares"
)

// Line of a table.
type Line struct {
	Kind  Kind
	Cells []any
}

// say gives the word of the reader's language.
func say(locale, tr, en string) string {
	if locale == "tr" {
		return tr
	}
	return en
}

func lira(kurus int) float64 { return float64(kurus) / 100 }

// ratio is nil where there is nothing to divide by.
func ratio(a, b float64) any {
	if b == 0 {
		return nil
	}
	return a / b
}

// zero is 0 where there is no value.
func zero(v any) any {
	if v == nil {
		return 0
	}
	return v
}

// ties counts the neighbours that are the same.
func ties[T any](all []T, same func(a, b T) bool) (n int) {
	for i := 1; i < len(all); i++ {
		if same(all[i-1], all[i]) {
			n++
		}
	}
	return n
}

// amount is something with a name and a sum.
type amount struct {
	name string
	sum  int
}

// ranked puts the greatest sum first, then by name.
func ranked(sums map[string]int) []amount {
	var all []amount
	for name, sum := range sums {
		all = append(all, amount{name, sum})
	}
	slices.SortFunc(all, func(a, b amount) int { return cmp.Or(cmp.Compare(b.sum, a.sum), cmp.Compare(a.name, b.name)) })
	return all
}

func sumOf(all []amount) (sum int) {
	for _, a := range all {
		sum += a.sum
	}
	return sum
}
