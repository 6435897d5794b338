package postgres

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"peyk/internal/backoffice/ledger"
)

const noticeColumns = "seq, account, guid, generation, subject, title, at, seen_at"

func scanNotice(row pgx.Rows, n *ledger.Notice) error {
	return row.Scan(&n.Seq, &n.Account, &n.GUID, &n.Generation, &n.Subject, document{&n.Title},
		(*instant)(&n.At), (*instant)(&n.SeenAt))
}

const (
	noticesAfter = "SELECT " + noticeColumns + " FROM notices WHERE account = $1 AND seq > $2 ORDER BY seq LIMIT $3"
	unseen       = "SELECT " + noticeColumns + ` FROM notices WHERE account = $1 AND seen_at IS NULL
		ORDER BY seq DESC LIMIT $2`
)

// Notices gives those of an account after a Seq, rising.
func (v *view) Notices(account string, after int64, limit int) ([]ledger.Notice, error) {
	rows, err := list(v, scanNotice, noticesAfter, account, after, bound(limit))
	if err != nil {
		return nil, fmt.Errorf("read the notices of %s after %d: %w", account, after, err)
	}
	return rows, nil
}

// Unseen gives the unseen ones, newest first.
func (v *view) Unseen(account string, limit int) ([]ledger.Notice, error) {
	rows, err := list(v, scanNotice, unseen, account, bound(limit))
	if err != nil {
		return nil, fmt.Errorf("read what %s has not seen: %w", account, err)
	}
	return rows, nil
}

// Notices writes this transaction's own first.
func (x *tx) Notices(account string, after int64, limit int) ([]ledger.Notice, error) {
	x.writeNotices()
	return x.view.Notices(account, after, limit)
}

// Unseen writes this transaction's own first.
func (x *tx) Unseen(account string, limit int) ([]ledger.Notice, error) {
	x.writeNotices()
	return x.view.Unseen(account, limit)
}

// noticeName is what a notice is unique by, within its request.
type noticeName struct {
	generation int
	subject    ledger.Subject
	account    string
}

func nameOf(n ledger.Notice) noticeName {
	return noticeName{n.Generation, ledger.Subject(clean(string(n.Subject))), clean(n.Account)}
}

const noticesOf = "SELECT generation, subject, account FROM notices WHERE guid = $1"

// AddNotice takes each notice once. It is written, and numbered, just before the
// commit: see writeNotices.
func (x *tx) AddNotice(n ledger.Notice) (bool, error) {
	told, err := x.told(n.GUID)
	if err != nil {
		return false, fmt.Errorf("add notice %s of %s for %s: %w", n.Subject, n.GUID, n.Account, err)
	}
	if told[nameOf(n)] {
		return false, nil
	}
	told[nameOf(n)] = true
	x.notices = append(x.notices, n)
	return true, nil
}

// told reads which notices of a request there are, once.
func (x *tx) told(guid string) (map[noticeName]bool, error) {
	im, err := x.image(guid)
	if err != nil || im.told != nil {
		return im.told, err
	}
	rows, err := all(x.s, func(row pgx.Rows, n *noticeName) error {
		return row.Scan(&n.generation, &n.subject, &n.account)
	}, noticesOf, im.guid)
	if err != nil {
		return nil, err
	}
	im.told = make(map[noticeName]bool, len(rows))
	for _, n := range rows {
		im.told[n] = true
	}
	return im.told, nil
}

const (
	lockReader = "SELECT pg_advisory_xact_lock(hashtextextended($1, 7092))"
	addNotice  = "INSERT INTO notices (" + noticeColumns + ") VALUES (nextval('notice_numbers'), $1, $2, $3, $4, $5, $6, $7)"
)

// writeNotices numbers the transaction's notices. A reader remembers the last
// number it saw, so numbers of one account must become visible in their order:
// whoever draws one holds a lock on the account until the commit. It is the last
// thing before the commit, so that it lasts one sync of the disk and no round
// trip, and in the order of names, so that nobody waits in a circle.
//
// Two other ways were weighed. Hiding what is younger than the oldest
// transaction under way needs no lock, but holds popups back for strangers'
// sake, and longest when there is most to do. Numbering in a transaction of its
// own after the commit costs one more sync for each announcement.
func (x *tx) writeNotices() {
	slices.SortStableFunc(x.notices, func(a, b ledger.Notice) int { return cmp.Compare(a.Account, b.Account) })
	for i, n := range x.notices {
		if i == 0 || n.Account != x.notices[i-1].Account {
			x.s.queue(nil, lockReader, n.Account)
		}
	}
	for _, n := range x.notices {
		title, _ := encode(n.Title) // two strings always can be
		x.s.write(addNotice, n.Account, n.GUID, n.Generation, string(n.Subject), title, at(n.At), at(n.SeenAt))
	}
	x.notices = nil
}

const markSeen = "UPDATE notices SET seen_at = $1 WHERE guid = $2 AND account = $3 AND seen_at IS NULL"

// MarkSeen dates the account's unseen notices about the request.
func (x *tx) MarkSeen(account, guid string) error {
	err := x.about(guid)
	if err == nil {
		x.writeNotices()
		err = x.later(guid, markSeen, x.Now(), guid, account)
	}
	if err != nil {
		return fmt.Errorf("mark the notices of %s seen by %s: %w", guid, account, err)
	}
	return nil
}

const answered = "UPDATE notices SET seen_at = $1 WHERE guid = $2 AND subject = $3 AND seen_at IS NULL"

// Answered dates everybody's unseen notices that asked about the request.
func (x *tx) Answered(guid string) error {
	err := x.about(guid)
	if err == nil {
		x.writeNotices()
		err = x.later(guid, answered, x.Now(), guid, string(ledger.SubjectAsking))
	}
	if err != nil {
		return fmt.Errorf("mark as answered what was asked about %s: %w", guid, err)
	}
	return nil
}
