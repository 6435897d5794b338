// Package query reads the SQL of a report file as far as safety asks for it:
// it finds the placeholders, gives them names SQLite accepts, and lets through
// nothing but one SELECT.
//
// Promise: the text of a Query is the author's text with every placeholder
// replaced by the name of a bound parameter, and nothing else changed; no value
// ever becomes part of it. What looks like a placeholder inside a string, a
// quoted name or a comment stays as it is.
//
// Limits: it knows SQLite's words, not its grammar: whether a table exists is
// found out when the query runs. That nothing is written is not decided here
// alone: the connections are read-only and their authorizer says no.
//
// Failure: Parse says what is wrong in a sentence for the author.
package query
