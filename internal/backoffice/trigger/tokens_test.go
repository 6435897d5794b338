package trigger_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"peyk/internal/backoffice/access"
	"peyk/internal/backoffice/ledger"
)

// made is a token as the API answers it.
type made struct{ ID, Label, Scope, Secret, UsedOn string }

// issue has somebody make a token.
func (w *world) issue(who, scope string, days int) made {
	w.tb.Helper()
	body := fmt.Sprintf(`{"label":"Excel","scope":%q,"days":%d}`, scope, days)
	return w.token(w.want(http.StatusCreated, "", who, "POST", "/me/tokens", body).Body.Bytes())
}

func (w *world) token(raw []byte) made {
	w.tb.Helper()
	var m made
	if err := json.Unmarshal(raw, &m); err != nil {
		w.tb.Fatal(err)
	}
	return m
}

func TestTokenIsShownOnceAndKeptAsDigest(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	m := w.issue("derya", "read", 90)
	if !strings.HasPrefix(m.Secret, "peyk_") || len(m.Secret) < 40 {
		t.Errorf("the secret is %q", m.Secret)
	}
	list := w.want(200, "", "derya", "GET", "/me/tokens", "").Body.String()
	if strings.Contains(list, m.Secret) || strings.Contains(list, access.Digest(m.Secret)) || !strings.Contains(list, m.ID) {
		t.Errorf("the list reads %s", list)
	}
	row := w.row(m.Secret)
	if row.Account != "derya" || !row.ExpiresAt.Equal(w.now.AddDate(0, 0, 90)) || strings.Contains(fmt.Sprint(row), m.Secret) {
		t.Errorf("the ledger has %+v", row)
	}
}

func (w *world) row(secret string) (row ledger.Token) {
	w.tb.Helper()
	err := w.ledger.View(w.tb.Context(), func(v ledger.View) (err error) {
		row, err = v.Token(access.Digest(secret))
		return err
	})
	if err != nil && !errors.Is(err, ledger.ErrNotFound) {
		w.tb.Fatal(err)
	}
	return row
}

// A token run out, revoked, or of somebody who left answers as one nobody made,
// byte for byte.
func TestDeadTokensAreUnknown(t *testing.T) {
	t.Parallel()
	for name, die := range map[string]func(*world, made){
		"run out": func(w *world, _ made) { w.now = w.now.AddDate(0, 0, 30) },
		"revoked": func(w *world, m made) { w.want(200, "", "derya", "POST", "/me/tokens/"+m.ID+"/revoke", "") },
		"of somebody who left": func(w *world, _ made) {
			w.write(func(tx ledger.Tx) error {
				a, err := tx.Account("derya")
				a.Gone = true
				return errors.Join(err, tx.PutAccount(a))
			})
		},
		"of somebody who was marked as gone": func(w *world, _ made) { w.want(200, "", "ada", "POST", "/accounts/derya/leave", "") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			m := w.issue("derya", "full", 30)
			w.now = w.now.Add(30*24*time.Hour - time.Microsecond)
			w.want(200, "", m.Secret, "GET", "/requests", "")
			w.now = w.now.Add(-time.Hour)
			die(w, m)
			got := w.want(401, "unauthenticated", m.Secret, "GET", "/requests", "")
			unknown := w.want(401, "unauthenticated", access.TokenPrefix+"nobodys", "GET", "/requests", "")
			if got.Body.String() != unknown.Body.String() {
				t.Errorf("%s\nan unknown one: %s", got.Body, unknown.Body)
			}
		})
	}
}

// Of somebody who may do everything, a token that reads gets through on every
// route that reads, and on no other; one of the full scope on all but those that
// are a person's own.
func TestWhatTokensMayDo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.write(func(tx ledger.Tx) error {
		a, err := tx.Account("ada")
		a.Roles = access.Roles()
		return errors.Join(err, tx.PutAccount(a))
	})
	read, full := w.issue("ada", "read", 1), w.issue("ada", "full", 1)
	routes := 0
	for _, rt := range w.station.Routes() {
		method, path, found := strings.Cut(rt[0], " /api/v1")
		if !found || rt[1] == "public" {
			continue
		}
		routes++
		path = strings.NewReplacer("{guid}", w.ask("payroll.v1"), "{name}", "deniz", "{id}", full.ID).Replace(path)
		own := rt[1] == "person" || rt[1] == "keeper"
		// What somebody with every role may not do, their token may not either.
		barred := !own && w.call("ada", method, path, aBody(rt[0], w.guid())).Code == 403
		for _, c := range []struct {
			token made
			may   bool
		}{{read, method == "GET"}, {full, !own && !barred}} {
			got := w.call(c.token.Secret, method, path, aBody(rt[0], w.guid()))
			if let := got.Code != 401 && got.Code != 403; let != c.may {
				t.Errorf("%s with a token that may %s: %d %s", rt[0], c.token.Scope, got.Code, got.Body)
			}
		}
	}
	if routes < 15 {
		t.Errorf("only %d routes were tried", routes)
	}
	w.want(200, "", "ada", "GET", "/me/tokens", "") // and all tokens are still there
	if w.row(full.Secret).Hash == "" || w.row(read.Secret).Hash == "" {
		t.Error("a token ended a token")
	}
}

