package sqlite

import (
	"fmt"

	"peyk/internal/backoffice/ledger"
)

const accountColumns = "name, full_name, email, roles, locale, time_zone, password, gone, at, appearance, no_keys, no_mail, no_popup"

func scanAccount(row scanner, a *ledger.Account) error {
	return row.Scan(&a.Name, &a.FullName, &a.Email, document{&a.Roles}, &a.Locale, &a.TimeZone, &a.Password,
		&a.Gone, (*instant)(&a.At), &a.Appearance, &a.NoKeys, document{&a.NoMail}, document{&a.NoPopup})
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

// LockAccount gives one; whoever writes is alone.
func (x *tx) LockAccount(name string) (ledger.Account, error) { return x.Account(name) }

// PutAccount adds or replaces one.
func (x *tx) PutAccount(a ledger.Account) error {
	delete(x.recent.accounts, a.Name)
	err := x.run("INSERT OR REPLACE INTO accounts ("+accountColumns+") VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)",
		a.Name, a.FullName, a.Email, document{&a.Roles}, a.Locale, a.TimeZone, a.Password, a.Gone, at(a.At),
		a.Appearance, a.NoKeys, document{&a.NoMail}, document{&a.NoPopup})
	if err != nil {
		return fmt.Errorf("write account %s: %w", a.Name, err)
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
