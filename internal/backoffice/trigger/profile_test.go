package trigger_test

import (
	"errors"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"peyk/internal/backoffice/ledger"
)

func (w *world) account(name string) (a ledger.Account) {
	w.tb.Helper()
	err := w.ledger.View(w.tb.Context(), func(v ledger.View) (err error) {
		a, err = v.Account(name)
		return err
	})
	if err != nil {
		w.tb.Fatal(err)
	}
	return a
}

// What a person chooses is kept, and nothing else of the account changes.
func TestProfileIsKept(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	want := w.account("derya")
	w.want(200, "", "derya", "POST", "/me",
		`{"locale":"en","time_zone":"America/New_York","appearance":"dark","keys":false,"no_mail":["late","asking"],"no_popup":["ended"]}`)
	want.Locale, want.TimeZone, want.Appearance, want.NoKeys = "en", "America/New_York", "dark", true
	want.NoMail, want.NoPopup = []ledger.News{ledger.NewsLate, ledger.NewsAsking}, []ledger.News{ledger.NewsEnded}
	if got := w.account("derya"); !reflect.DeepEqual(got, want) {
		t.Errorf("kept %+v\nwant %+v", got, want)
	}
	got := w.want(200, "", "derya", "GET", "/me", "").Body.String()
	for _, part := range []string{`"locale":"en"`, `"no_mail":["late","asking"]`, `"keys":false`} {
		if !strings.Contains(got, part) {
			t.Errorf("%s lacks %s", got, part)
		}
	}
	if strings.Contains(got, "argon2") {
		t.Errorf("the password's hash is shown: %s", got)
	}
}

// An account made before addresses were checked may have one that no email can be
// sent to. Its person can still change the profile, which has no address.
func TestAnUnusableAddressDoesNotBlockTheProfile(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.write(func(tx ledger.Tx) error {
		a, err := tx.Account("derya")
		a.Email = "derya aksoy@kule.example"
		return errors.Join(err, tx.PutAccount(a))
	})
	w.want(200, "", "derya", "POST", "/me", `{"locale":"en","time_zone":"UTC"}`)
	if got := w.account("derya").Locale; got != "en" {
		t.Errorf("the language is %q, want en", got)
	}
}

func TestImpossibleProfilesAreRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	before := w.account("derya")
	for _, body := range []string{
		`{"locale":"de","time_zone":"UTC"}`, `{"locale":"tr","time_zone":""}`, `{"locale":"tr","time_zone":"Local"}`,
		`{"locale":"tr","time_zone":"Mars/Base"}`, `{"locale":"tr","time_zone":"../../etc/passwd"}`,
		`{"locale":"tr","time_zone":"UTC","appearance":"pink"}`, `{"locale":"tr","time_zone":"UTC","no_mail":["all"]}`,
		`{"locale":"tr","time_zone":"UTC","no_popup":[""]}`,
	} {
		w.want(422, "invalid-account", "derya", "POST", "/me", body)
	}
	w.want(400, "malformed", "derya", "POST", "/me", `{"locale":"tr","time_zone":"UTC","roles":["admin"]}`)
	w.want(400, "malformed", "derya", "POST", "/me", `{"locale":"tr","time_zone":"UTC","gone":true}`)
	if got := w.account("derya"); !reflect.DeepEqual(got, before) {
		t.Errorf("changed to %+v", got)
	}
}

// session opens a sign-in for somebody.
func (w *world) session(hash, account string) {
	w.tb.Helper()
	w.write(func(tx ledger.Tx) error {
		return tx.PutSession(ledger.Session{TokenHash: hash, Account: account, At: w.now, ExpiresAt: w.now.Add(time.Hour)})
	})
}

func (w *world) sessions(account string) (n int) {
	w.tb.Helper()
	err := w.ledger.View(w.tb.Context(), func(v ledger.View) error {
		rows, err := v.SessionsOf(account)
		n = len(rows)
		return err
	})
	if err != nil {
		w.tb.Fatal(err)
	}
	return n
}

func TestAnotherPasswordEndsEverySignIn(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*world){
		"changed": func(w *world) {
			w.want(200, "", "derya", "POST", "/me/password", `{"old":"`+oldPassword+`","password":"another long sentence"}`)
		},
		"given by an admin": func(w *world) { w.want(200, "", "ada", "POST", "/accounts/derya/password", `{}`) },
		"gone":              func(w *world) { w.want(200, "", "ada", "POST", "/accounts/derya/leave", "") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.session("a", "derya")
			w.session("b", "derya")
			w.session("c", "murat")
			change(w)
			if hers, his := w.sessions("derya"), w.sessions("murat"); hers != 0 || his != 1 {
				t.Errorf("%d sessions of hers and %d of his, want 0 and 1", hers, his)
			}
		})
	}
}

func TestPasswordIsChangedOnlyWithTheOldOne(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	change := func(status int, code, old, password string) {
		t.Helper()
		w.want(status, code, "derya", "POST", "/me/password", `{"old":"`+old+`","password":"`+password+`"}`)
	}
	change(403, "wrong-password", "wrong", "another long sentence")
	change(403, "wrong-password", "", "another long sentence")
	change(422, "weak-password", oldPassword, "too short")
	change(422, "weak-password", oldPassword, "")
	if w.account("derya").Password != w.hash {
		t.Fatal("the password was changed")
	}
	change(200, "", oldPassword, "another long sentence")
	change(403, "wrong-password", oldPassword, "a third long sentence")
	change(200, "", "another long sentence", "a third long sentence")
}

func TestGuessingTheOldPasswordIsThrottled(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	body := `{"old":"wrong","password":"another long sentence"}`
	for range 5 {
		w.want(403, "wrong-password", "derya", "POST", "/me/password", body)
	}
	got := w.want(http.StatusTooManyRequests, "too-many-tries", "derya", "POST", "/me/password", `{"old":"`+oldPassword+`","password":"another long sentence"}`)
	if got.Header().Get("Retry-After") == "" {
		t.Error("nothing says when to try again")
	}
	w.want(403, "wrong-password", "murat", "POST", "/me/password", body)
	w.now = w.now.Add(time.Minute)
	w.want(200, "", "derya", "POST", "/me/password", `{"old":"`+oldPassword+`","password":"another long sentence"}`)
}
