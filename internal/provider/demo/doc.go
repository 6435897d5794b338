// Package demo invents a company to try Peyk with: Kule Oyun Kiralama A.Ş.,
// which rents out and sells games, and whose data lie in different places, as
// a company's data do:
//
//	shop.db       SQLite: publishers, genres, countries, games, players, sales, rentals
//	community.db  SQLite: reviews and sessions of play, one row each
//	games.csv     the catalog, as the purchasing department exports it
//	sources.yaml  where a provider finds these three
//	reports/      the report types that read them
//
// Promise: [Generate] is deterministic. The same seed and the same day give the
// same bytes of games.csv and the same rows in both databases, on every machine
// of one architecture (floating point may differ in its last bit between two):
// all chance comes from PCG (math/rand/v2), one stream per table, so that a
// change to one table leaves the others as they were. The data cover the last
// three years up to yesterday. Money is a whole number of kuruş, so totals are
// exact; a report divides by 100.
//
// Limits: everything is invented, people, games and publishers alike. E-mail
// addresses end in the domains RFC 2606 keeps free, phone numbers begin with
// 000, which no numbering plan hands out. The size is fixed: some 280,000 rows,
// made in a few seconds. One process at a time makes data in a directory, and
// who has them open meanwhile goes on reading the old ones.
//
// Failure: the files are made aside, synced and renamed; the marker (see
// [Marker]) is written last. A process killed on the way leaves either the old
// data with their marker or no marker, and the next Generate starts over.
package demo
