package sqlite

import (
	"fmt"

	"peyk/internal/report"
)

const journalColumns = `guid, seq, at, role, kind, name, from_state, to_state, step, version, generation, evidence`

func scanEntry(row scanner, e *report.Entry) error {
	return row.Scan(&e.GUID, &e.Seq, (*instant)(&e.At), &e.Role, &e.Kind, &e.Name, &e.From, &e.To, &e.Step,
		&e.Version, &e.Generation, document{&e.Evidence})
}

// Journal gives the rows of a request, oldest first.
func (v *view) Journal(guid string) ([]report.Entry, error) {
	rows, err := all(v, scanEntry, "SELECT "+journalColumns+" FROM journal WHERE guid = ? ORDER BY seq", guid)
	if err != nil {
		return nil, fmt.Errorf("read the journal of %s: %w", guid, err)
	}
	return rows, nil
}

// Append adds a row with the next Seq of its request, at the transaction's time.
func (x *tx) Append(e report.Entry) error {
	err := x.run(`INSERT INTO journal (`+journalColumns+`)
		VALUES (?1, (SELECT coalesce(max(seq), 0) + 1 FROM journal WHERE guid = ?1), ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)`,
		e.GUID, at(x.now), string(e.Role), string(e.Kind), e.Name, string(e.From), string(e.To), int(e.Step),
		e.Version, e.Generation, optional{document{&e.Evidence}, len(e.Evidence) == 0})
	if err == nil && e.Kind == report.KindMove && e.To == report.Stored {
		err = x.noteStored(e.GUID)
	}
	if err != nil {
		return fmt.Errorf("append to the journal of %s: %w", e.GUID, err)
	}
	return nil
}

// noteStored keeps the time of the first STORED since the request was accepted
// where Durations finds it without reading journals.
func (x *tx) noteStored(guid string) error {
	return x.run(`UPDATE requests SET stored_at = ?
		WHERE guid = ? AND (stored_at IS NULL OR stored_at < accepted_at)`, at(x.now), guid)
}
