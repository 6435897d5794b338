// Package ledger is the contract of the company's one store of truth.
//
// Promise: a change given to Update is committed whole and durable (fsync)
// before Update returns nil, or not at all. A request that was answered 202
// has its row here. Time is the ledger's: View.Now is the same for all of one
// transaction and is the only clock that decides what is due.
//
// A move is one transaction: compare-and-set on the request's version, one
// journal row, the tasks of the state it enters (see Move). No foreign call is
// ever made inside fn: Update may run it on another goroutine, together with
// the changes of others in one commit, and runs it again only if nothing of the
// first run was kept.
//
//	owe ──► open ──lease──► leased ──settle──► done
//	          ▲                │  │
//	          │   lease over   │  └─ settle(later) ─► open, due at next_at
//	          └────────────────┘     (due at once if it was woken meanwhile)
//
// Limits: rows are small (documents and letters' attachments live as blobs);
// lists are bounded by the Limit they are asked with. Times are UTC,
// microseconds.
//
// Failure: ErrNotFound, ErrConflict (the compare-and-set lost), ErrLost (the
// lease is no longer ours) and ErrExists are matched with errors.Is; any other
// error means that the store could not do its duty and nothing was kept. A store
// that is reached over a network may be lost during a commit and not come back;
// its error then says that the change may stand. What is done is fenced by leases
// or keyed by its GUID, so it may be done again.
// The suite every implementation passes is ledgertest.
package ledger

import (
	"context"
	"errors"
)

// The errors code steers by.
var (
	ErrNotFound = errors.New("not in the ledger")
	ErrConflict = errors.New("it has moved on meanwhile")
	ErrLost     = errors.New("the lease is no longer ours")
	ErrExists   = errors.New("it is there already")
)

// Ledger is what an implementation offers.
type Ledger interface {
	// Update runs fn and commits what it did. If fn returns an error nothing
	// of it is kept and Update returns that error; if fn panics nothing is kept
	// and Update panics. A ctx that is done beforehand begins nothing.
	Update(ctx context.Context, fn func(Tx) error) error
	// View runs fn on a consistent reading of what is committed.
	View(ctx context.Context, fn func(View) error) error
	Close() error
}
