package postgres

import (
	"fmt"

	"github.com/jackc/pgx/v5"

	"peyk/internal/report"
)

const journalColumns = `guid, seq, at, role, kind, name, from_state, to_state, step, version, generation, evidence`

func scanEntry(row pgx.Rows, e *report.Entry) error {
	return row.Scan(&e.GUID, &e.Seq, (*instant)(&e.At), &e.Role, &e.Kind, &e.Name, &e.From, &e.To, &e.Step,
		&e.Version, &e.Generation, document{&e.Evidence})
}

// Journal gives the rows of a request, oldest first.
func (v *view) Journal(guid string) ([]report.Entry, error) {
	err := v.about(guid)
	var rows []report.Entry
	if err == nil {
		rows, err = all(v.s, scanEntry, "SELECT "+journalColumns+" FROM journal WHERE guid = $1 ORDER BY seq", guid)
	}
	if err != nil {
		return nil, fmt.Errorf("read the journal of %s: %w", guid, err)
	}
	return rows, nil
}

// The next number, and a time that does not fall even where the transaction's
// was asked for before the request was locked, or the database's clock was set
// back.
const appendEntry = `INSERT INTO journal (` + journalColumns + `)
	SELECT $1, coalesce(last.seq, 0) + 1, greatest(last.at, $2::timestamptz),
		$3, $4, $5, $6, $7, $8::integer, $9::bigint, $10::integer, $11
	FROM (SELECT 1) AS always LEFT JOIN LATERAL
		(SELECT seq, at FROM journal WHERE guid = $1 ORDER BY seq DESC LIMIT 1) AS last ON true`

// The time of the first STORED since the request was accepted, where Durations
// finds it without reading journals.
const noteStored = `UPDATE requests SET stored_at = $2
	WHERE guid = $1 AND (stored_at IS NULL OR stored_at < accepted_at)`

// Append adds a row with the next Seq of its request, at the transaction's time.
func (x *tx) Append(e report.Entry) error {
	evidence, err := optional(e.Evidence, len(e.Evidence) == 0)
	if err == nil {
		err = x.later(e.GUID, appendEntry, e.GUID, at(x.Now()), string(e.Role), string(e.Kind), e.Name,
			string(e.From), string(e.To), int(e.Step), e.Version, e.Generation, evidence)
	}
	if err == nil && e.Kind == report.KindMove && e.To == report.Stored {
		err = x.later(e.GUID, noteStored, e.GUID, at(x.Now()))
	}
	if err != nil {
		return fmt.Errorf("append to the journal of %s: %w", e.GUID, err)
	}
	return nil
}
