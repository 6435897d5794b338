package trigger_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"peyk/internal/backoffice/access"
	"peyk/internal/backoffice/ledger"
)

// changed makes transactions before which somebody left, or got another role.
func (w *world) changed(name string, change func(*ledger.Account)) {
	w.faulty = func(tx ledger.Tx) ledger.Tx {
		a, err := tx.Account(name)
		if err != nil {
			w.tb.Error(err)
		}
		change(&a)
		if err := tx.PutAccount(a); err != nil {
			w.tb.Error(err)
		}
		return tx
	}
}

// Whoever leaves, or loses the role, between coming in and acting does nothing
// any more.
func TestWhoLeftMeanwhileDoesNothing(t *testing.T) {
	t.Parallel()
	for what, c := range map[string]struct {
		change func(*ledger.Account)
		status int
		code   string
	}{
		"left":          {func(a *ledger.Account) { a.Gone = true }, 401, "unauthenticated"},
		"lost the role": {func(a *ledger.Account) { a.Roles = []string{access.Requester} }, 409, "moved-on"},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			guid := w.ask("payroll.v1")
			before := w.commits.Load()
			w.changed("murat", c.change)
			for _, verb := range []string{"approve", "decline"} {
				w.want(c.status, c.code, "murat", "POST", "/requests/"+guid+"/"+verb, `{"reason":"x"}`)
			}
			if w.commits.Load() != before {
				t.Error("something was committed")
			}
			w.faulty = nil
			w.want(200, "", "murat", "POST", "/requests/"+guid+"/approve", "")
		})
	}
}

// A download asks each time who one is to the report, and a part of it is never
// taken for the whole: ranges are not served.
func TestDownloadIsAskedEachTime(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	guid := w.guid()
	w.want(202, "", "derya", "POST", "/requests", strings.Replace(form(guid, "top-games.v1"), "}}", `},"recipients":["deniz"]}`, 1))
	w.store(guid, time.Minute)
	path := "/requests/" + guid + filePath
	for _, ranges := range []string{"bytes=0-1", "bytes=-1", "bytes=0-1,2-3", "bytes=99-", "lines=1"} {
		r := httptest.NewRequest(http.MethodGet, "/api/v1"+path, nil)
		r.Header.Set("Authorization", "Bearer deniz")
		r.Header.Set("Range", ranges)
		rec := httptest.NewRecorder()
		w.station.ServeHTTP(rec, r)
		if rec.Code != 200 || rec.Body.String() != content || rec.Header().Get("Content-Range") != "" {
			t.Errorf("%s: %d %q %v", ranges, rec.Code, rec.Body, rec.Header())
		}
	}
	w.write(func(tx ledger.Tx) error {
		return tx.PutRecipient(ledger.Recipient{GUID: guid, Account: "deniz", GoneAt: w.now})
	})
	gone := w.want(404, "report-unknown", "deniz", "GET", path, "")
	none := w.want(404, "report-unknown", "deniz", "GET", "/requests/"+w.guid()+filePath, "")
	if gone.Body.String() != none.Body.String() {
		t.Errorf("what was taken back is told apart:\n%s\n%s", gone.Body, none.Body)
	}
	w.write(func(tx ledger.Tx) error {
		a, err := tx.Account("derya")
		a.Gone = true
		return errors.Join(err, tx.PutAccount(a))
	})
	w.want(401, "unauthenticated", "derya", "GET", path, "")
}
