package trigger_test

import (
	"encoding/json"
	"errors"
	"slices"
	"testing"
	"time"

	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/mail/mailaddr"
	"peyk/internal/protocol"
)

func TestDecisions(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	path := "/requests/" + w.ask("payroll.v1")
	w.want(403, "own-request", "derya", "POST", path+"/approve", "")
	w.want(404, "report-unknown", "deniz", "POST", path+"/approve", "")
	w.want(200, "", "murat", "POST", path+"/approve", `{"reason":"ok"}`)
	w.want(409, "not-possible", "murat", "POST", path+"/approve", "")
	w.want(403, "forbidden", "derya", "POST", path+"/redrive", `{"version":2}`)
	w.want(409, "not-possible", "onur", "POST", path+"/redrive", `{"version":2}`)
	w.want(200, "", "derya", "POST", path+"/cancel", "")
	w.want(409, "not-possible", "onur", "POST", path+"/cancel", "")

	path = "/requests/" + w.ask("payroll.v1")
	w.want(422, "reason-needed", "murat", "POST", path+"/decline", "{}")
	w.want(200, "", "murat", "POST", path+"/decline", `{"reason":"no"}`)
	w.want(409, "not-possible", "onur", "POST", path+"/redrive", `{"version":2}`)
}

func TestSweepExpires(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	path := "/requests/" + w.ask("payroll.v1")
	w.now = w.now.Add(24 * time.Hour)
	if err := w.station.SweepOnce(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.want(409, "not-possible", "murat", "POST", path+"/approve", "")
}

// An account gets only an address that emails can be sent to. The refusal is in
// the language of who makes it.
func TestAccountsHaveUsableAddresses(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, address := range []string{"ayşe@kule.example", "Ece <ece@kule.example>", "ece", ""} {
		who := `{"name":"ece","full_name":"Ece","email":"` + address + `","roles":["requester"],"locale":"tr","time_zone":"Europe/Istanbul"}`
		var refused *mailaddr.Error
		if !errors.As(mailaddr.Check(address), &refused) {
			t.Fatalf("%q can be sent to", address)
		}
		for locale, reason := range map[string]string{"tr": refused.Reason.TR, "en": refused.Reason.EN} {
			w.write(func(tx ledger.Tx) error {
				a, err := tx.Account("ada")
				a.Locale = locale
				return errors.Join(err, tx.PutAccount(a))
			})
			rec := w.want(422, "invalid-account", "ada", "POST", "/accounts", who)
			var p protocol.Problem
			if err := json.Unmarshal(rec.Body.Bytes(), &p); err != nil {
				t.Fatal(err)
			}
			want := []protocol.ProblemDetail{{Pointer: "/email", Detail: reason}}
			if !slices.Equal(p.Errors, want) {
				t.Errorf("%q in %s: %v, want %v", address, locale, p.Errors, want)
			}
		}
	}
}

func TestAccounts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	who := `{"name":"ece","full_name":"Ece","email":"ece@example.com","roles":["requester"],"locale":"tr","time_zone":"Europe/Istanbul"}`
	w.want(403, "forbidden", "onur", "GET", "/accounts", "")
	w.want(200, "", "ada", "GET", "/accounts", "")
	w.want(201, "", "ada", "POST", "/accounts", who)
	w.want(409, "account-exists", "ada", "POST", "/accounts", who)
	w.want(422, "weak-password", "derya", "POST", "/accounts/derya/password", `{"password":"short"}`)
	w.want(404, "account-unknown", "ada", "POST", "/accounts/nobody/leave", "")
	w.want(200, "", "ada", "POST", "/accounts/derya/leave", "")
	w.want(401, "unauthenticated", "derya", "GET", "/requests", "")
}
