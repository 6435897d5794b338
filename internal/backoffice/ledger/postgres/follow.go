package postgres

import (
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"peyk/internal/backoffice/ledger"
)

const (
	noticesBefore = "SELECT " + noticeColumns + " FROM notices WHERE account = $1 AND seq < $2 ORDER BY seq DESC LIMIT $3"
	inboxes       = `SELECT coalesce((SELECT max(seq) FROM notices WHERE account = asked.name), 0),
		(SELECT count(*) FROM notices WHERE account = asked.name AND seen_at IS NULL)
		FROM unnest($1::text[]) WITH ORDINALITY AS asked (name, place) ORDER BY asked.place`
	// changedAt is what the index requests_changed is on.
	changedAt = "greatest(updated_at, announced_at, late_at, collected_at, purged_at)"
	changed   = `SELECT guid, max(version), max(at) AS last FROM (
			SELECT guid, version, ` + changedAt + " AS at FROM requests WHERE " + changedAt + ` >= $1
			UNION ALL SELECT guid, 0, at FROM progress WHERE at >= $1) AS change
		GROUP BY guid ORDER BY last DESC, guid LIMIT $2`
	markAllSeen = "UPDATE notices SET seen_at = $1 WHERE account = $2 AND seq <= $3 AND seen_at IS NULL"
)

// Inbox gives notices newest first.
func (v *view) Inbox(account string, before int64, limit int) ([]ledger.Notice, error) {
	if before == 0 {
		before = 1<<63 - 1
	}
	rows, err := list(v, scanNotice, noticesBefore, account, before, bound(limit))
	if err != nil {
		return nil, fmt.Errorf("read the notices of %s before %d: %w", account, before, err)
	}
	return rows, nil
}

// Inboxes asks for all in one statement.
func (v *view) Inboxes(accounts ...string) ([]ledger.Inbox, error) {
	if len(accounts) == 0 {
		return nil, nil
	}
	rows, err := list(v, func(row pgx.Rows, b *ledger.Inbox) error { return row.Scan(&b.Newest, &b.Unseen) }, inboxes, accounts)
	if err != nil {
		return nil, fmt.Errorf("look into %d inboxes: %w", len(accounts), err)
	}
	return rows, nil
}

// Changed gives the latest changes.
func (v *view) Changed(since time.Time, limit int) ([]ledger.Change, error) {
	rows, err := list(v, func(row pgx.Rows, c *ledger.Change) error {
		return row.Scan(&c.GUID, &c.Version, (*instant)(&c.At))
	}, changed, since, bound(limit))
	if err != nil {
		return nil, fmt.Errorf("read what changed since %s: %w", since, err)
	}
	return rows, nil
}

// Inbox writes this transaction's own first.
func (x *tx) Inbox(account string, before int64, limit int) ([]ledger.Notice, error) {
	x.writeNotices()
	return x.view.Inbox(account, before, limit)
}

// Inboxes writes this transaction's own first.
func (x *tx) Inboxes(accounts ...string) ([]ledger.Inbox, error) {
	x.writeNotices()
	return x.view.Inboxes(accounts...)
}

// MarkAllSeen dates the account's unseen notices up to a Seq.
func (x *tx) MarkAllSeen(account string, upTo int64) error {
	x.writeNotices()
	if err := x.plain(markAllSeen, x.Now(), account, upTo); err != nil {
		return fmt.Errorf("mark the notices of %s up to %d seen: %w", account, upTo, err)
	}
	return nil
}
