package access

import (
	"fmt"
	"net/mail"
	"regexp"
	"slices"
	"time"

	"peyk/internal/backoffice/ledger"
)

// The roles, a closed set. An account may hold several.
const (
	Requester = "requester" // asks for reports
	Approver  = "approver"  // decides about requests that need it
	Author    = "author"    // writes report types
	Operator  = "operator"  // sees every request, cancels and redrives
	Admin     = "admin"     // what the operator may, and keeps the accounts
)

// Roles lists the whole set.
func Roles() []string {
	return []string{Requester, Approver, Author, Operator, Admin}
}

var accountName = regexp.MustCompile(`^[a-z][a-z0-9._-]{0,62}$`)

// Check refuses an account that nobody should be given: a name that is not one
// short lower-case word, an unreadable address, a role outside the set, a
// language or time zone we do not know.
func Check(a ledger.Account) error {
	if !accountName.MatchString(a.Name) {
		return fmt.Errorf("account name %q: use lower-case letters, digits, dot, dash or underscore, beginning with a letter", a.Name)
	}
	if _, err := mail.ParseAddress(a.Email); err != nil {
		return fmt.Errorf("account %s: e-mail %q: %w", a.Name, a.Email, err)
	}
	for _, role := range a.Roles {
		if !slices.Contains(Roles(), role) {
			return fmt.Errorf("account %s: role %q is none of %v", a.Name, role, Roles())
		}
	}
	if a.Locale != "tr" && a.Locale != "en" {
		return fmt.Errorf("account %s: language %q is neither tr nor en", a.Name, a.Locale)
	}
	// "Local" is this machine's zone, which is nobody's choice.
	if _, err := time.LoadLocation(a.TimeZone); err != nil || a.TimeZone == "" || a.TimeZone == "Local" {
		return fmt.Errorf("account %s: time zone %q is unknown (example: Europe/Istanbul)", a.Name, a.TimeZone)
	}
	if !slices.Contains([]string{"", "light", "dark"}, a.Appearance) {
		return fmt.Errorf("account %s: appearance %q is neither light nor dark nor empty", a.Name, a.Appearance)
	}
	for _, n := range slices.Concat(a.NoMail, a.NoPopup) {
		if !slices.Contains(ledger.AllNews(), n) {
			return fmt.Errorf("account %s: news %q is none of %v", a.Name, n, ledger.AllNews())
		}
	}
	return nil
}
