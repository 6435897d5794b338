// Package task does owed work: it leases a task from the ledger, runs it under
// the lease, and settles it in the same commit that writes the result.
//
// Promise: nothing runs without a lease whose intent was committed before, and
// no result is committed after the lease was lost. Work that is owed is tried
// until it is settled: at once when it is woken, else when the ledger says it
// is due. Losing every message of the queue costs latency, never work.
//
//	message ─► Take ─┐                       ┌─► commit (result + settle, fenced) ─► publish
//	                 ├─► lease + Begin ─► Do ─┤
//	sweep ───► due ──┘    one commit          └─► settle later, by the error's class
//
// What a result owes next to its own role is leased in that same commit, where a
// slot is free and no intent must be written: a hop costs no commit of its own.
//
// A kind has its own lane of slots, so a slow effect never starves another. The
// sweep leases straight from the ledger while the lane has free slots and rests
// only when nothing was due.
//
// Limits: one process runs at most Slots of a kind. The lease lasts LeaseTime
// and is prolonged every third of it; work that loses it is cancelled.
//
// Failure: a panic in Do is caught and counts as an unclean end, like a crash;
// at the third the ledger parks the task and it is tried again rarely, never two
// such at once; others run on, for a parked task must not stop a role. A ledger
// that cannot be reached leaves the lease to run out.
package task

import (
	"context"
	"time"

	"peyk/internal/backoffice/event"
	"peyk/internal/backoffice/ledger"
	"peyk/internal/report"
)

// Store is what the runner needs of the ledger.
type Store interface {
	Update(ctx context.Context, fn func(ledger.Tx) error) error
	View(ctx context.Context, fn func(ledger.View) error) error
}

// Publisher puts events on the queue. A failure is logged and forgotten: an
// event only wakes what the ledger already owes.
type Publisher interface {
	Publish(ctx context.Context, e event.Event) error
}

// Cause tells how a task came to be leased, as evidence for the journal.
type Cause struct {
	Sequence uint64 // of the message on the stream; 0: it was found due
}

// Evidence words the cause for the journal.
func (c Cause) Evidence() report.Evidence {
	if c.Sequence == 0 {
		return report.Evidence{"heard": "sweep"}
	}
	return report.Evidence{"stream_sequence": c.Sequence}
}

// Work is how one kind of task is done.
type Work struct {
	Kind  ledger.Kind
	Slots int // how many run side by side
	// Begin writes the intent in the commit that leases, before any effect; nil:
	// the lease itself is the intent. It may raise nothing foreign.
	Begin func(tx ledger.Tx, l ledger.Lease, c Cause) error
	// Do has the foreign effect and says what to commit. It must be safe to run
	// twice: a crash between effect and commit runs it again.
	Do func(ctx context.Context, l Leased) Result
	// Least and Most bound the back-off after an error (full jitter).
	Least, Most time.Duration
}

// Leased is a lease with the request it is about, as it stood in the commit that
// leased, so that an effect can begin without reading it once more. What moves
// on meanwhile is refused by the version when the result is committed.
type Leased struct {
	ledger.Lease
	Request *report.Request // nil: the ledger knows none
	Now     time.Time       // the ledger's clock in that commit
}

// Effects are what follows once a commit stands.
type Effects struct {
	Events []event.Event
	Next   []ledger.Key // tasks of this role the commit owes: they are taken at once
}

// Publish adds the event of r's last move.
func (e *Effects) Publish(t event.Type, r *report.Request) {
	e.Events = append(e.Events, event.Event{Type: t, GUID: r.GUID, Generation: r.Generation, Version: r.Version})
}

// Result is what Do found out.
type Result struct {
	commit func(tx ledger.Tx, fx *Effects) error
	err    error
	done   bool
	later  time.Duration
}

// Err is why the task is tried again; nil if it is not for an error.
func (r Result) Err() error { return r.err }

// Done settles the task; commit (may be nil) writes what was found in the same
// transaction.
func Done(commit func(tx ledger.Tx, fx *Effects) error) Result {
	return Result{commit: commit, done: true}
}

// Later settles the task to be looked at again after d. It is no failure.
func Later(d time.Duration, commit func(tx ledger.Tx, fx *Effects) error) Result {
	return Result{commit: commit, later: d}
}

// Retry settles the task by the class of err: back-off, or not before its
// RetryAfter.
func Retry(err error) Result { return Result{err: err} }

// RetryWith is Retry that also writes something down.
func RetryWith(err error, commit func(tx ledger.Tx, fx *Effects) error) Result {
	return Result{err: err, commit: commit}
}
