package postgres

import (
	"fmt"

	"github.com/jackc/pgx/v5"

	"peyk/internal/backoffice/ledger"
)

const progressColumns = "guid, generation, stage, done, total, position, ready_at, at"

func scanProgress(row pgx.Rows, p *ledger.Progress) error {
	return row.Scan(&p.GUID, &p.Generation, &p.Stage, &p.Done, &p.Total, &p.Position, (*instant)(&p.ReadyAt), (*instant)(&p.At))
}

// Progress gives what is known of these requests, by GUID.
func (v *view) Progress(guids ...string) ([]ledger.Progress, error) {
	if len(guids) == 0 {
		return nil, nil
	}
	for _, guid := range guids {
		if err := v.about(guid); err != nil {
			return nil, fmt.Errorf("read the progress of %s: %w", guid, err)
		}
	}
	rows, err := all(v.s, scanProgress, "SELECT "+progressColumns+" FROM progress WHERE guid = ANY ($1) ORDER BY guid", guids)
	if err != nil {
		return nil, fmt.Errorf("read the progress of %d requests: %w", len(guids), err)
	}
	return rows, nil
}

const putProgress = "INSERT INTO progress (" + progressColumns + `) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
	ON CONFLICT (guid) DO UPDATE SET (generation, stage, done, total, position, ready_at, at)
		= (excluded.generation, excluded.stage, excluded.done, excluded.total, excluded.position, excluded.ready_at, excluded.at)`

// PutProgress adds or replaces that of a request.
func (x *tx) PutProgress(p ledger.Progress) error {
	err := x.later(p.GUID, putProgress, p.GUID, p.Generation, string(p.Stage), p.Done, p.Total, p.Position, at(p.ReadyAt), at(p.At))
	if err != nil {
		return fmt.Errorf("write the progress of %s: %w", p.GUID, err)
	}
	return nil
}
