// Package gather reads the sources of a report, all at the same time, into one
// workbench, and asks it the report's questions.
//
//	PostgreSQL ──SELECT──►┐
//	SQLite     ──SELECT──►├─► workbench ──combine──► Table ──queries──► Answers
//	folders    ──CSV─────►┘   (SQLite, one per report)
//
// Promise: nothing is written anywhere but into the workbench, which vanishes
// with the report. A source is read to its end, or to its cap where its author
// allows a part and then its state says so, or the whole report fails: no row
// is left out silently. Values arrive as they lie in the source: CSV as text,
// databases with their own types. The workbench keeps Memory bytes in memory
// and the rest in its file. When the context ends, so does a query at work in
// either database.
//
// How it is kept: SQLite is opened read-only (mode=ro, query_only), and every
// connection that runs an author's SQL has an authorizer that knows only
// reading: no write, no ATTACH, no PRAGMA, no transaction. PostgreSQL is read
// in a READ ONLY transaction that is rolled back, at one snapshot, with the
// server's own timeouts; the session is cleaned afterwards. Values are bound.
// Files are opened through os.Root and cannot lie outside their folder. All
// that is done on the workbench is one transaction that is never committed:
// pages reach its file only when its memory is full.
//
// PostgreSQL's types: integers, floats and bool (0 and 1) as numbers; date,
// time and timestamp as ISO text, timestamptz as that of UTC with a Z; text,
// uuid and json as text. A numeric is an integer where it is whole, else the
// float64 that stands for the same decimal number of up to fifteen digits;
// digits behind the sixth decimal are rounded, one with more before them is
// refused. Parameters have no type of their own: `at >= :from` takes the type
// of at, and where nothing says it, the author casts: `:n::int`.
//
// Limits: SQLite, PostgreSQL from version 12 on, and CSV (RFC 4180, UTF-8,
// first line names). Each source is a snapshot of its own; two databases are
// not read at the same instant. What functions of PostgreSQL do that no
// transaction takes back (signals to other sessions, for one) its user must not
// be allowed to do. An estimate is the planner's, and a table of SQLite with
// neither statistics nor row numbers counts as nothing in it.
//
// Failure: *report.Error. A cap or the time of a source reached, a ragged line,
// a type that is not read or SQL that does not run is Permanent; a database
// that is busy or away or a file that cannot be read is Transient. No error has
// a password in it. When the context ends, its error comes back, wrapped.
package gather
