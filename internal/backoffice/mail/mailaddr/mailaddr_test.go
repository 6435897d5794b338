package mailaddr_test

import (
	"errors"
	"strings"
	"testing"

	"peyk/internal/backoffice/mail/mailaddr"
)

func TestAcceptedAddresses(t *testing.T) {
	t.Parallel()
	for address, wire := range map[string]string{
		"ayse@kule.example":                       "ayse@kule.example",
		"Ayse.Kaya+rapor@kule.example":            "Ayse.Kaya+rapor@kule.example",
		"o'neil_1@kule.example":                   "o'neil_1@kule.example",
		"ayse@şirket.example":                     "ayse@xn--irket-idb.example",
		"ayse@xn--irket-idb.example":              "ayse@xn--irket-idb.example",
		"ayse@KULE.example":                       "ayse@kule.example",
		"admin@localhost":                         "admin@localhost",
		strings.Repeat("a", 64) + "@kule.example": strings.Repeat("a", 64) + "@kule.example",
	} {
		got, err := mailaddr.Wire(address)
		if err != nil || got != wire {
			t.Errorf("Wire(%q) = %q, %v; want %q", address, got, err, wire)
		}
		if again, err := mailaddr.Wire(got); err != nil || again != got {
			t.Errorf("Wire(%q) = %q, %v; want it unchanged", got, again, err)
		}
	}
}

// The sentences name what is wrong, in both languages.
func TestRefusedAddresses(t *testing.T) {
	t.Parallel()
	const (
		alone, whole, letter, local, domain, long = "address alone", "whole address", "contains", "part before @ is not valid", "domain after @ is not valid", "too long"
	)
	tr := map[string]string{
		alone: "tek başına", whole: "eksiksiz", letter: "bölümde", local: "bölüm geçerli değil", domain: "alan adı geçerli değil", long: "çok uzun",
	}
	for address, why := range map[string]string{
		"A <a@b>":                                 alone,
		"Ayşe Kaya <ayse@kule.test>":              alone,
		"ayse@kule.example ":                      alone,
		"a@b.example, c@d.example":                alone,
		"a@b.example\r\nBcc: c@d":                 alone,
		`"ayse kaya"@kule.example`:                alone,
		"ayse@[127.0.0.1]":                        alone,
		"mailto:ayse@kule.example":                alone,
		"":                                        whole,
		"ayse":                                    whole,
		"@kule.example":                           whole,
		"ayse@":                                   whole,
		"ayşe@kule.example":                       letter,
		"ayse\u0301@kule.example":                 letter,
		"ays\xffe@kule.example":                   letter,
		"ayse@kule@kule.example":                  local,
		".ayse@kule.example":                      local,
		"ayse.@kule.example":                      local,
		"ayse..kaya@kule.example":                 local,
		"ayse@kule..example":                      domain,
		"ayse@-kule.example":                      domain,
		"ayse@kule_oyun.example":                  domain,
		"ayse@.":                                  domain,
		strings.Repeat("a", 65) + "@kule.example": long,
		"ayse@" + strings.Repeat(strings.Repeat("k", 61)+".", 4) + "ex": long,
	} {
		err := mailaddr.Check(address)
		var refused *mailaddr.Error
		if !errors.As(err, &refused) {
			t.Errorf("Check(%q) = %v, want an *Error", address, err)
			continue
		}
		if !strings.Contains(refused.Reason.EN, why) || !strings.Contains(refused.Reason.TR, tr[why]) {
			t.Errorf("Check(%q) says %q and %q, want %q and %q in them", address, refused.Reason.EN, refused.Reason.TR, why, tr[why])
		}
	}
}

func TestTheRefusedLetterIsNamed(t *testing.T) {
	t.Parallel()
	var refused *mailaddr.Error
	if !errors.As(mailaddr.Check("ayşe@kule.example"), &refused) {
		t.Fatal("ayşe@kule.example is accepted")
	}
	for _, text := range []string{refused.Reason.EN, refused.Reason.TR, refused.Error()} {
		if !strings.Contains(text, "'ş'") {
			t.Errorf("the letter is not named: %s", text)
		}
	}
}
