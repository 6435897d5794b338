// Package sheet writes the documents of a report for reckoning: a workbook
// (XLSX, ECMA-376) and a file of records (CSV, RFC 4180).
//
//	Grid ──values, looks──► XLSX: a sheet a table, and one that says whence it came
//	     ──values─────────► CSV: one table
//
// Promise: numbers are numbers and days are days, with all their digits: what a
// page rounds or shows in thousands, a cell holds in full. The first row is the
// head and nothing stands above it, so that filters, pivots and programs find
// the table where they look. Totals are formulas where a formula over the cells
// says the same. No text becomes a formula, whatever it begins with. The same
// input gives the same bytes. Rows are written as they come: memory does not
// grow with them.
//
// Limits: those of the format: 1,048,576 rows, 16,384 columns, 32,767 UTF-16
// units in a cell. A whole number beyond 2^53 is text, since a cell is a float;
// so is a day before March 1900, where calendars and Excel differ.
//
// Failure: what does not fit is a *report.Error (Permanent): a report holds
// everything or does not come to be, and a cell cut short would look like a
// whole one. A CSV has no such limits. Errors of the writer come back wrapped.
package sheet

import (
	"time"

	"peyk/internal/provider/engine/lang"
	"peyk/internal/provider/engine/tabulate"
)

// Book is a workbook to write.
type Book struct {
	Title       string
	Sentence    string // the request in words
	GUID        string
	Company     string
	RequestedBy string
	RequestedAt time.Time // in the reader's time zone
	Language    lang.Language
	Sheets      []Sheet
	Sources     Sources
}

// Sheet is one table of the book.
type Sheet struct {
	Name        string // on the tab, as far as Excel takes it; "": the title
	Title, Note string // on the last sheet: above the head nothing stands
	Grid        tabulate.Grid
	// Weights says where in Grid the weights of an average stand, by the place
	// of its column. An average whose weights are in no column is a value.
	Weights map[int]int
}

// Sources is the table of the last sheet: where the rows came from.
type Sources struct {
	Head []string
	Rows [][]string
	Note string
}
