package sqlite

import (
	"fmt"

	"peyk/internal/backoffice/ledger"
)

const mailColumns = "guid, generation, subject, account, state, letter, unknowns, flagged, reply, at, created_at"

func scanMail(row scanner, m *ledger.Mail) error {
	return row.Scan(&m.GUID, &m.Generation, &m.Subject, &m.Account, &m.State, (*[]byte)(&m.Letter), &m.Unknowns,
		&m.Flagged, &m.Reply, (*instant)(&m.At), (*instant)(&m.CreatedAt))
}

// Mail gives one letter.
func (v *view) Mail(guid string, generation int, s ledger.Subject, account string) (ledger.Mail, error) {
	m, err := one(v, scanMail, "SELECT "+mailColumns+` FROM mails
		WHERE guid = ? AND generation = ? AND subject = ? AND account = ?`, guid, generation, string(s), account)
	if err != nil {
		return m, fmt.Errorf("read the letter %s/%s of %s, generation %d: %w", s, account, guid, generation, err)
	}
	return m, nil
}

// Mails gives all letters of a request, by generation, subject and account.
func (v *view) Mails(guid string) ([]ledger.Mail, error) {
	rows, err := all(v, scanMail, "SELECT "+mailColumns+` FROM mails WHERE guid = ?
		ORDER BY generation, subject, account`, guid)
	if err != nil {
		return nil, fmt.Errorf("read the letters of %s: %w", guid, err)
	}
	return rows, nil
}

// PutMail adds or replaces one.
func (x *tx) PutMail(m ledger.Mail) error {
	err := x.run("INSERT OR REPLACE INTO mails ("+mailColumns+") VALUES (?,?,?,?,?,?,?,?,?,?,?)",
		m.GUID, m.Generation, string(m.Subject), m.Account, string(m.State), []byte(m.Letter), m.Unknowns,
		m.Flagged, m.Reply, at(m.At), at(m.CreatedAt))
	if err != nil {
		return fmt.Errorf("write the letter %s/%s of %s, generation %d: %w", m.Subject, m.Account, m.GUID, m.Generation, err)
	}
	return nil
}

const noticeColumns = "seq, account, guid, generation, subject, title, at, seen_at"

func scanNotice(row scanner, n *ledger.Notice) error {
	return row.Scan(&n.Seq, &n.Account, &n.GUID, &n.Generation, &n.Subject, document{&n.Title},
		(*instant)(&n.At), (*instant)(&n.SeenAt))
}

const (
	noticesAfter = "SELECT " + noticeColumns + " FROM notices WHERE account = ? AND seq > ? ORDER BY seq LIMIT ?"
	unseen       = "SELECT " + noticeColumns + ` FROM notices WHERE account = ? AND seen_at IS NULL
		ORDER BY seq DESC LIMIT ?`
)

// Notices gives those of an account after a Seq, rising.
func (v *view) Notices(account string, after int64, limit int) ([]ledger.Notice, error) {
	rows, err := all(v, scanNotice, noticesAfter, account, after, bound(limit))
	if err != nil {
		return nil, fmt.Errorf("read the notices of %s after %d: %w", account, after, err)
	}
	return rows, nil
}

// Unseen gives the unseen ones, newest first.
func (v *view) Unseen(account string, limit int) ([]ledger.Notice, error) {
	rows, err := all(v, scanNotice, unseen, account, bound(limit))
	if err != nil {
		return nil, fmt.Errorf("read what %s has not seen: %w", account, err)
	}
	return rows, nil
}

// AddNotice takes each notice once.
func (x *tx) AddNotice(n ledger.Notice) (bool, error) {
	added, err := x.exec(`INSERT INTO notices (account, guid, generation, subject, title, at, seen_at)
		VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (guid, generation, subject, account) DO NOTHING`,
		n.Account, n.GUID, n.Generation, string(n.Subject), document{&n.Title}, at(n.At), at(n.SeenAt))
	if err != nil {
		return false, fmt.Errorf("add notice %s of %s for %s: %w", n.Subject, n.GUID, n.Account, err)
	}
	return added > 0, nil
}

// MarkSeen dates the account's unseen notices about the request.
func (x *tx) MarkSeen(account, guid string) error {
	err := x.run("UPDATE notices SET seen_at = ? WHERE guid = ? AND account = ? AND seen_at IS NULL",
		at(x.now), guid, account)
	if err != nil {
		return fmt.Errorf("mark the notices of %s seen by %s: %w", guid, account, err)
	}
	return nil
}

// Answered dates everybody's unseen notices that asked about the request.
func (x *tx) Answered(guid string) error {
	err := x.run("UPDATE notices SET seen_at = ? WHERE guid = ? AND subject = ? AND seen_at IS NULL",
		at(x.now), guid, string(ledger.SubjectAsking))
	if err != nil {
		return fmt.Errorf("mark as answered what was asked about %s: %w", guid, err)
	}
	return nil
}
