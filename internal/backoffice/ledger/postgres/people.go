package postgres

import (
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"peyk/internal/backoffice/ledger"
)

const accountColumns = "name, full_name, email, roles, locale, time_zone, password, gone, at, appearance, no_keys, no_mail, no_popup"

func scanAccount(row pgx.Rows, a *ledger.Account) error {
	return row.Scan(&a.Name, &a.FullName, &a.Email, document{&a.Roles}, &a.Locale, &a.TimeZone, &a.Password,
		&a.Gone, (*instant)(&a.At), &a.Appearance, &a.NoKeys, document{&a.NoMail}, document{&a.NoPopup})
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

const putAccount = "INSERT INTO accounts (" + accountColumns + `) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
	ON CONFLICT (name) DO UPDATE SET (full_name, email, roles, locale, time_zone, password, gone, at, appearance, no_keys, no_mail, no_popup)
		= (excluded.full_name, excluded.email, excluded.roles, excluded.locale, excluded.time_zone, excluded.password,
			excluded.gone, excluded.at, excluded.appearance, excluded.no_keys, excluded.no_mail, excluded.no_popup)`

// LockAccount gives one and holds its row until the end.
func (x *tx) LockAccount(name string) (ledger.Account, error) {
	a, err := single(&x.view, scanAccount, "SELECT "+accountColumns+" FROM accounts WHERE name = $1 FOR NO KEY UPDATE", name)
	if err != nil {
		return a, fmt.Errorf("lock account %s: %w", name, err)
	}
	return a, nil
}

// PutAccount adds or replaces one.
func (x *tx) PutAccount(a ledger.Account) error {
	roles, err := encode(a.Roles)
	noMail, mailErr := encode(a.NoMail)
	noPopup, popupErr := encode(a.NoPopup)
	if err := errors.Join(err, mailErr, popupErr); err != nil {
		return fmt.Errorf("write account %s: %w", a.Name, err)
	}
	return x.plain(putAccount, a.Name, a.FullName, a.Email, roles, a.Locale, a.TimeZone, a.Password, a.Gone, at(a.At),
		a.Appearance, a.NoKeys, noMail, noPopup)
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
