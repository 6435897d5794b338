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
