// Package postgres keeps the ledger in PostgreSQL, for a company whose roles
// run in many processes at once.
//
// Promise: what Update answered with nil is committed with synchronous_commit
// on: it survives the loss of power. All that touches one request happens one
// after the other, across processes: the first thing a transaction does to a
// request is to lock its row. From that follow the compare-and-set, gapless
// journals, the last letter's settling, and that a webhook and the move to
// PREPARING never both miss each other. Time is the database's, whatever the
// nodes believe, and is read under the lock: what was woken while one waited is
// due for it.
//
//	Update ──► BEGIN · lock the request · what time is it · its tasks   one round trip
//	           … fn works on what was read; writes wait …
//	           … another reading takes them along …                     one round trip
//	           writes that still wait · mark · COMMIT                   one round trip
//
// A round trip is what costs, so statements travel together; the tasks of a
// locked request are worked on here and written in the end. PostgreSQL itself
// lets commits that come together share a sync. What changed nothing is rolled
// back, which needs none.
//
// Locks are taken in one order, a request and then what belongs to it, so that
// no two transactions wait for each other. Leasing what is due skips whatever
// another holds, as long as there is anything else; leasing a named task waits
// for it.
//
// Notices are numbered while a lock on their reader is held, the last thing
// before the commit: who has read up to a number misses none below it.
//
// Limits: PostgreSQL 13 or newer, reached directly or by a pooler that keeps
// sessions; one database for one company. A transaction may take half a minute,
// and is ended when its process stands still for ten seconds. A fn must not call
// Update; it may call View. NUL and broken UTF-8 in text become U+FFFD. A webhook
// for a request that is not there yet is in no order with its birth.
//
// Failure: a database that is away is an error of each call; the pool comes back
// by itself. A transaction that PostgreSQL gave up for another's sake, or that
// went with its connection, is run again: nothing of it was kept. When the
// connection breaks while a COMMIT is under way, the database is asked what
// became of it; if it cannot be asked within some seconds the error is
// ErrUnknown: the change may stand. Callers are safe: what they do is fenced by
// leases or keyed by its GUID.
package postgres
