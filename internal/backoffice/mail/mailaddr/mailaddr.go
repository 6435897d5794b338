// Package mailaddr checks email addresses. Accounts are checked with it before
// they are stored, and emails before they are sent, so an address that an account
// may have is one that emails can be sent to.
//
// Promise: Wire gives an accepted address in the form that every SMTP server
// takes: ASCII, the domain as A-labels (RFC 5890).
//
// Limits: only the syntax is checked; whether the mailbox exists shows when an
// email is sent. Package mail does not use SMTPUTF8 (RFC 6531), so the part before
// @ has to be ASCII. Quoted local parts are refused.
//
// Failure: an *Error says in Turkish and English what is wrong and what to enter
// instead.
package mailaddr

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"

	"peyk/internal/report"
)

// The longest address and part before @, in bytes (RFC 5321, 4.5.3.1).
const (
	maxLocal   = 64
	maxAddress = 254
)

var (
	// dotAtom is the local part of RFC 5322, 3.2.3. Quoted local parts are left out:
	// few mailboxes have one, and parsers disagree about them.
	dotAtom = regexp.MustCompile("^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*$")
	// domain has labels of at most 63 letters, digits and hyphens (RFC 1123, 2.1).
	domain = regexp.MustCompile(`^[0-9A-Za-z]([0-9A-Za-z-]{0,61}[0-9A-Za-z])?(\.[0-9A-Za-z]([0-9A-Za-z-]{0,61}[0-9A-Za-z])?)*$`)
)

// Error says why an address cannot be used.
type Error struct {
	Address string
	Reason  report.Text // what is wrong and what to enter instead
	Cause   error       // nil: the reason says it all
}

func (e *Error) Error() string {
	if e.Cause != nil {
		return fmt.Sprintf("email address %q: %s (%v)", e.Address, e.Reason.EN, e.Cause)
	}
	return fmt.Sprintf("email address %q: %s", e.Address, e.Reason.EN)
}

func (e *Error) Unwrap() error { return e.Cause }

// Check refuses an address that no email can be sent to: an *Error.
func Check(address string) error {
	_, err := Wire(address)
	return err
}

// Wire checks an address and gives it as SMTP takes it: an *Error.
func Wire(address string) (string, error) {
	refuse := func(reason report.Text, cause error) (string, error) {
		return "", &Error{Address: address, Reason: reason, Cause: cause}
	}
	if strings.ContainsFunc(address, beside) {
		return refuse(notAlone(), nil)
	}
	at := strings.LastIndexByte(address, '@')
	if at < 1 || at == len(address)-1 {
		return refuse(incomplete(), nil)
	}
	local := address[:at]
	if i := strings.IndexFunc(local, notASCII); i >= 0 {
		letter, _ := utf8.DecodeRuneInString(local[i:])
		return refuse(foreign(letter), nil)
	}
	if !dotAtom.MatchString(local) {
		return refuse(badLocal(), nil)
	}
	host, err := idna.Lookup.ToASCII(address[at+1:])
	if err != nil || !ValidDomain(host) {
		return refuse(badDomain(), err)
	}
	wire := local + "@" + host
	if at > maxLocal || len(wire) > maxAddress {
		return refuse(tooLong(), nil)
	}
	return wire, nil
}

// ValidDomain reports whether the text is a domain name in ASCII that may stand in
// an address or a Message-ID.
func ValidDomain(text string) bool { return domain.MatchString(text) }

// beside reports a character that an address alone does not have.
func beside(r rune) bool {
	return strings.ContainsRune(`<>()[],;:"\`, r) || unicode.IsSpace(r) || unicode.IsControl(r)
}

func notASCII(r rune) bool { return r > unicode.MaxASCII }
