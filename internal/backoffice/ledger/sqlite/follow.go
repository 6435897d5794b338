package sqlite

import (
	"encoding/json"
	"fmt"
	"time"

	"peyk/internal/backoffice/ledger"
)

const (
	noticesBefore = "SELECT " + noticeColumns + ` FROM notices WHERE account = ?
		AND seq < ? ORDER BY seq DESC LIMIT ?`
	inboxes = `SELECT coalesce((SELECT max(seq) FROM notices WHERE account = asked.value), 0),
		(SELECT count(*) FROM notices WHERE account = asked.value AND seen_at IS NULL)
		FROM json_each(?) AS asked ORDER BY asked.key`
	// changedAt is, letter by letter, what the index requests_changed is on.
	changedAt = "max(coalesce(updated_at, 0), coalesce(announced_at, 0), coalesce(late_at, 0), coalesce(collected_at, 0), coalesce(purged_at, 0))"
	changed   = `SELECT guid, max(version), max(at) AS last FROM (
			SELECT guid, version, ` + changedAt + " AS at FROM requests INDEXED BY requests_changed WHERE " + changedAt + ` >= ?
			UNION ALL SELECT guid, 0, at FROM progress WHERE at >= ?)
		GROUP BY guid ORDER BY last DESC, guid LIMIT ?`
	markAllSeen = "UPDATE notices SET seen_at = ? WHERE account = ? AND seq <= ? AND seen_at IS NULL"
)

// Inbox gives notices newest first.
func (v *view) Inbox(account string, before int64, limit int) ([]ledger.Notice, error) {
	if before == 0 {
		before = 1<<63 - 1
	}
	rows, err := all(v, scanNotice, noticesBefore, account, before, bound(limit))
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
	list, err := json.Marshal(accounts)
	if err != nil {
		return nil, fmt.Errorf("name %d accounts: %w", len(accounts), err)
	}
	rows, err := all(v, func(row scanner, b *ledger.Inbox) error { return row.Scan(&b.Newest, &b.Unseen) }, inboxes, string(list))
	if err != nil {
		return nil, fmt.Errorf("look into %d inboxes: %w", len(accounts), err)
	}
	return rows, nil
}

// Changed gives the latest changes.
func (v *view) Changed(since time.Time, limit int) ([]ledger.Change, error) {
	rows, err := all(v, func(row scanner, c *ledger.Change) error {
		return row.Scan(&c.GUID, &c.Version, (*instant)(&c.At))
	}, changed, at(since), at(since), bound(limit))
	if err != nil {
		return nil, fmt.Errorf("read what changed since %s: %w", since, err)
	}
	return rows, nil
}

// MarkAllSeen dates the account's unseen notices up to a Seq.
func (x *tx) MarkAllSeen(account string, upTo int64) error {
	if err := x.run(markAllSeen, at(x.now), account, upTo); err != nil {
		return fmt.Errorf("mark the notices of %s up to %d seen: %w", account, upTo, err)
	}
	return nil
}
