// Package gather reads the sources of a report, all at the same time, into one
// workbench, and combines them there.
//
//	databases ──SELECT──►┐
//	                     ├─► workbench (SQLite, one per report) ──combine──► Table
//	folders  ──CSV─────►┘
//
// Promise: nothing is written anywhere but into the workbench, which vanishes
// with the report. A source is read to its end or the whole report fails: no
// row is left out silently. Values arrive as they lie in the source: CSV as
// text, databases with their own types.
//
// How it is kept: databases are opened read-only (mode=ro, query_only), and
// every connection that runs an author's SQL has an authorizer that knows only
// reading: no write, no ATTACH, no PRAGMA, no transaction. Values are bound.
// Files are opened through os.Root and cannot lie outside their folder.
//
// Limits: SQLite and CSV (RFC 4180, UTF-8, first line names). Each source is a
// snapshot of its own; two databases are not read at the same instant. The
// workbench lies in memory, or in a file where a directory is given.
//
// Failure: *report.Error. A cap reached, a ragged line or SQL that does not
// run is Permanent; a database that is busy or a file that cannot be read is
// Transient. When the context ends, its error comes back, wrapped.
package gather
