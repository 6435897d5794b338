// Package compose says what stands where: it takes a report type, the values
// asked for and the rows gathered, and gives the documents as their writers
// take them.
//
//	definition.Report ─┐
//	values ────────────┼─► compose ─► render.Document, sheet.Book
//	gather.Result ─────┘
//
// Promise: every number of a document comes from the rows of the same
// gathering; what a document leaves out for want of room it says, and where
// the rest is.
//
// Limits: the order is fixed: figures, charts, tables, sources. A chart shows
// at most six series; the smallest are one.
//
// Failure: a column the layout names and the rows lack, and a value that does
// not fit its format, fail the report (Permanent): the author has to look.
package compose
