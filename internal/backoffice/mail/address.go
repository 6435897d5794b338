package mail

import (
	"fmt"
	"regexp"
	"strings"

	"golang.org/x/net/idna"

	"peyk/internal/report"
)

// localPart is the dot-atom of RFC 5322 section 3.2.3, at most 64 characters
// (RFC 5321 section 4.5.3.1.1). Quoted local parts are refused: no mailbox of
// a company needs them, and they are where parsers disagree.
var localPart = regexp.MustCompile("^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*$")

// wireAddress checks an address and gives it as SMTP takes it: the domain in
// ASCII (RFC 5890). An address that no SMTP server without SMTPUTF8 could
// take is Permanent with the code "address-unusable".
func wireAddress(address string) (string, error) {
	at := strings.LastIndexByte(address, '@')
	if at < 1 || at > 64 || len(address) > 254 || !localPart.MatchString(address[:at]) {
		return "", addressUnusable(address, nil)
	}
	domain, err := idna.Lookup.ToASCII(address[at+1:])
	if err != nil || !hostPattern.MatchString(domain) {
		return "", addressUnusable(address, err)
	}
	return address[:at] + "@" + domain, nil
}

// Usable reports whether mail can be sent to the address.
func Usable(address string) bool {
	_, err := wireAddress(address)
	return err == nil
}

func addressUnusable(address string, cause error) error {
	err := fmt.Errorf("mail address %q is not usable", address)
	if cause != nil {
		err = fmt.Errorf("mail address %q is not usable: %w", address, cause)
	}
	return &report.Error{
		Class:    report.Permanent,
		Code:     "address-unusable",
		Sentence: "The mail address is not one that mail can be sent to.",
		Cause:    err,
	}
}

// sameAddress compares two addresses as people mean them.
func sameAddress(a, b string) bool {
	return a != "" && strings.EqualFold(strings.TrimSpace(a), strings.TrimSpace(b))
}
