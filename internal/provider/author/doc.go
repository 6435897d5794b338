// Package author is what the writer of a report works with on the own machine:
// a first file to change, a check that reads no data, and the document itself.
//
// Promise: a file that passes Check here loads at the provider, with the same
// sources; what Preview makes is what the provider would make of the same
// parameters and data. New overwrites nothing.
//
// Limits: one report file at a time; it runs as whoever calls it, with the
// rights the sources file gives.
//
// Failure: mistakes in files come as file:line:column: what, every one of them;
// parameters that do not fit are named. What else goes wrong is a *report.Error
// with a sentence.
package author
