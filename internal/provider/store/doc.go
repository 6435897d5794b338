// Package store is what a provider remembers: jobs, tombstones, webhooks still
// to be sent, and the files of the reports, in one directory.
//
// Promise: what a method reports done survives a crash. The files of a result
// are durable before the commit that makes the job ready; the webhook about a
// change lies in the outbox by the commit of the change itself. At most one
// result per generation is ever published, and its bytes never change: ready is
// a compare-and-set on the state and on the attempt that prepared it, and every
// attempt writes files of its own, so a late attempt can overwrite nothing. The
// rev of a report rises with every change.
//
//	          Claim             Publish
//	queued ────────► preparing ────────► ready ──┐
//	   ▲                 │ │                     │ Expire, Delete
//	   └─ Release, crash ┘ └─ Finish ► failed, ──┤
//	                           rejected          ▼
//	preparing ── Review ──► pending_review ── Claim, when it is due ──► preparing
//	Delete, from every state, or of the unseen: tombstone ──► forgotten
//
// Limits: one process at a time holds the directory (a lock says so); other
// processes may read (see [OpenReader]). A report forgotten after its
// tombstone's time begins again at rev 1. Writes from many goroutines share
// commits, and so wait for one another.
//
// Failure: the sentinel errors say what the store refuses; every other error is
// of the disk or of SQLite, and nothing was done. A job that was being prepared
// when the process died is queued again at the next Open, and failed with the
// code poison once it has seen three such deaths. Its third try is made alone
// for a minute, so that a job which only stood beside another's deaths ends as
// it should.
package store

import "errors"

// What the store refuses.
var (
	ErrUnknown    = errors.New("report is unknown")
	ErrNoFile     = errors.New("report has no such file")
	ErrNotReady   = errors.New("report is not ready")
	ErrGone       = errors.New("report is gone")
	ErrTombstoned = errors.New("generation is tombstoned")
	ErrKeyReused  = errors.New("generation was asked for with another body")
	ErrLost       = errors.New("job is no longer this attempt's")
	ErrLocked     = errors.New("directory is in use by another process")
	ErrClosed     = errors.New("store is closed")
)
