package sqlite

import (
	"encoding/json"
	"fmt"

	"peyk/internal/backoffice/ledger"
)

const progressColumns = "guid, generation, stage, done, total, position, ready_at, at"

func scanProgress(row scanner, p *ledger.Progress) error {
	return row.Scan(&p.GUID, &p.Generation, &p.Stage, &p.Done, &p.Total, &p.Position, (*instant)(&p.ReadyAt), (*instant)(&p.At))
}

// Progress gives what is known of these requests, by GUID.
func (v *view) Progress(guids ...string) ([]ledger.Progress, error) {
	if len(guids) == 0 {
		return nil, nil
	}
	list, err := json.Marshal(guids)
	if err != nil {
		return nil, fmt.Errorf("name %d requests: %w", len(guids), err)
	}
	rows, err := all(v, scanProgress,
		"SELECT "+progressColumns+" FROM progress WHERE guid IN (SELECT value FROM json_each(?)) ORDER BY guid", string(list))
	if err != nil {
		return nil, fmt.Errorf("read the progress of %d requests: %w", len(guids), err)
	}
	return rows, nil
}

// PutProgress adds or replaces that of a request.
func (x *tx) PutProgress(p ledger.Progress) error {
	err := x.run("INSERT OR REPLACE INTO progress ("+progressColumns+") VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
		p.GUID, p.Generation, string(p.Stage), p.Done, p.Total, p.Position, at(p.ReadyAt), at(p.At))
	if err != nil {
		return fmt.Errorf("write the progress of %s: %w", p.GUID, err)
	}
	return nil
}
