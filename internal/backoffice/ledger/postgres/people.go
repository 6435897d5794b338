package postgres

import (
	"fmt"

	"github.com/jackc/pgx/v5"

	"peyk/internal/backoffice/ledger"
)

const accountColumns = "name, full_name, email, roles, locale, time_zone, password, gone, at"

func scanAccount(row pgx.Rows, a *ledger.Account) error {
	return row.Scan(&a.Name, &a.FullName, &a.Email, document{&a.Roles}, &a.Locale, &a.TimeZone, &a.Password,
		&a.Gone, (*instant)(&a.At))
}

// Account gives one person.
func (v *view) Account(name string) (ledger.Account, error) {
	a, err := single(v, scanAccount, "SELECT "+accountColumns+" FROM accounts WHERE name = $1", name)
	if err != nil {
		return a, fmt.Errorf("read account %s: %w", name, err)
	}
	return a, nil
}

// Accounts gives everyone, by name.
func (v *view) Accounts() ([]ledger.Account, error) {
	rows, err := list(v, scanAccount, "SELECT "+accountColumns+" FROM accounts ORDER BY name")
	if err != nil {
		return nil, fmt.Errorf("read accounts: %w", err)
	}
	return rows, nil
}

const putAccount = "INSERT INTO accounts (" + accountColumns + `) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
	ON CONFLICT (name) DO UPDATE SET (full_name, email, roles, locale, time_zone, password, gone, at)
		= (excluded.full_name, excluded.email, excluded.roles, excluded.locale, excluded.time_zone, excluded.password,
			excluded.gone, excluded.at)`

// PutAccount adds or replaces one.
func (x *tx) PutAccount(a ledger.Account) error {
	roles, err := encode(a.Roles)
	if err != nil {
		return fmt.Errorf("write account %s: %w", a.Name, err)
	}
	return x.plain(putAccount, a.Name, a.FullName, a.Email, roles, a.Locale, a.TimeZone, a.Password, a.Gone, at(a.At))
}

// Session gives one that has not run out.
func (v *view) Session(tokenHash string) (ledger.Session, error) {
	s, err := single(v, func(row pgx.Rows, s *ledger.Session) error {
		return row.Scan(&s.TokenHash, &s.Data, (*instant)(&s.ExpiresAt))
	}, `SELECT token_hash, data, expires_at FROM sessions
		WHERE token_hash = $1 AND expires_at > coalesce($2::timestamptz, now())`, tokenHash, v.when())
	if err != nil {
		return s, fmt.Errorf("read a session: %w", err)
	}
	return s, nil
}

// PutSession adds or replaces one.
func (x *tx) PutSession(s ledger.Session) error {
	return x.plain(`INSERT INTO sessions (token_hash, data, expires_at) VALUES ($1, $2, $3)
		ON CONFLICT (token_hash) DO UPDATE SET (data, expires_at) = (excluded.data, excluded.expires_at)`,
		s.TokenHash, s.Data, at(s.ExpiresAt))
}

// DeleteSession drops one, if it is there.
func (x *tx) DeleteSession(tokenHash string) error {
	return x.plain("DELETE FROM sessions WHERE token_hash = $1", tokenHash)
}

// Token gives one.
func (v *view) Token(hash string) (ledger.Token, error) {
	t, err := single(v, func(row pgx.Rows, t *ledger.Token) error {
		return row.Scan(&t.Hash, &t.Account, &t.Scope, (*instant)(&t.At))
	}, "SELECT hash, account, scope, at FROM tokens WHERE hash = $1", hash)
	if err != nil {
		return t, fmt.Errorf("read a token: %w", err)
	}
	return t, nil
}

// PutToken adds or replaces one.
func (x *tx) PutToken(t ledger.Token) error {
	return x.plain(`INSERT INTO tokens (hash, account, scope, at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (hash) DO UPDATE SET (account, scope, at) = (excluded.account, excluded.scope, excluded.at)`,
		t.Hash, t.Account, t.Scope, at(t.At))
}

func scanApproval(row pgx.Rows, a *ledger.Approval) error {
	return row.Scan(&a.GUID, &a.Account, &a.Approved, &a.Reason, (*instant)(&a.At))
}

// Approvals gives the decisions on a request, in the order of their times.
func (v *view) Approvals(guid string) ([]ledger.Approval, error) {
	err := v.about(guid)
	var rows []ledger.Approval
	if err == nil {
		rows, err = all(v.s, scanApproval, "SELECT guid, account, approved, reason, at FROM approvals WHERE guid = $1 ORDER BY at, id", guid)
	}
	if err != nil {
		return nil, fmt.Errorf("read the decisions on %s: %w", guid, err)
	}
	return rows, nil
}

// AddApproval adds one decision.
func (x *tx) AddApproval(a ledger.Approval) error {
	err := x.later(a.GUID, "INSERT INTO approvals (guid, account, approved, reason, at) VALUES ($1, $2, $3, $4, $5)",
		a.GUID, a.Account, a.Approved, a.Reason, at(a.At))
	if err != nil {
		return fmt.Errorf("add the decision of %s on %s: %w", a.Account, a.GUID, err)
	}
	return nil
}
