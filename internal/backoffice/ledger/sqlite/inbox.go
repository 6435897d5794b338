package sqlite

import (
	"fmt"
	"time"

	"peyk/internal/backoffice/ledger"
)

// hookTime is how long the id of a webhook is remembered.
const hookTime = 30 * 24 * time.Hour

// Hooks gives the webhooks of one generation, in the order of their times.
func (v *view) Hooks(guid string, generation int) ([]ledger.Hook, error) {
	rows, err := all(v, func(row scanner, h *ledger.Hook) error {
		return row.Scan(&h.ID, &h.GUID, &h.Generation, &h.Type, &h.State, &h.Rev, &h.Key, (*instant)(&h.At))
	}, `SELECT id, guid, generation, type, state, rev, key, at FROM webhook_inbox
		WHERE guid = ? AND generation = ? ORDER BY at, id`, guid, generation)
	if err != nil {
		return nil, fmt.Errorf("read the webhooks of %s, generation %d: %w", guid, generation, err)
	}
	return rows, nil
}

// AddHook takes each id once.
func (x *tx) AddHook(h ledger.Hook) (bool, error) {
	added, err := x.exec(`INSERT INTO webhook_inbox (id, guid, generation, type, state, rev, key, at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`,
		h.ID, h.GUID, h.Generation, h.Type, h.State, h.Rev, h.Key, at(h.At))
	if err != nil {
		return false, fmt.Errorf("take in webhook %s: %w", h.ID, err)
	}
	return added > 0, nil
}

const parkedOpen = "SELECT " + parkedColumns + " FROM parked WHERE resolved_at IS NULL ORDER BY id DESC LIMIT ?"

// Parked gives the payloads nobody could read and nobody settled, newest first.
func (v *view) Parked(limit int) ([]ledger.Parked, error) {
	rows, err := all(v, scanParked, parkedOpen, bound(limit))
	if err != nil {
		return nil, fmt.Errorf("read parked payloads: %w", err)
	}
	return rows, nil
}

// Park keeps a payload; its ID is the ledger's to give.
func (x *tx) Park(p ledger.Parked) error {
	err := x.run("INSERT INTO parked (role, subject, sequence, raw, cause, at) VALUES (?, ?, ?, ?, ?, ?)",
		string(p.Role), p.Subject, int64(p.Sequence), p.Raw, p.Cause, at(p.At))
	if err != nil {
		return fmt.Errorf("park the payload of %s, sequence %d: %w", p.Subject, p.Sequence, err)
	}
	return nil
}

// Catalog gives the one there is.
func (v *view) Catalog() (ledger.Catalog, error) {
	c, err := one(v, func(row scanner, c *ledger.Catalog) error {
		return row.Scan(&c.ETag, (*[]byte)(&c.Body), (*instant)(&c.At))
	}, "SELECT etag, body, at FROM catalog WHERE id = 1")
	if err != nil {
		return c, fmt.Errorf("read the catalog: %w", err)
	}
	return c, nil
}

// PutCatalog replaces it.
func (x *tx) PutCatalog(c ledger.Catalog) error {
	err := x.run("INSERT OR REPLACE INTO catalog (id, etag, body, at) VALUES (1, ?, ?, ?)",
		c.ETag, []byte(c.Body), at(c.At))
	if err != nil {
		return fmt.Errorf("write the catalog: %w", err)
	}
	return nil
}

// Expire drops the sessions run out, the webhooks long taken in and the beats of
// processes long gone.
func (x *tx) Expire() error {
	if err := x.run("DELETE FROM sessions WHERE expires_at IS NULL OR expires_at <= ?", at(x.now)); err != nil {
		return fmt.Errorf("drop sessions run out: %w", err)
	}
	if err := x.run("DELETE FROM tokens WHERE expires_at < ?", at(x.now.Add(-tokenTime))); err != nil {
		return fmt.Errorf("drop tokens run out: %w", err)
	}
	if err := x.run("DELETE FROM webhook_inbox WHERE at < ?", at(x.now.Add(-hookTime))); err != nil {
		return fmt.Errorf("drop old webhooks: %w", err)
	}
	return x.dropBeats()
}
