// Package engine is what the reporting app is for: a catalog of report types,
// each one file, and the making of a report from one of them.
//
//	parameters ─validate─► gather ─combine─► compose ─► render, sheet ─► documents
//
// Promise: the catalog lists what Run can run, and what Run makes of the same
// job and the same data is the same, byte for byte. Parameters reach SQL only
// as bound values; sources are only read. A report holds all its rows, or says
// where it does not, or does not come to be.
//
// Limits: report files and sources files are read once, at Open; a changed file
// needs a new Engine. Choices that come from queries are read at Refresh. Run
// takes memory in proportion to the rows; how many run at once is the caller's
// to bound.
//
// Failure: Open names every mistake of every file with line and column. Run
// and Validate return *report.Error: invalid parameters carry the fields and
// why, as *Invalid. When the context ends, its error comes back, wrapped.
package engine
