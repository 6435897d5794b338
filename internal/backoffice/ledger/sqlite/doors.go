package sqlite

import (
	"fmt"
	"time"

	"peyk/internal/backoffice/ledger"
)

// The ways in: sign-ins of people and tokens of their programs.
const (
	sessionColumns = "token_hash, data, expires_at, account, at, used_at, agent, address"
	tokenColumns   = "hash, account, scope, at, label, expires_at, used_at"

	sessionsOf = "SELECT " + sessionColumns + " FROM sessions WHERE account = ? AND expires_at > ? ORDER BY at, token_hash"
	tokensOf   = "SELECT " + tokenColumns + " FROM tokens WHERE account = ? ORDER BY at, hash"
)

// tokenTime is how long a token run out is still listed.
const tokenTime = 30 * 24 * time.Hour

func scanSession(row scanner, s *ledger.Session) error {
	return row.Scan(&s.TokenHash, &s.Data, (*instant)(&s.ExpiresAt), &s.Account, (*instant)(&s.At), (*instant)(&s.UsedAt),
		&s.Agent, &s.Address)
}

func scanToken(row scanner, t *ledger.Token) error {
	return row.Scan(&t.Hash, &t.Account, &t.Scope, (*instant)(&t.At), &t.Label, (*instant)(&t.ExpiresAt), (*instant)(&t.UsedAt))
}

// Session gives one that has not run out.
func (v *view) Session(tokenHash string) (ledger.Session, error) {
	s, err := one(v, scanSession, "SELECT "+sessionColumns+" FROM sessions WHERE token_hash = ? AND expires_at > ?", tokenHash, at(v.now))
	if err != nil {
		return s, fmt.Errorf("read a session: %w", err)
	}
	return s, nil
}

// SessionsOf gives those of one person that have not run out, oldest first.
func (v *view) SessionsOf(account string) ([]ledger.Session, error) {
	rows, err := all(v, scanSession, sessionsOf, account, at(v.now))
	if err != nil {
		return nil, fmt.Errorf("read the sessions of %s: %w", account, err)
	}
	return rows, nil
}

// PutSession adds or replaces one.
func (x *tx) PutSession(s ledger.Session) error {
	err := x.run("INSERT OR REPLACE INTO sessions ("+sessionColumns+") VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
		s.TokenHash, s.Data, at(s.ExpiresAt), s.Account, at(s.At), at(s.UsedAt), s.Agent, s.Address)
	if err != nil {
		return fmt.Errorf("write a session: %w", err)
	}
	return nil
}

// ProlongSession changes one that is there.
func (x *tx) ProlongSession(s ledger.Session) error {
	err := x.run("UPDATE sessions SET data = ?, expires_at = ?, used_at = ? WHERE token_hash = ?",
		s.Data, at(s.ExpiresAt), at(s.UsedAt), s.TokenHash)
	if err != nil {
		return fmt.Errorf("prolong a session: %w", err)
	}
	return nil
}

// DeleteSession drops one, if it is there.
func (x *tx) DeleteSession(tokenHash string) error {
	if err := x.run("DELETE FROM sessions WHERE token_hash = ?", tokenHash); err != nil {
		return fmt.Errorf("delete a session: %w", err)
	}
	return nil
}

// Token gives one.
func (v *view) Token(hash string) (ledger.Token, error) {
	t, err := one(v, scanToken, "SELECT "+tokenColumns+" FROM tokens WHERE hash = ?", hash)
	if err != nil {
		return t, fmt.Errorf("read a token: %w", err)
	}
	return t, nil
}

// TokensOf gives those of one person, oldest first.
func (v *view) TokensOf(account string) ([]ledger.Token, error) {
	rows, err := all(v, scanToken, tokensOf, account)
	if err != nil {
		return nil, fmt.Errorf("read the tokens of %s: %w", account, err)
	}
	return rows, nil
}

// PutToken adds or replaces one.
func (x *tx) PutToken(t ledger.Token) error {
	err := x.run("INSERT OR REPLACE INTO tokens ("+tokenColumns+") VALUES (?, ?, ?, ?, ?, ?, ?)",
		t.Hash, t.Account, t.Scope, at(t.At), t.Label, at(t.ExpiresAt), at(t.UsedAt))
	if err != nil {
		return fmt.Errorf("write a token: %w", err)
	}
	return nil
}

// TouchToken dates the last use of one that is there.
func (x *tx) TouchToken(hash string) error {
	if err := x.run("UPDATE tokens SET used_at = ? WHERE hash = ?", at(x.now), hash); err != nil {
		return fmt.Errorf("date the use of a token: %w", err)
	}
	return nil
}

// DeleteToken drops one, if it is there.
func (x *tx) DeleteToken(hash string) error {
	if err := x.run("DELETE FROM tokens WHERE hash = ?", hash); err != nil {
		return fmt.Errorf("delete a token: %w", err)
	}
	return nil
}
