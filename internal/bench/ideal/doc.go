// Package ideal is the least program that does the necessary work of a journey:
// what Peyk is held against.
//
// Promise: for each journey it makes as many durable commits as Peyk does, of
// rows as large, on SQLite with WAL and synchronous FULL, those of many journeys
// sharing a sync; it puts the document on both sides in a synced file; it makes
// the same calls over HTTP on loopback between two processes, the same digests
// and the same signature; and it has one SMTP dialogue per letter. It waits for
// what must be durable before the next step, as Peyk must. It counts all this.
//
//	company                                              provider
//	1  request, 202
//	2  about to submit          ── POST /reports ──►     1 job, 202
//	3  submitted                                         2 begun
//	4  webhook's inbox row      ◄── POST /hooks ───      put, 3 ready and webhook, signed
//	5  about to look            ── GET  /reports/{} ►    4 webhook told
//	6  ready                    ── GET  /files/{} ──►
//	   put, 7 stored
//	8  about to announce
//	   read back, 9 letter written
//	10 about to send (after RCPT, before DATA)
//	11 delivered
//	12 about to clean           ── DELETE ──────────►    5 gone
//	13 cleaned
//
// Limits: nothing else is done. It checks no form, has no queue, no roles, no
// retries, no gate for documents, no recovery after a crash, and logs nothing:
// what a journey goes on with is held in memory, though all of it was written
// down.
//
// Failure: whatever goes wrong ends that journey without a letter, and is told
// to the log.
package ideal
