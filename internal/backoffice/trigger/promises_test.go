package trigger_test

import (
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"peyk/internal/backoffice/access"
	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/trigger"
	"peyk/internal/protocol"
	"peyk/internal/report"
)

func TestActAs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.write(func(tx ledger.Tx) error {
		return errors.Join(
			tx.PutToken(ledger.Token{Hash: access.Digest("web"), Account: "ada", Scope: access.ScopeService}),
			tx.PutToken(ledger.Token{Hash: access.Digest("demo"), Account: "derya", Scope: access.ScopeDemo}))
	})
	for _, c := range []struct {
		token, as string
		status    int
	}{
		{"web", "derya", 200}, {"web", "", 403}, {"web", "nobody", 401},
		{"demo", "", 200}, {"demo", "murat", 200},
		{"derya", "", 200}, {"derya", "derya", 200}, {"derya", "murat", 403},
	} {
		r := httptest.NewRequest(http.MethodGet, "/api/v1/requests", nil)
		r.Header.Set("Authorization", "Bearer "+c.token)
		r.Header.Set(trigger.ActAsHeader, c.as)
		rec := httptest.NewRecorder()
		w.door.ServeHTTP(rec, r)
		if rec.Code != c.status {
			t.Errorf("token %s as %q: %d, want %d", c.token, c.as, rec.Code, c.status)
		}
	}
}

func (w *world) status(who, guid string) (s trigger.Status) {
	w.tb.Helper()
	rec := w.want(200, "", who, "GET", "/requests/"+guid, "")
	if err := json.Unmarshal(rec.Body.Bytes(), &s); err != nil {
		w.tb.Fatal(err)
	}
	return s
}

// The promise is the smallest time within which at least 95 of 100 of the last
// twenty came, found here by counting.
func TestExpectedBy(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	guid := w.ask("top-games.v1")
	if s := w.status("derya", guid); !s.ExpectedBy.Equal(s.AcceptedAt.Add(15 * time.Minute)) {
		t.Errorf("without history expected by %s", s.ExpectedBy)
	}
	var took []time.Duration
	for i := range 23 {
		d := time.Duration(1+i*7%23) * time.Minute
		guid := w.ask("top-games.v1")
		w.store(guid, d)
		w.deliver(guid)
		took = append(took, d)

		last := took[max(0, len(took)-20):]
		want := time.Duration(math.MaxInt64)
		for _, candidate := range last {
			within := 0
			for _, d := range last {
				if d <= candidate {
					within++
				}
			}
			if within*100 >= 95*len(last) {
				want = min(want, candidate)
			}
		}
		s := w.status("derya", w.ask("top-games.v1"))
		if got := s.ExpectedBy.Sub(s.AcceptedAt); got != want {
			t.Errorf("after %v: expected in %s, want %s", took, got, want)
		}
	}
}

func TestRedriveOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	guid := w.ask("top-games.v1")
	w.fail(guid)
	seen := w.status("onur", guid)
	press := `{"version":` + strconv.FormatInt(seen.Version, 10) + `}`
	path := "/requests/" + guid + "/redrive"
	w.want(403, "forbidden", "derya", "POST", path, press)
	w.want(200, "", "onur", "POST", path, press)
	w.want(409, "not-possible", "onur", "POST", path, press)
	if now := w.status("onur", guid); now.Generation != 2 || now.ApprovedHash != seen.ApprovedHash || now.State != report.Accepted {
		t.Errorf("redriven to %s, generation %d, hash %s", now.State, now.Generation, now.ApprovedHash)
	}
	w.fail(guid) // the second failure is another version than the one that was looked at
	w.want(409, "not-possible", "onur", "POST", path, press)
}

func TestNoCancelOnceHere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	guid := w.ask("top-games.v1")
	w.store(guid, time.Minute)
	for _, who := range []string{"derya", "onur"} {
		w.want(409, "not-possible", who, "POST", "/requests/"+guid+"/cancel", "")
	}
	w.wantState(guid, report.Stored)
}

// What was approved is what runs, or nothing does.
func TestAlteredAfterApproval(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	guid := w.ask("payroll.v1")
	w.want(200, "", "murat", "POST", "/requests/"+guid+"/approve", "")
	w.write(func(tx ledger.Tx) error {
		r, err := tx.Request(guid)
		if err != nil {
			return err
		}
		r.Asked.Parameters = json.RawMessage(strings.Replace(string(r.Asked.Parameters), "10", "11", 1))
		return tx.Save(r, r.Version)
	})
	w.write(func(tx ledger.Tx) error {
		r, err := tx.Request(guid)
		if err != nil {
			return err
		}
		_, err = r.Submit(w.now, nil)
		if refused := (*report.Refusal)(nil); !errors.As(err, &refused) {
			t.Errorf("submitted %s although other parameters were approved: %v", r.Asked.Parameters, err)
		}
		return nil
	})
}

func TestPasswordShownOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	who := `{"name":"ece","email":"ece@example.com","roles":["requester"],"locale":"tr","time_zone":"Europe/Istanbul"}`
	var made struct{ Password string }
	rec := w.want(201, "", "ada", "POST", "/accounts", who)
	if err := json.Unmarshal(rec.Body.Bytes(), &made); err != nil || len(made.Password) < access.MinPassword {
		t.Fatalf("made with the password %q, %v", made.Password, err)
	}
	if list := w.want(200, "", "ada", "GET", "/accounts", "").Body.String(); strings.Contains(list, made.Password) || strings.Contains(list, "argon2") {
		t.Errorf("the list tells a secret: %s", list)
	}
	if rec := w.want(200, "", "derya", "POST", "/accounts/derya/password", `{"password":"a long sentence of mine"}`); strings.Contains(rec.Body.String(), "sentence") {
		t.Errorf("a password that was given is said again: %s", rec.Body)
	}
}

func TestCatalogAndContract(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var got struct {
		protocol.Catalog
		SeenAt time.Time `json:"seen_at"`
	}
	rec := w.want(200, "", "derya", "GET", "/catalog", "")
	if err := json.Unmarshal(rec.Body.Bytes(), &got); err != nil || len(got.Types) != 2 || !got.SeenAt.Equal(w.now) {
		t.Errorf("catalog %+v, %v", got, err)
	}
	want, err := os.ReadFile("openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if rec := w.want(200, "", "", "GET", "/openapi.yaml", ""); rec.Body.String() != string(want) {
		t.Error("the contract that is served is another")
	}
}

// The calls of a good client keep the contract, too.
func TestGoodClient(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.door = contract(t).Handler(w.station)
	path := "/requests/" + w.ask("payroll.v1")
	w.want(200, "", "murat", "GET", "/requests?limit=5&mine=true&state=ACCEPTED&state=READY", "")
	w.want(200, "", "murat", "POST", path+"/approve", `{"reason":"agreed"}`)
	w.want(200, "", "derya", "POST", path+"/seen", "")
	w.want(200, "", "derya", "POST", path+"/cancel", `{"reason":"no longer needed"}`)
	path = "/requests/" + w.ask("payroll.v1")
	w.want(200, "", "murat", "POST", path+"/decline", `{"reason":"not this quarter"}`)
	guid := w.ask("top-games.v1")
	w.fail(guid)
	w.want(200, "", "onur", "POST", "/requests/"+guid+"/redrive", `{"version":2}`)
	w.want(200, "", "ada", "GET", "/accounts", "")
	w.want(200, "", "ada", "POST", "/accounts/derya/password", `{"password":"a long sentence of mine"}`)
	w.want(200, "", "derya", "GET", "/catalog", "")
}
