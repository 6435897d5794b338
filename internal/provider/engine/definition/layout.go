package definition

import (
	"peyk/internal/provider/engine/lang"
	"peyk/internal/provider/engine/query"
	"peyk/internal/report"
)

// Format says how values are written.
type Format string

// The formats.
const (
	FormatText    Format = "text"
	FormatInteger Format = "integer"
	FormatDecimal Format = "decimal"
	FormatPercent Format = "percent" // of a share: 0.96 is 96%
	FormatMoney   Format = "money"
	FormatDate    Format = "date"
)

// Numeric reports whether the values are numbers.
func (f Format) Numeric() bool {
	switch f {
	case FormatInteger, FormatDecimal, FormatPercent, FormatMoney:
		return true
	}
	return false
}

// Look is a format with what it needs to know.
type Look struct {
	Format   Format
	Digits   int // after the decimal sign
	Currency lang.Currency
	Unit     int // a document for reading shows values divided by it: 1, 1,000 or 1,000,000
}

// Words is a text with slots: {column}, or {column:format} with one of integer,
// decimal, percent and date, for values of one row.
type Words = report.Text

// Figure is one of the large numbers on the first page.
type Figure struct {
	Title report.Text
	Query query.Query // its first row: the value in the first column, all columns for the note
	Look
	Note Words
}

// ChartType says what a chart is made of.
type ChartType string

// The types of charts.
const (
	Bars    ChartType = "bars"    // one bar for each row, lying
	Stacked ChartType = "stacked" // one bar for each label, a part for each series
	Line    ChartType = "line"    // one line for each series, labels from left to right
)

// Chart is drawn from rows of its own query: a label, a value, and for stacked
// bars and lines a series.
type Chart struct {
	Type                 ChartType
	Title                Words // the finding, in words; slots take columns of Finding
	Subtitle             report.Text
	Query                query.Query
	Finding              query.Query // its first row fills the title; may be none
	Label, Value, Series string      // names of columns; Series "": none
	Look
	Shares bool // beside bars: each value's share of all
}

// Table is a table of the document: the combined rows, or those of a query of
// its own.
type Table struct {
	Title, Subtitle, Note report.Text
	Query                 query.Query // none: the combined rows
	Columns               []Column    // at most one is a pivot
	Subtotal              string      // a column: totals stand after each run of its values
	Shares                string      // a column with a sum: under the totals stands each comparable sum's share of it
	NewPage               bool
}

// Total says what stands under a column.
type Total string

// The totals.
const (
	NoTotal Total = ""
	Sum     Total = "sum"
	Avg     Total = "avg"   // of the values that are there
	Count   Total = "count" // of the values that are there
)

// Column of a table; Name is its name in the rows.
type Column struct {
	Name  string
	Title report.Text
	Look
	Total  Total
	Weight string // of an average: the column of its weights; "": all weigh the same
	Strong bool   // set in a heavier face
	Pivot  *Pivot // instead of one column, as many as there are values
}

// Pivot turns the values of Column.Name into columns. Rows that agree in every
// other column become one, in the place of the first; the cells are the sums
// of Value. The columns stand by their sums, the greatest first.
type Pivot struct {
	Value  string // the column that is added up
	Keep   int    // columns of their own in a document that has no room for all; the rest is one
	Others Words  // title of that rest; {n} is how many it holds
}
