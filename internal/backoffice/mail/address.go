package mail

import (
	"errors"
	"fmt"
	"strings"

	"peyk/internal/backoffice/mail/mailaddr"
	"peyk/internal/report"
)

// wireAddress gives an address as SMTP takes it. One that mailaddr refuses is
// Permanent with the code "address-unusable".
func wireAddress(address string) (string, error) {
	wire, err := mailaddr.Wire(address)
	if err != nil {
		return "", addressUnusable(err)
	}
	return wire, nil
}

// checkWire refuses what is not an address in wire form.
func checkWire(address string) error {
	wire, err := wireAddress(address)
	if err == nil && wire != address {
		return addressUnusable(fmt.Errorf("email address %q is not in wire form, which is %q", address, wire))
	}
	return err
}

func addressUnusable(cause error) error {
	sentence := "Emails cannot be sent to this address."
	var refused *mailaddr.Error
	if errors.As(cause, &refused) {
		sentence = refused.Reason.EN
	}
	return &report.Error{Class: report.Permanent, Code: "address-unusable", Sentence: sentence, Cause: cause}
}

// sameAddress compares two addresses as people mean them.
func sameAddress(a, b string) bool {
	return a != "" && strings.EqualFold(strings.TrimSpace(a), strings.TrimSpace(b))
}
