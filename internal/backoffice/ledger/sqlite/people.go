package sqlite

import (
	"fmt"

	"peyk/internal/backoffice/ledger"
)

const accountColumns = "name, full_name, email, roles, locale, time_zone, password, gone, at"

func scanAccount(row scanner, a *ledger.Account) error {
	return row.Scan(&a.Name, &a.FullName, &a.Email, document{&a.Roles}, &a.Locale, &a.TimeZone, &a.Password,
		&a.Gone, (*instant)(&a.At))
}

// Account gives one person.
func (v *view) Account(name string) (ledger.Account, error) {
	a, err := one(v, scanAccount, "SELECT "+accountColumns+" FROM accounts WHERE name = ?", name)
	if err != nil {
		return a, fmt.Errorf("read account %s: %w", name, err)
	}
	return a, nil
}

// Accounts gives everyone, by name.
func (v *view) Accounts() ([]ledger.Account, error) {
	rows, err := all(v, scanAccount, "SELECT "+accountColumns+" FROM accounts ORDER BY name")
	if err != nil {
		return nil, fmt.Errorf("read accounts: %w", err)
	}
	return rows, nil
}

// PutAccount adds or replaces one.
func (x *tx) PutAccount(a ledger.Account) error {
	delete(x.recent.accounts, a.Name)
	err := x.run("INSERT OR REPLACE INTO accounts ("+accountColumns+") VALUES (?,?,?,?,?,?,?,?,?)",
		a.Name, a.FullName, a.Email, document{&a.Roles}, a.Locale, a.TimeZone, a.Password, a.Gone, at(a.At))
	if err != nil {
		return fmt.Errorf("write account %s: %w", a.Name, err)
	}
	return nil
}

// Session gives one that has not run out.
func (v *view) Session(tokenHash string) (ledger.Session, error) {
	s, err := one(v, func(row scanner, s *ledger.Session) error {
		return row.Scan(&s.TokenHash, &s.Data, (*instant)(&s.ExpiresAt))
	}, "SELECT token_hash, data, expires_at FROM sessions WHERE token_hash = ? AND expires_at > ?", tokenHash, at(v.now))
	if err != nil {
		return s, fmt.Errorf("read a session: %w", err)
	}
	return s, nil
}

// PutSession adds or replaces one.
func (x *tx) PutSession(s ledger.Session) error {
	err := x.run("INSERT OR REPLACE INTO sessions (token_hash, data, expires_at) VALUES (?, ?, ?)",
		s.TokenHash, s.Data, at(s.ExpiresAt))
	if err != nil {
		return fmt.Errorf("write a session: %w", err)
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
	t, err := one(v, func(row scanner, t *ledger.Token) error {
		return row.Scan(&t.Hash, &t.Account, &t.Scope, (*instant)(&t.At))
	}, "SELECT hash, account, scope, at FROM tokens WHERE hash = ?", hash)
	if err != nil {
		return t, fmt.Errorf("read a token: %w", err)
	}
	return t, nil
}

// PutToken adds or replaces one.
func (x *tx) PutToken(t ledger.Token) error {
	err := x.run("INSERT OR REPLACE INTO tokens (hash, account, scope, at) VALUES (?, ?, ?, ?)",
		t.Hash, t.Account, t.Scope, at(t.At))
	if err != nil {
		return fmt.Errorf("write a token: %w", err)
	}
	return nil
}

// Approvals gives the decisions on a request, in the order of their times.
func (v *view) Approvals(guid string) ([]ledger.Approval, error) {
	rows, err := all(v, func(row scanner, a *ledger.Approval) error {
		return row.Scan(&a.GUID, &a.Account, &a.Approved, &a.Reason, (*instant)(&a.At))
	}, "SELECT guid, account, approved, reason, at FROM approvals WHERE guid = ? ORDER BY at, id", guid)
	if err != nil {
		return nil, fmt.Errorf("read the decisions on %s: %w", guid, err)
	}
	return rows, nil
}

// AddApproval adds one decision.
func (x *tx) AddApproval(a ledger.Approval) error {
	err := x.run("INSERT INTO approvals (guid, account, approved, reason, at) VALUES (?, ?, ?, ?, ?)",
		a.GUID, a.Account, a.Approved, a.Reason, at(a.At))
	if err != nil {
		return fmt.Errorf("add the decision of %s on %s: %w", a.Account, a.GUID, err)
	}
	return nil
}
