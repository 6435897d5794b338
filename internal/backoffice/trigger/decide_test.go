package trigger_test

import (
	"testing"
	"time"
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

// Whoever may not see a request cannot tell it from one that does not exist.
func TestForeignIsUnknown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	foreign, unknown := w.ask("top-games.v1"), w.guid()
	for _, c := range [][3]string{
		{"GET", "", ""}, {"POST", "/approve", ""}, {"POST", "/decline", `{"reason":"x"}`}, {"POST", "/cancel", ""},
		{"POST", "/redrive", `{"version":1}`}, {"POST", "/seen", ""}, {"GET", "/files/a.pdf", ""}, {"POST", "/files/a.pdf", ""},
	} {
		for _, who := range []string{"deniz", "murat"} {
			one := w.want(404, "report-unknown", who, c[0], "/requests/"+foreign+c[1], c[2])
			two := w.want(404, "report-unknown", who, c[0], "/requests/"+unknown+c[1], c[2])
			if one.Body.String() != two.Body.String() {
				t.Errorf("%s %s tells them apart:\n%s\n%s", c[0], c[1], one.Body, two.Body)
			}
		}
	}
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
