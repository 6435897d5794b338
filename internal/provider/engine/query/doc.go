// Package query reads the SQL of a report file as far as safety asks for it:
// it finds the placeholders, gives them names the database accepts, and lets
// through nothing but one SELECT. It knows SQLite's words and PostgreSQL's.
//
// Promise: the text of a Query is the author's text with every placeholder
// replaced by the name of a bound parameter, and nothing else changed; no value
// ever becomes part of it. What looks like a placeholder inside a string, a
// quoted name or a comment stays as it is; so does PostgreSQL's cast `::type`.
//
// Limits: it knows words, not grammar: whether a table exists is found out when
// the query runs. Of PostgreSQL's it refuses what servers of different age read
// differently, and a string right after E'…'; in a slice `a[1:n]` the n would be
// a placeholder. That nothing is written is not decided here alone: connections
// and transactions are read-only, and SQLite's authorizer says no.
//
// Failure: Parse says what is wrong in a sentence for the author.
package query
