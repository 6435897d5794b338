package access

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"peyk/internal/backoffice/ledger"
)

// prolongEvery is how much a session's end must move before it is written
// again: a page a second costs the ledger one commit a minute.
const prolongEvery = time.Minute

// Sessions keeps sign-ins in the ledger, by the digest of their token. It is
// the store of github.com/alexedwards/scs/v2.
type Sessions struct {
	Ledger ledger.Ledger
}

// FindCtx gives the session's data; found is false if it is not there or over.
func (s *Sessions) FindCtx(ctx context.Context, token string) (data []byte, found bool, err error) {
	err = s.Ledger.View(ctx, func(v ledger.View) error {
		row, ok, err := live(v, token)
		data, found = row.Data, ok
		return err
	})
	if err != nil {
		return nil, false, fmt.Errorf("find session: %w", err)
	}
	return data, found, nil
}

// CommitCtx keeps the session until expiry. An end moved by less than a minute
// alone is not worth a write.
func (s *Sessions) CommitCtx(ctx context.Context, token string, data []byte, expiry time.Time) error {
	fresh := false
	err := s.Ledger.View(ctx, func(v ledger.View) error {
		row, ok, err := live(v, token)
		fresh = ok && bytes.Equal(row.Data, data) && expiry.Sub(row.ExpiresAt).Abs() < prolongEvery
		return err
	})
	if err == nil && !fresh {
		err = s.Ledger.Update(ctx, func(tx ledger.Tx) error {
			return tx.PutSession(ledger.Session{TokenHash: Digest(token), Data: data, ExpiresAt: expiry.UTC()})
		})
	}
	if err != nil {
		return fmt.Errorf("keep session: %w", err)
	}
	return nil
}

// DeleteCtx ends the session; one that is not there is ended already.
func (s *Sessions) DeleteCtx(ctx context.Context, token string) error {
	err := s.Ledger.Update(ctx, func(tx ledger.Tx) error {
		err := tx.DeleteSession(Digest(token))
		if errors.Is(err, ledger.ErrNotFound) {
			return nil
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("end session: %w", err)
	}
	return nil
}

// Find is FindCtx for callers without a context.
func (s *Sessions) Find(token string) ([]byte, bool, error) {
	return s.FindCtx(context.Background(), token)
}

// Commit is CommitCtx for callers without a context.
func (s *Sessions) Commit(token string, data []byte, expiry time.Time) error {
	return s.CommitCtx(context.Background(), token, data, expiry)
}

// Delete is DeleteCtx for callers without a context.
func (s *Sessions) Delete(token string) error {
	return s.DeleteCtx(context.Background(), token)
}

func live(v ledger.View, token string) (ledger.Session, bool, error) {
	row, err := v.Session(Digest(token))
	if errors.Is(err, ledger.ErrNotFound) {
		return ledger.Session{}, false, nil
	}
	return row, err == nil && v.Now().Before(row.ExpiresAt), err
}
