// Package mem is the memory twin of the ledger: the same contract, kept in maps
// and sorted slices, for the simulated world and for tests of the stations.
//
// Promise: it passes the same suite as the stores that last (ledgertest). Every
// list comes in one order, so the same calls give the same answers; what goes
// in and what comes out are copies, cut to what a database would keep (UTC,
// microseconds, evidence as JSON reads it). It starts no goroutine, and its
// only clock is the one it is given.
//
// Limits: one process, one lifetime, one change at a time: Update and View must
// not be called from within the fn of another, and a Tx is of no use once its
// fn has returned. Everything is in memory and nothing is ever evicted.
//
// Failure: none of its own. A fn that fails or panics is undone step by step,
// newest first; after Close every call is refused.
package mem

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"peyk/internal/backoffice/ledger"
)

var errClosed = errors.New("the ledger is closed")

// Ledger is a ledger in memory.
type Ledger struct {
	now func() time.Time

	mu     sync.RWMutex
	closed bool
	store  *store
}

var _ ledger.Ledger = (*Ledger)(nil)

// New returns an empty ledger whose time is now's.
func New(now func() time.Time) *Ledger {
	return &Ledger{now: now, store: newStore()}
}

// Update runs fn with the ledger to itself, and undoes what it did unless it
// returns nil.
func (l *Ledger) Update(ctx context.Context, fn func(ledger.Tx) error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.usable(ctx); err != nil {
		return fmt.Errorf("update memory ledger: %w", err)
	}
	t := &tx{view: l.view()}
	kept := false
	defer func() {
		if !kept {
			t.undo.run()
		}
	}()
	if err := fn(t); err != nil {
		return err
	}
	kept = true
	return nil
}

// View runs fn while nothing is written.
func (l *Ledger) View(ctx context.Context, fn func(ledger.View) error) error {
	l.mu.RLock()
	defer l.mu.RUnlock()
	if err := l.usable(ctx); err != nil {
		return fmt.Errorf("view memory ledger: %w", err)
	}
	v := l.view()
	return fn(&v)
}

// Close refuses everything from now on.
func (l *Ledger) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	return nil
}

func (l *Ledger) usable(ctx context.Context) error {
	if l.closed {
		return errClosed
	}
	return ctx.Err()
}

func (l *Ledger) view() view { return view{store: l.store, now: cut(l.now())} }

// view reads the store at one moment.
type view struct {
	*store
	now time.Time
}

// tx is a view that writes, and remembers how to take it back.
type tx struct {
	view
	undo undo
}

// Now is the moment of the transaction.
func (v *view) Now() time.Time { return v.now }
