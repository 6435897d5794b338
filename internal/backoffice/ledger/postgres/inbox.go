package postgres

import (
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"peyk/internal/backoffice/ledger"
)

// hookTime is how long the id of a webhook is remembered.
const hookTime = 30 * 24 * time.Hour

func scanHook(row pgx.Rows, h *ledger.Hook) error {
	return row.Scan(&h.ID, &h.GUID, &h.Generation, &h.Type, &h.State, &h.Rev, &h.Key, (*instant)(&h.At))
}

const hooksOf = `SELECT id, guid, generation, type, state, rev, key, at FROM webhook_inbox
	WHERE guid = $1 AND generation = $2 ORDER BY at, id`

// Hooks gives the webhooks of one generation, in the order of their times.
func (v *view) Hooks(guid string, generation int) ([]ledger.Hook, error) {
	err := v.about(guid)
	var rows []ledger.Hook
	if err == nil {
		rows, err = all(v.s, scanHook, hooksOf, guid, generation)
	}
	if err != nil {
		return nil, fmt.Errorf("read the webhooks of %s, generation %d: %w", guid, generation, err)
	}
	return rows, nil
}

const addHook = `INSERT INTO webhook_inbox (id, guid, generation, type, state, rev, key, at)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (id) DO NOTHING`

// AddHook takes each id once. The request is locked: a move that read the inbox
// a moment ago has been committed, or will find this one.
func (x *tx) AddHook(h ledger.Hook) (bool, error) {
	err := x.about(h.GUID)
	var added int64
	if err == nil {
		added, err = x.s.exec(addHook, h.ID, h.GUID, h.Generation, h.Type, h.State, h.Rev, h.Key, at(h.At))
	}
	if err != nil {
		return false, fmt.Errorf("take in webhook %s: %w", h.ID, err)
	}
	return added > 0, nil
}

func scanParked(row pgx.Rows, p *ledger.Parked) error {
	var sequence int64
	err := row.Scan(&p.ID, &p.Role, &p.Subject, &sequence, &p.Raw, &p.Cause, (*instant)(&p.At),
		(*instant)(&p.ResolvedAt), &p.ResolvedBy, &p.Reason)
	p.Sequence = uint64(sequence)
	return err
}

// Parked gives the payloads nobody could read and nobody settled, newest first.
func (v *view) Parked(limit int) ([]ledger.Parked, error) {
	rows, err := list(v, scanParked, parkedOpen, bound(limit))
	if err != nil {
		return nil, fmt.Errorf("read parked payloads: %w", err)
	}
	return rows, nil
}

// Park keeps a payload; its ID is the ledger's to give.
func (x *tx) Park(p ledger.Parked) error {
	return x.plain("INSERT INTO parked (role, subject, sequence, raw, cause, at) VALUES ($1, $2, $3, $4, $5, $6)",
		string(p.Role), p.Subject, int64(p.Sequence), p.Raw, p.Cause, at(p.At))
}

// Catalog gives the one there is.
func (v *view) Catalog() (ledger.Catalog, error) {
	c, err := single(v, func(row pgx.Rows, c *ledger.Catalog) error {
		return row.Scan(&c.ETag, (*[]byte)(&c.Body), (*instant)(&c.At))
	}, "SELECT etag, body, at FROM catalog WHERE id = 1")
	if err != nil {
		return c, fmt.Errorf("read the catalog: %w", err)
	}
	return c, nil
}

// PutCatalog replaces it.
func (x *tx) PutCatalog(c ledger.Catalog) error {
	return x.plain(`INSERT INTO catalog (id, etag, body, at) VALUES (1, $1, $2, $3)
		ON CONFLICT (id) DO UPDATE SET (etag, body, at) = (excluded.etag, excluded.body, excluded.at)`,
		c.ETag, []byte(c.Body), at(c.At))
}

// Expire drops the sessions run out, the webhooks long taken in, and the slots and
// beats of those long gone.
func (x *tx) Expire() error {
	x.s.write(oldSlots)
	x.s.write("DELETE FROM beats WHERE at < $1", x.Now().Add(-ledger.BeatTime))
	x.s.write("DELETE FROM sessions WHERE expires_at IS NULL OR expires_at <= $1", x.Now())
	x.s.write("DELETE FROM tokens WHERE expires_at < $1", x.Now().Add(-tokenTime))
	return x.plain("DELETE FROM webhook_inbox WHERE at < $1", x.Now().Add(-hookTime))
}
