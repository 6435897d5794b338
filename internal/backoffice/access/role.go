package access

import (
	"fmt"
	"regexp"
	"slices"
	"time"

	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/mail/mailaddr"
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

// Check refuses an account that is not valid: a name that is not one short
// lower-case word, an address that no email can be sent to (a *mailaddr.Error), a
// role outside the set, or choices that CheckChoices refuses.
func Check(a ledger.Account) error {
	if !accountName.MatchString(a.Name) {
		return fmt.Errorf("account name %q: use lower-case letters, digits, dot, dash or underscore, beginning with a letter", a.Name)
	}
	if err := mailaddr.Check(a.Email); err != nil {
		return fmt.Errorf("account %s: %w", a.Name, err)
	}
	for _, role := range a.Roles {
		if !slices.Contains(Roles(), role) {
			return fmt.Errorf("account %s: role %q is none of %v", a.Name, role, Roles())
		}
	}
	return CheckChoices(a)
}

// CheckChoices refuses a language, time zone, appearance or kind of news that is
// not known: the part of an account that its person may change.
func CheckChoices(a ledger.Account) error {
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
