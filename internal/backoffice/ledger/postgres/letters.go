package postgres

import (
	"fmt"

	"github.com/jackc/pgx/v5"

	"peyk/internal/backoffice/ledger"
)

const mailColumns = "guid, generation, subject, account, state, letter, unknowns, flagged, reply, at, created_at"

func scanMail(row pgx.Rows, m *ledger.Mail) error {
	return row.Scan(&m.GUID, &m.Generation, &m.Subject, &m.Account, &m.State, (*[]byte)(&m.Letter), &m.Unknowns,
		&m.Flagged, &m.Reply, (*instant)(&m.At), (*instant)(&m.CreatedAt))
}

// Mail gives one letter.
func (v *view) Mail(guid string, generation int, s ledger.Subject, account string) (m ledger.Mail, err error) {
	if err = v.about(guid); err == nil {
		m, err = one(v.s, scanMail, "SELECT "+mailColumns+` FROM mails
			WHERE guid = $1 AND generation = $2 AND subject = $3 AND account = $4`, guid, generation, string(s), account)
	}
	if err != nil {
		return m, fmt.Errorf("read the letter %s/%s of %s, generation %d: %w", s, account, guid, generation, err)
	}
	return m, nil
}

// Mails gives all letters of a request, by generation, subject and account.
func (v *view) Mails(guid string) ([]ledger.Mail, error) {
	err := v.about(guid)
	var rows []ledger.Mail
	if err == nil {
		rows, err = all(v.s, scanMail, "SELECT "+mailColumns+` FROM mails WHERE guid = $1
			ORDER BY generation, subject, account`, guid)
	}
	if err != nil {
		return nil, fmt.Errorf("read the letters of %s: %w", guid, err)
	}
	return rows, nil
}

const putMail = "INSERT INTO mails (" + mailColumns + `) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
	ON CONFLICT (guid, generation, subject, account) DO UPDATE SET (state, letter, unknowns, flagged, reply, at, created_at)
		= (excluded.state, excluded.letter, excluded.unknowns, excluded.flagged, excluded.reply, excluded.at, excluded.created_at)`

// PutMail adds or replaces one.
func (x *tx) PutMail(m ledger.Mail) error {
	err := x.later(m.GUID, putMail, m.GUID, m.Generation, string(m.Subject), m.Account, string(m.State), []byte(m.Letter),
		m.Unknowns, m.Flagged, m.Reply, at(m.At), at(m.CreatedAt))
	if err != nil {
		return fmt.Errorf("write the letter %s/%s of %s, generation %d: %w", m.Subject, m.Account, m.GUID, m.Generation, err)
	}
	return nil
}

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

const addNotice = `INSERT INTO notices (account, guid, generation, subject, title, at, seen_at)
	VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (guid, generation, subject, account) DO NOTHING`

// AddNotice takes each notice once. Its number is drawn again just before the
// commit: see numberNotices.
func (x *tx) AddNotice(n ledger.Notice) (bool, error) {
	title, err := encode(n.Title)
	var added int64
	if err == nil {
		added, err = x.write(n.GUID, addNotice, n.Account, n.GUID, n.Generation, string(n.Subject), title, at(n.At), at(n.SeenAt))
	}
	if err != nil {
		return false, fmt.Errorf("add notice %s of %s for %s: %w", n.Subject, n.GUID, n.Account, err)
	}
	if added > 0 {
		x.notices = append(x.notices, n)
	}
	return added > 0, nil
}

// MarkSeen dates the account's unseen notices about the request.
func (x *tx) MarkSeen(account, guid string) error {
	err := x.later(guid, `UPDATE notices SET seen_at = coalesce($1::timestamptz, now())
		WHERE guid = $2 AND account = $3 AND seen_at IS NULL`, x.s.when(), guid, account)
	if err != nil {
		return fmt.Errorf("mark the notices of %s seen by %s: %w", guid, account, err)
	}
	return nil
}
