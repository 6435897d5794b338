// Package demotest computes what the reports must say, by another way: plain
// loops over rows, no SQL beyond reading a whole table, no code shared with the
// engine.
//
// Promise: where a report and this package agree over many parameters, a
// mistake would have to be made twice, in two languages, alike. A [Document]
// has everything a reader sees but the looks: cells, subtotals, totals, shares,
// the columns of a pivot, figures, what charts are drawn from, and what their
// titles say.
//
// Limits: for tests only; it reads everything into memory, once, and goes
// through all of it for each question. The rules are those the report files
// state in their head comments, and are not repeated here.
//
// Failure: errors name the file. There is no partial answer.
package demotest
