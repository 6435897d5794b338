package trigger_test

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"peyk/internal/backoffice/ledger"
	"peyk/internal/report"
)

var errDisk = errors.New("disk gone")

// faultyTx fails where its test says so.
type faultyTx struct {
	ledger.Tx
	account string // whose row cannot be read
	guid    string // which request cannot be saved
}

func (f faultyTx) Account(name string) (ledger.Account, error) {
	if name == f.account {
		return ledger.Account{}, errDisk
	}
	return f.Tx.Account(name)
}

func (f faultyTx) Save(r *report.Request, was int64) error {
	if r.GUID == f.guid {
		return errDisk
	}
	return f.Tx.Save(r, was)
}

// What the ledger cannot say is no mistake of the form.
func TestRecipientUnreadable(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.faulty = func(tx ledger.Tx) ledger.Tx { return faultyTx{Tx: tx, account: "deniz"} }
	body := strings.Replace(form(w.guid(), "top-games.v1"), "}}", `},"recipients":["deniz"]}`, 1)
	w.want(http.StatusServiceUnavailable, "unavailable", "derya", "POST", "/requests", body)
}

// The answer comes out of the very commit that decided: nothing is left to fail
// behind it.
func TestDecisionAnswersFromItsCommit(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	path := "/requests/" + w.ask("payroll.v1")
	views := 0
	w.viewing = func() error {
		if views++; views > 1 { // the first finds out who calls
			return errDisk
		}
		return nil
	}
	rec := w.want(200, "", "murat", "POST", path+"/approve", "")
	if !strings.Contains(rec.Body.String(), `"state":"ACCEPTED"`) {
		t.Errorf("answered %s", rec.Body)
	}
}

func TestSweepGoesOn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	one, two := w.ask("payroll.v1"), w.ask("payroll.v1")
	w.now = w.now.Add(report.ApprovalTime)
	w.faulty = func(tx ledger.Tx) ledger.Tx { return faultyTx{Tx: tx, guid: one} }
	if err := w.station.SweepOnce(t.Context()); !errors.Is(err, errDisk) || !strings.Contains(err.Error(), one) {
		t.Errorf("the sweep says %v, want what failed", err)
	}
	w.wantState(one, report.AwaitingApproval)
	w.wantState(two, report.Expired)
}

func (w *world) wantState(guid string, want report.State) {
	w.tb.Helper()
	w.write(func(tx ledger.Tx) error {
		r, err := tx.Request(guid)
		if err == nil && r.State != want {
			w.tb.Errorf("%s is %s, want %s", guid, r.State, want)
		}
		return err
	})
}

// What somebody who left had asked for is found behind all they only received,
// and what they received goes on.
func TestDepartedBehindManyReceived(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	owned := w.ask("top-games.v1")
	stored := w.ask("top-games.v1")
	w.store(stored, time.Minute)
	var received []string
	for range 101 {
		guid := w.guid()
		body := strings.Replace(form(guid, "top-games.v1"), "}}", `},"recipients":["derya"]}`, 1)
		w.want(202, "", "deniz", "POST", "/requests", body)
		received = append(received, guid)
	}
	w.want(200, "", "ada", "POST", "/accounts/derya/leave", "")
	if err := w.station.SweepOnce(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.wantState(owned, report.Cancelled)
	w.wantState(stored, report.Stored)
	for guid := range slices.Values(received) {
		w.wantState(guid, report.Accepted)
	}
}

func TestListLimit(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for range 3 {
		w.ask("top-games.v1")
	}
	for _, bad := range []string{"0", "-1", "101", "ten", "1e1"} {
		w.want(400, "malformed", "derya", "GET", "/requests?limit="+bad, "")
	}
	rec := w.want(200, "", "derya", "GET", "/requests?limit=2", "")
	if n := strings.Count(rec.Body.String(), `"guid"`); n != 2 {
		t.Errorf("%d requests, want 2", n)
	}
}
