package postgres

import (
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"peyk/internal/backoffice/ledger"
)

// The ways in: sign-ins of people and tokens of their programs.
const (
	sessionColumns = "token_hash, data, expires_at, account, at, used_at, agent, address"
	tokenColumns   = "hash, account, scope, at, label, expires_at, used_at"

	sessionsOf = "SELECT " + sessionColumns + ` FROM sessions
		WHERE account = $1 AND expires_at > coalesce($2::timestamptz, now()) ORDER BY at NULLS FIRST, token_hash`
	tokensOf = "SELECT " + tokenColumns + " FROM tokens WHERE account = $1 ORDER BY at NULLS FIRST, hash"
)

// tokenTime is how long a token run out is still listed.
const tokenTime = 30 * 24 * time.Hour

func scanSession(row pgx.Rows, s *ledger.Session) error {
	return row.Scan(&s.TokenHash, &s.Data, (*instant)(&s.ExpiresAt), &s.Account, (*instant)(&s.At), (*instant)(&s.UsedAt),
		&s.Agent, &s.Address)
}

func scanToken(row pgx.Rows, t *ledger.Token) error {
	return row.Scan(&t.Hash, &t.Account, &t.Scope, (*instant)(&t.At), &t.Label, (*instant)(&t.ExpiresAt), (*instant)(&t.UsedAt))
}

// Session gives one that has not run out.
func (v *view) Session(tokenHash string) (ledger.Session, error) {
	s, err := single(v, scanSession, "SELECT "+sessionColumns+` FROM sessions
		WHERE token_hash = $1 AND expires_at > coalesce($2::timestamptz, now())`, tokenHash, v.when())
	if err != nil {
		return s, fmt.Errorf("read a session: %w", err)
	}
	return s, nil
}

// SessionsOf gives those of one person that have not run out, oldest first.
func (v *view) SessionsOf(account string) ([]ledger.Session, error) {
	rows, err := list(v, scanSession, sessionsOf, account, v.when())
	if err != nil {
		return nil, fmt.Errorf("read the sessions of %s: %w", account, err)
	}
	return rows, nil
}

// PutSession adds or replaces one.
func (x *tx) PutSession(s ledger.Session) error {
	return x.plain("INSERT INTO sessions ("+sessionColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (token_hash) DO UPDATE SET (data, expires_at, account, at, used_at, agent, address)
			= (excluded.data, excluded.expires_at, excluded.account, excluded.at, excluded.used_at, excluded.agent, excluded.address)`,
		s.TokenHash, s.Data, at(s.ExpiresAt), s.Account, at(s.At), at(s.UsedAt), s.Agent, s.Address)
}

// ProlongSession changes one that is there.
func (x *tx) ProlongSession(s ledger.Session) error {
	return x.plain("UPDATE sessions SET data = $2, expires_at = $3, used_at = $4 WHERE token_hash = $1",
		s.TokenHash, s.Data, at(s.ExpiresAt), at(s.UsedAt))
}

// DeleteSession drops one, if it is there.
func (x *tx) DeleteSession(tokenHash string) error {
	return x.plain("DELETE FROM sessions WHERE token_hash = $1", tokenHash)
}

// Token gives one.
func (v *view) Token(hash string) (ledger.Token, error) {
	t, err := single(v, scanToken, "SELECT "+tokenColumns+" FROM tokens WHERE hash = $1", hash)
	if err != nil {
		return t, fmt.Errorf("read a token: %w", err)
	}
	return t, nil
}

// TokensOf gives those of one person, oldest first.
func (v *view) TokensOf(account string) ([]ledger.Token, error) {
	rows, err := list(v, scanToken, tokensOf, account)
	if err != nil {
		return nil, fmt.Errorf("read the tokens of %s: %w", account, err)
	}
	return rows, nil
}

// PutToken adds or replaces one.
func (x *tx) PutToken(t ledger.Token) error {
	return x.plain("INSERT INTO tokens ("+tokenColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (hash) DO UPDATE SET (account, scope, at, label, expires_at, used_at)
			= (excluded.account, excluded.scope, excluded.at, excluded.label, excluded.expires_at, excluded.used_at)`,
		t.Hash, t.Account, t.Scope, at(t.At), t.Label, at(t.ExpiresAt), at(t.UsedAt))
}

// TouchToken dates the last use of one that is there.
func (x *tx) TouchToken(hash string) error {
	return x.plain("UPDATE tokens SET used_at = $2 WHERE hash = $1", hash, x.Now())
}

// DeleteToken drops one, if it is there.
func (x *tx) DeleteToken(hash string) error {
	return x.plain("DELETE FROM tokens WHERE hash = $1", hash)
}
