package web

import (
	"net/url"
	"slices"
	"strings"

	"peyk/internal/backoffice/access"
	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/web/form"
)

// recipients finds the accounts people typed: by name, address or full name. A
// full name that two have means neither of them: the report of one must not go
// to the other.
func (d *desk) recipients(v *visit, values url.Values) (accounts []string, problem string) {
	for _, typed := range strings.FieldsFunc(strings.Join(values[form.Recipients], ","), func(r rune) bool { return r == ',' || r == ';' }) {
		typed = strings.TrimSpace(typed)
		if typed == "" {
			continue
		}
		switch found := d.find(typed); {
		case len(found) == 0:
			return nil, v.w.Say("problem.recipient", "Name", typed)
		case len(found) > 1:
			return nil, v.w.Say("problem.recipient.many", "Name", typed)
		case found[0] != v.who.Name && !slices.Contains(accounts, found[0]):
			accounts = append(accounts, found[0])
		}
	}
	return accounts, ""
}

// find lists the accounts that somebody may mean by what was typed.
func (d *desk) find(typed string) (accounts []string) {
	for _, a := range d.people {
		switch {
		case !access.MayReceive(a):
		case strings.EqualFold(typed, a.Name), strings.EqualFold(typed, a.Email):
			return []string{a.Name}
		case strings.EqualFold(typed, a.FullName):
			accounts = append(accounts, a.Name)
		}
	}
	return accounts
}

// called is what a person is called in the list of recipients: by full name, or
// by address if that name is somebody else's, too.
func (d *desk) called(account string) string {
	if d.names == nil {
		d.names, d.by = map[string]int{}, map[string]ledger.Account{}
		for _, a := range d.people {
			d.by[a.Name] = a
			if access.MayReceive(a) {
				d.names[strings.ToLower(nameOf(a))]++
			}
		}
	}
	a, known := d.by[account]
	switch {
	case !known:
		return account
	case d.names[strings.ToLower(nameOf(a))] > 1:
		return a.Email
	}
	return nameOf(a)
}
