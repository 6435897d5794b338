package web_test

import (
	"context"
	"crypto/rand"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"peyk/internal/backoffice/access"
	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/ledger/mem"
	"peyk/internal/backoffice/web"
)

// bubble is a station in fake time, called without a network.
type bubble struct {
	t       *testing.T
	station *web.Station
	cookie  *http.Cookie
}

func inBubble(t *testing.T, run func(*bubble)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		passwords, err := access.NewPasswords(access.Cost{Memory: 8, Time: 1, Threads: 1}, rand.Reader)
		must(t, err)
		hash, err := passwords.Hash(password)
		must(t, err)
		l := mem.New(time.Now)
		must(t, l.Update(t.Context(), func(tx ledger.Tx) error { return people(tx, hash) }))
		s, err := web.New(web.Config{Ledger: l, API: &url.URL{Scheme: "http", Host: "127.0.0.1:1"}, HTTP: http.DefaultClient, Secure: true,
			Passwords: passwords, Now: time.Now, Logger: slog.New(slog.DiscardHandler)})
		must(t, err)
		run(&bubble{t: t, station: s})
		must(t, s.Close(context.WithoutCancel(t.Context())))
	})
}

func (b *bubble) do(method, path string, form url.Values) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "https://peyk.example"+path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if b.cookie != nil {
		r.AddCookie(b.cookie)
	}
	rec := httptest.NewRecorder()
	b.station.Handler().ServeHTTP(rec, r)
	return rec
}

func (b *bubble) signIn() *http.Cookie {
	b.t.Helper()
	rec := b.do(http.MethodPost, "/signin", url.Values{"name": {"derya"}, "password": {password}})
	cookies := rec.Result().Cookies()
	if rec.Code != http.StatusSeeOther || len(cookies) != 1 {
		b.t.Fatalf("signed in with %d, cookies %v", rec.Code, cookies)
	}
	b.cookie = cookies[0]
	return b.cookie
}

// open reports whether the session still opens pages.
func (b *bubble) open() bool { return b.do(http.MethodGet, "/reports", nil).Code == http.StatusOK }

// Who does nothing for half an hour is signed out, and not a minute before
// (ASVS 5.0, 7.3.1).
func TestIdleSessionEnds(t *testing.T) {
	t.Parallel()
	inBubble(t, func(b *bubble) {
		b.signIn()
		for range 5 {
			time.Sleep(29 * time.Minute)
			if !b.open() {
				b.t.Fatal("ended before half an hour without a visit")
			}
		}
		time.Sleep(30 * time.Minute)
		if b.open() {
			b.t.Error("still open after half an hour without a visit")
		}
	})
}

// After twelve hours everybody signs in again, however busy they were
// (ASVS 5.0, 7.3.2).
func TestEverySessionEndsAfterTwelveHours(t *testing.T) {
	t.Parallel()
	inBubble(t, func(b *bubble) {
		b.signIn()
		began := time.Now()
		for time.Since(began) < 12*time.Hour-10*time.Minute {
			time.Sleep(10 * time.Minute)
			if !b.open() {
				b.t.Fatalf("ended after %s of work", time.Since(began))
			}
		}
		time.Sleep(10 * time.Minute)
		if b.open() {
			b.t.Error("still open after twelve hours")
		}
	})
}

// A token that somebody planted before the sign-in opens nothing after it,
// whether it was ever a session or not; and no cookie has a wider reach than
// it needs.
func TestPlantedTokenOpensNothing(t *testing.T) {
	t.Parallel()
	inBubble(t, func(b *bubble) {
		attackers := b.signIn().Value
		for _, planted := range []string{"planted", attackers} {
			b.cookie = &http.Cookie{Name: "__Host-peyk", Value: planted}
			own := b.signIn()
			if own.Value == planted || len(own.Value) < 43 {
				b.t.Errorf("after the sign-in the token is %q", own.Value)
			}
			if own.Name != "__Host-peyk" || !own.Secure || !own.HttpOnly || own.Path != "/" || own.Domain != "" || own.SameSite != http.SameSiteLaxMode || own.MaxAge != 0 || !own.Expires.IsZero() {
				b.t.Errorf("the cookie reads %s", own)
			}
			b.cookie = &http.Cookie{Name: "__Host-peyk", Value: planted}
			if b.open() {
				b.t.Errorf("the planted token %q opens pages", planted)
			}
			b.cookie = &http.Cookie{Name: "peyk", Value: own.Value}
			if b.open() {
				b.t.Error("a cookie without the prefix is believed")
			}
		}
	})
}

// However a name is typed, its tries are counted together, and a name nobody has
// is answered alike.
func TestGuessingIsThrottledHoweverTyped(t *testing.T) {
	t.Parallel()
	for _, names := range [][]string{{"derya", "Derya", " derya ", "DERYA", "derya\t", "dErYa"}, {"nobody", "Nobody", " nobody ", "NOBODY", "nobody\t", "nObOdY"}} {
		inBubble(t, func(b *bubble) {
			for i, name := range names {
				want := http.StatusUnauthorized
				if i == 5 {
					want = http.StatusTooManyRequests
				}
				got := b.do(http.MethodPost, "/signin", url.Values{"name": {name}, "password": {"wrong"}})
				if got.Code != want {
					b.t.Errorf("try %d, %q: %d, want %d", i+1, name, got.Code, want)
				}
			}
		})
	}
}
