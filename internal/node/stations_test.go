package node

import (
	"errors"
	"testing"

	"peyk/internal/backoffice/mail"
	"peyk/internal/backoffice/mail/mailaddr"
)

// An address that no email can be sent from stops the start: with it, every email
// would be given up.
func TestTheSenderIsChecked(t *testing.T) {
	t.Parallel()
	from, host, err := sender(mail.Person{Name: "Peyk", Address: "peyk@şirket.example"})
	if err != nil || from != (mail.Person{Name: "Peyk", Address: "peyk@xn--irket-idb.example"}) || host != "xn--irket-idb.example" {
		t.Errorf("%v at %s: %v", from, host, err)
	}
	for _, address := range []string{"", "peyk", "peyk@", "Peyk <peyk@kule.example>", "haberci-ş@kule.example"} {
		var refused *mailaddr.Error
		if _, _, err := sender(mail.Person{Address: address}); !errors.As(err, &refused) {
			t.Errorf("sender %q: %v, want a *mailaddr.Error", address, err)
		}
	}
}
