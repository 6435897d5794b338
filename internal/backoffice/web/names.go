package web

import (
	"errors"

	"peyk/internal/backoffice/ledger"
	"peyk/internal/report"
)

// namesOf reads the full names of the accounts a page is about, and of no
// others: a company has many. Whoever is not known has none.
func namesOf(view ledger.View, accounts ...string) (map[string]string, error) {
	names := map[string]string{}
	for _, name := range accounts {
		if _, had := names[name]; had || name == "" {
			continue
		}
		a, err := view.Account(name)
		if err != nil && !errors.Is(err, ledger.ErrNotFound) {
			return nil, err
		}
		if err == nil {
			names[name] = nameOf(a)
		}
	}
	return names, nil
}

// named lists the accounts that the page of one report may call by name.
func named(v *visit, journal []report.Entry) []string {
	accounts := []string{v.report.Asked.Owner}
	for _, c := range v.recipients {
		accounts = append(accounts, c.Account)
	}
	for _, e := range journal {
		if by, ok := e.Evidence["approved_by"].(string); ok {
			accounts = append(accounts, by)
		}
	}
	return accounts
}
