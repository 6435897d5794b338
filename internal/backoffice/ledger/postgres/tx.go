package postgres

import (
	"cmp"
	"slices"

	"peyk/internal/backoffice/ledger"
)

// tx implements ledger.Tx.
type tx struct {
	view
	notices []ledger.Notice // added in this transaction, to be numbered before it ends
}

var _ ledger.Tx = (*tx)(nil)

func newLocks() *locks {
	return &locks{rows: map[string]*requestRow{}, stale: map[string]bool{}, tasks: map[ledger.Key]ledger.Task{}}
}

// later lets a write about a request wait for what goes out next.
func (x *tx) later(guid, query string, args ...any) error {
	if err := x.about(guid); err != nil {
		return err
	}
	x.s.queue(query, args...)
	return x.s.failed
}

// write runs one about a request now and tells how many rows it changed.
func (x *tx) write(guid, query string, args ...any) (int64, error) {
	if err := x.about(guid); err != nil {
		return 0, err
	}
	return x.s.exec(query, args...)
}

const (
	lockReader   = "SELECT pg_advisory_xact_lock(hashtextextended($1, 7092))"
	numberNotice = `UPDATE notices SET seq = nextval('notice_numbers')
		WHERE guid = $1 AND generation = $2 AND subject = $3 AND account = $4`
)

// numberNotices gives the transaction's notices the numbers they keep. Whoever
// numbers holds a lock on the reader until the commit, so numbers become visible
// in their order; it is the last thing, and in the order of names, so that
// nobody waits in a circle.
func (x *tx) numberNotices() {
	slices.SortStableFunc(x.notices, func(a, b ledger.Notice) int { return cmp.Compare(a.Account, b.Account) })
	for i, n := range x.notices {
		if i == 0 || n.Account != x.notices[i-1].Account {
			x.s.queue(lockReader, n.Account)
		}
	}
	for _, n := range x.notices {
		x.s.queue(numberNotice, n.GUID, n.Generation, string(n.Subject), n.Account)
	}
}
