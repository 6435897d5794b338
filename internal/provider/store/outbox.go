package store

import (
	"context"
	"fmt"
	"time"

	"peyk/internal/protocol"
)

// Delivery is a webhook still to be sent.
type Delivery struct {
	ID         string
	GUID       string
	Generation int
	Body       []byte // the CloudEvent, the same bytes at each attempt
	Attempts   int    // made so far
}

// announce puts a webhook about the present rev into the outbox, in the
// transaction of the change it tells of.
func (s *Store) announce(tx *session, guid string, generation int, state protocol.State) error {
	var rev int64
	if err := tx.QueryRow("select rev from reports where guid = ?", guid).Scan(&rev); err != nil {
		return fmt.Errorf("announce report %s: %w", guid, err)
	}
	w := protocol.Webhook{
		ID: s.cfg.NewID(), Source: s.cfg.Source, Type: protocol.WebhookType(state), Time: s.cfg.Now(),
		Data: protocol.WebhookData{ReportID: guid, Generation: generation, Rev: rev, State: state},
	}
	body, err := w.Body()
	if err != nil {
		return err
	}
	_, err = tx.Exec("insert into webhooks (id, guid, generation, body, next_at) values (?, ?, ?, ?, ?)",
		w.ID, guid, generation, body, micros(w.Time))
	return err
}

// DueWebhooks gives at most limit webhooks whose time has come, longest due
// first, and the time of the next one after them; zero if there is none.
func (s *Store) DueWebhooks(ctx context.Context, limit int) (due []Delivery, next time.Time, err error) {
	rows, err := s.db.QueryContext(ctx, "select id, guid, generation, body, attempts, next_at from webhooks order by next_at, id limit ?", limit+1)
	if err != nil {
		return nil, next, fmt.Errorf("read outbox: %w", err)
	}
	defer rows.Close()
	now := micros(s.cfg.Now())
	for rows.Next() {
		var d Delivery
		var at int64
		if err := rows.Scan(&d.ID, &d.GUID, &d.Generation, &d.Body, &d.Attempts, &at); err != nil {
			return nil, next, fmt.Errorf("read outbox: %w", err)
		}
		if at > now || len(due) == limit {
			return due, fromMicros(at), nil
		}
		due = append(due, d)
	}
	return due, next, rows.Err()
}

// Settle takes a webhook out of the outbox: it was delivered, or given up.
func (s *Store) Settle(ctx context.Context, id string) error {
	return s.outboxWrite(ctx, id, "delete from webhooks where id = ?", id)
}

// Postpone counts an attempt that failed and sets the time of the next.
func (s *Store) Postpone(ctx context.Context, id string, next time.Time) error {
	return s.outboxWrite(ctx, id, "update webhooks set attempts = attempts + 1, next_at = ? where id = ?", micros(next), id)
}

// outboxWrite finds nothing to write when the report was deleted meanwhile,
// which is as it should be.
func (s *Store) outboxWrite(ctx context.Context, id, query string, args ...any) error {
	err := s.writer.write(ctx, func(tx *session) error {
		_, err := tx.Exec(query, args...)
		return err
	})
	if err != nil {
		return fmt.Errorf("settle webhook %s: %w", id, err)
	}
	return nil
}