// With a reading token nothing is written, however it is used, but the hour of
// its use.
func TestUseOfATokenIsNotedOnceAnHour(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	m := w.issue("derya", "read", 30)
	for _, c := range []struct {
		later time.Duration
		noted bool
	}{{0, true}, {time.Minute, false}, {59*time.Minute - time.Microsecond, false}, {time.Microsecond, true}, {time.Minute, false}} {
		w.now = w.now.Add(c.later)
		before := w.row(m.Secret).UsedAt
		w.want(200, "", m.Secret, "GET", "/requests", "")
		if noted := !w.row(m.Secret).UsedAt.Equal(before); noted != c.noted {
			t.Errorf("%s later the use is noted: %v", c.later, noted)
		}
	}
}

// Its use being noted meanwhile does not bring a revoked token back.
func TestUseDoesNotReviveAToken(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	m := w.issue("derya", "read", 30)
	w.faulty = func(tx ledger.Tx) ledger.Tx { return revokedMeanwhile{tx, access.Digest(m.Secret)} }
	w.want(200, "", m.Secret, "GET", "/requests", "")
	w.faulty = nil
	w.want(401, "unauthenticated", m.Secret, "GET", "/requests", "")
}

type revokedMeanwhile struct {
	ledger.Tx
	hash string
}

func (r revokedMeanwhile) TouchToken(hash string) error {
	return errors.Join(r.DeleteToken(r.hash), r.Tx.TouchToken(hash))
}

func TestTokensOfOthersAreUnknown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	m := w.issue("derya", "read", 30)
	if list := w.want(200, "", "murat", "GET", "/me/tokens", "").Body.String(); strings.Contains(list, m.ID) {
		t.Errorf("another's token is listed: %s", list)
	}
	for _, who := range []string{"murat", "ada", "onur"} {
		foreign := w.want(404, "token-unknown", who, "POST", "/me/tokens/"+m.ID+"/revoke", "")
		unknown := w.want(404, "token-unknown", who, "POST", "/me/tokens/0/revoke", "")
		if foreign.Body.String() != unknown.Body.String() {
			t.Errorf("%s tells them apart: %s, %s", who, foreign.Body, unknown.Body)
		}
	}
	// The tokens of the machine itself are nobody's to revoke.
	id := access.Ref(access.Digest("derya"))
	w.want(404, "token-unknown", "derya", "POST", "/me/tokens/"+id+"/revoke", "")
	w.want(200, "", m.Secret, "GET", "/requests", "")
}

func TestTwentyTokensAreEnough(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first := w.issue("derya", "read", 1)
	for range 19 {
		w.issue("derya", "read", 2)
	}
	w.want(409, "too-many-tokens", "derya", "POST", "/me/tokens", `{"label":"x","scope":"read"}`)
	w.issue("murat", "read", 1)
	w.now = w.now.AddDate(0, 0, 1) // the first runs out and makes room
	w.issue("derya", "read", 1)
	w.want(409, "too-many-tokens", "derya", "POST", "/me/tokens", `{"label":"x","scope":"read"}`)
	w.want(200, "", "derya", "POST", "/me/tokens/"+first.ID+"/revoke", "") // run out, still to be cleared away
}

func TestBadTokensAreRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for body, pointer := range map[string]string{
		`{"label":"","scope":"read"}`: "/label", `{"label":"a\nb","scope":"read"}`: "/label", `{"label":"x","scope":"cli"}`: "/scope",
		`{"label":"x","scope":"service"}`: "/scope", `{"label":"x","scope":"read","days":0}`: "/days", `{"label":"x","scope":"read","days":366}`: "/days",
	} {
		got := w.want(422, "invalid-token", "derya", "POST", "/me/tokens", body)
		if !strings.Contains(got.Body.String(), `"pointer":"`+pointer+`"`) {
			t.Errorf("%s: %s", body, got.Body)
		}
	}
}
