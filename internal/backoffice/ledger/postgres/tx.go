package postgres

import (
	"time"

	"peyk/internal/backoffice/ledger"
)

// beginWriting: each statement sees what was committed before it, so that what
// is read after the wait for a lock is what the other left.
const beginWriting = "BEGIN ISOLATION LEVEL READ COMMITTED"

// writingTime is the time itself and not that of the transaction's begin, which
// may lie before a wait for a lock.
const writingTime = "SELECT clock_timestamp()"

// tx implements ledger.Tx.
type tx struct {
	view
	fence   int64           // the highest given
	notices []ledger.Notice // added in this transaction, written just before it ends
}

var _ ledger.Tx = (*tx)(nil)

// Now is the time of the transaction. Where a request was locked first it was
// read under the lock: what another did to the request before is not later.
func (x *tx) Now() time.Time {
	if x.s.now.IsZero() && !x.locks.timed {
		x.locks.timed = true
		x.s.queue(x.s.readTime, writingTime)
	}
	return x.view.Now()
}

// later lets a write about a request wait for what goes out next.
func (x *tx) later(guid, query string, args ...any) error {
	if err := x.about(guid); err != nil {
		return err
	}
	x.s.write(query, args...)
	return x.s.failed
}

// plain lets a write that is about no request wait for what goes out next.
func (x *tx) plain(query string, args ...any) error {
	x.s.write(query, args...)
	return x.s.failed
}
