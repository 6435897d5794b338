package access_test

import (
	"context"
	"sync"
	"time"

	"peyk/internal/backoffice/ledger"
)

// shelf is a ledger of accounts, sessions and tokens alone; anything else it
// is asked panics.
type shelf struct {
	mu       sync.Mutex
	now      time.Time
	down     error
	writes   int
	accounts map[string]ledger.Account
	sessions map[string]ledger.Session
	tokens   map[string]ledger.Token
}

func newShelf(accounts ...ledger.Account) *shelf {
	s := &shelf{
		now:      time.Date(2026, 11, 23, 14, 30, 0, 0, time.UTC),
		accounts: map[string]ledger.Account{}, sessions: map[string]ledger.Session{}, tokens: map[string]ledger.Token{},
	}
	for _, a := range accounts {
		s.accounts[a.Name] = a
	}
	return s
}

func (s *shelf) Update(_ context.Context, fn func(ledger.Tx) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.writes++
	if s.down != nil {
		return s.down
	}
	return fn(shelfTx{s: s})
}

func (s *shelf) View(_ context.Context, fn func(ledger.View) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.down != nil {
		return s.down
	}
	return fn(shelfTx{s: s})
}

func (s *shelf) Close() error { return nil }

type shelfTx struct {
	ledger.Tx
	s *shelf
}

func (t shelfTx) Now() time.Time { return t.s.now }

func (t shelfTx) Account(name string) (ledger.Account, error) { return find(t.s.accounts, name) }
func (t shelfTx) Session(hash string) (ledger.Session, error) { return find(t.s.sessions, hash) }
func (t shelfTx) Token(hash string) (ledger.Token, error)     { return find(t.s.tokens, hash) }

func (t shelfTx) PutSession(x ledger.Session) error {
	t.s.sessions[x.TokenHash] = x
	return nil
}

func (t shelfTx) ProlongSession(x ledger.Session) error {
	if row, ok := t.s.sessions[x.TokenHash]; ok {
		row.Data, row.ExpiresAt, row.UsedAt = x.Data, x.ExpiresAt, x.UsedAt
		t.s.sessions[x.TokenHash] = row
	}
	return nil
}

func (t shelfTx) SessionsOf(account string) (rows []ledger.Session, err error) {
	for _, row := range t.s.sessions {
		if row.Account == account {
			rows = append(rows, row)
		}
	}
	return rows, nil
}

func (t shelfTx) DeleteSession(hash string) error {
	delete(t.s.sessions, hash)
	return nil
}

func find[T any](m map[string]T, key string) (T, error) {
	if x, ok := m[key]; ok {
		return x, nil
	}
	var none T
	return none, ledger.ErrNotFound
}
