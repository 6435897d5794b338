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

const mailByName = "SELECT " + mailColumns + ` FROM mails
	WHERE guid = $1 AND generation = $2 AND subject = $3 AND account = $4`

// Mail gives one letter.
func (v *view) Mail(guid string, generation int, s ledger.Subject, account string) (m ledger.Mail, err error) {
	if err = v.about(guid); err == nil {
		m, err = one(v.s, scanMail, mailByName, guid, generation, string(s), account)
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
