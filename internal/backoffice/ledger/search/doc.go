// Package search finds requests by words, newest first, in a bounded number of
// steps, whatever store the index lies in.
//
// Promise: a request is found by words that each begin a word of its title or
// sentence, Turkish or English, or of its owner's full name, or begin its GUID.
// Letters are folded on both sides, so that what is typed without accents, in
// capitals or on the other keyboard meets what is written: i, ı, İ and I are
// one letter, ş is s. A search looks at so many requests at most and tells
// where it stopped: all it did not tell of is older.
//
//	query ─► words ─► lists, newest first: scope │ word │ word │ …
//	                          └─ the one that reaches furthest back leads ─► look ─► hits
//
// Limits: words of one letter only sift what others find. A word that begins too
// many different ones has no list of its own. Requests are found by what they
// asked when they were inserted.
//
// Failure: an index that cannot be read is an error as it came.
package search
