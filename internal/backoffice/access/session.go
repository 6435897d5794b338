package access

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
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

// Visitor is who opens a session, and from where.
type Visitor struct {
	Account string
	Agent   string // as the browser calls itself; cut to what is kept
	Address string
}

// maxAgent bounds what is kept of a browser's own name, in bytes.
const maxAgent = 300

type openingKey struct{}

// Opening marks ctx as that of a sign-in: only under it CommitCtx makes a session
// that was not there.
func Opening(ctx context.Context, v Visitor) context.Context {
	v.Agent = strings.ToValidUTF8(v.Agent[:min(len(v.Agent), maxAgent)], "")
	return context.WithValue(ctx, openingKey{}, v)
}

// CommitCtx keeps the session until expiry. One that was ended meanwhile stays
// ended. An end moved by less than a minute alone is not worth a write.
func (s *Sessions) CommitCtx(ctx context.Context, token string, data []byte, expiry time.Time) error {
	visitor, opening := ctx.Value(openingKey{}).(Visitor)
	if opening {
		err := s.Ledger.Update(ctx, func(tx ledger.Tx) error {
			return tx.PutSession(ledger.Session{
				TokenHash: Digest(token), Data: data, ExpiresAt: expiry.UTC(),
				Account: visitor.Account, At: tx.Now(), UsedAt: tx.Now(), Agent: visitor.Agent, Address: visitor.Address,
			})
		})
		if err != nil {
			return fmt.Errorf("open session of %s: %w", visitor.Account, err)
		}
		return nil
	}
	worth := false
	err := s.Ledger.View(ctx, func(v ledger.View) error {
		row, ok, err := live(v, token)
		same := bytes.Equal(row.Data, data) && expiry.Sub(row.ExpiresAt).Abs() < prolongEvery && v.Now().Sub(row.UsedAt) < prolongEvery
		worth = ok && !same
		return err
	})
	if err == nil && worth {
		err = s.Ledger.Update(ctx, func(tx ledger.Tx) error {
			return tx.ProlongSession(ledger.Session{TokenHash: Digest(token), Data: data, ExpiresAt: expiry.UTC(), UsedAt: tx.Now()})
		})
	}
	if err != nil {
		return fmt.Errorf("keep session: %w", err)
	}
	return nil
}

// EndOthers ends all sessions of the account but the one of the token; "": all.
// It reports how many were ended.
func (s *Sessions) EndOthers(ctx context.Context, account, token string) (ended int, err error) {
	err = s.Ledger.Update(ctx, func(tx ledger.Tx) error {
		ended = 0
		rows, err := tx.SessionsOf(account)
		for _, row := range rows {
			if row.TokenHash == Digest(token) {
				continue
			}
			if err := tx.DeleteSession(row.TokenHash); err != nil {
				return err
			}
			ended++
		}
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("end the other sessions of %s: %w", account, err)
	}
	return ended, nil
}

// EndOne ends the session of the account that goes by the reference.
// ledger.ErrNotFound: there is none, or it is somebody else's.
func (s *Sessions) EndOne(ctx context.Context, account, ref string) error {
	err := s.Ledger.Update(ctx, func(tx ledger.Tx) error {
		rows, err := tx.SessionsOf(account)
		if err != nil {
			return err
		}
		for _, row := range rows {
			if Ref(row.TokenHash) == ref {
				return tx.DeleteSession(row.TokenHash)
			}
		}
		return ledger.ErrNotFound
	})
	if err != nil {
		return fmt.Errorf("end session %s of %s: %w", ref, account, err)
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
