package ledgertest

import (
	"errors"
	"fmt"
	"time"

	"peyk/internal/backoffice/ledger"
)

func prolonging(w *world) {
	s := filled[ledger.Session](1)
	s.ExpiresAt = w.now().Add(time.Hour)
	other := filled[ledger.Session](3)
	other.ExpiresAt = w.now().Add(time.Hour)
	w.update(func(tx ledger.Tx) error { return errors.Join(tx.PutSession(s), tx.PutSession(other)) })
	longer := filled[ledger.Session](2)
	longer.TokenHash, longer.ExpiresAt = s.TokenHash, w.now().Add(2*time.Hour)
	w.update(func(tx ledger.Tx) error { return tx.ProlongSession(longer) })
	get := func(v ledger.View) (ledger.Session, error) { return v.Session(s.TokenHash) }
	want := s
	want.Data, want.ExpiresAt, want.UsedAt = longer.Data, longer.ExpiresAt, longer.UsedAt
	same(w, "session prolonged", read(w, get), kept(want))
	same(w, "another session", read(w, func(v ledger.View) (ledger.Session, error) { return v.Session(other.TokenHash) }), kept(other))
	w.update(func(tx ledger.Tx) error {
		return errors.Join(tx.DeleteSession(s.TokenHash), tx.ProlongSession(longer))
	})
	absent(w, "session ended, then prolonged", get)
}

func sessionsListed(w *world) {
	list := func(account string) []ledger.Session {
		return read(w, func(v ledger.View) ([]ledger.Session, error) { return v.SessionsOf(account) })
	}
	same(w, "sessions of nobody", list(owner), []ledger.Session(nil))
	put := func(hash, account string, at, lasts time.Duration) ledger.Session {
		s := filled[ledger.Session](1)
		s.TokenHash, s.Account, s.At, s.ExpiresAt = hash, account, w.now().Add(at), w.now().Add(lasts)
		w.update(func(tx ledger.Tx) error { return tx.PutSession(s) })
		return kept(s)
	}
	b, a := put("b", owner, -time.Hour, time.Hour), put("a", owner, 0, 2*time.Hour)
	c := put("c", owner, 0, 2*time.Hour)
	put("d", "ümit", 0, time.Hour)
	put("e", owner, 0, 0)
	same(w, "sessions", list(owner), []ledger.Session{b, a, c})
	w.clock.advance(time.Hour)
	same(w, "sessions an hour later", list(owner), []ledger.Session{a, c})
	w.update(func(tx ledger.Tx) error { return tx.DeleteSession("c") })
	same(w, "sessions, one ended", list(owner), []ledger.Session{a})
}

// tokenTime is how long the contract keeps a token run out.
const tokenTime = 30 * 24 * time.Hour

func tokensListed(w *world) {
	list := func(account string) []ledger.Token {
		return read(w, func(v ledger.View) ([]ledger.Token, error) { return v.TokensOf(account) })
	}
	put := func(hash, account string, at time.Duration, ends time.Time) ledger.Token {
		k := filled[ledger.Token](1)
		k.Hash, k.Account, k.At, k.ExpiresAt = hash, account, w.now().Add(at), ends
		w.update(func(tx ledger.Tx) error { return tx.PutToken(k) })
		return kept(k)
	}
	b, a := put("b", owner, -time.Hour, w.now().Add(time.Hour)), put("a", owner, 0, time.Time{})
	c := put("c", owner, 0, w.now())
	put("d", "ümit", 0, w.now().Add(time.Hour))
	same(w, "tokens", list(owner), []ledger.Token{b, a, c})
	w.clock.advance(tokenTime)
	w.update(func(tx ledger.Tx) error { return tx.Expire() })
	same(w, "tokens run out at most thirty days ago", list(owner), []ledger.Token{b, a, c})
	w.clock.advance(time.Microsecond)
	w.update(func(tx ledger.Tx) error { return tx.Expire() })
	same(w, "tokens without the one long run out", list(owner), []ledger.Token{b, a})
	w.update(func(tx ledger.Tx) error { return errors.Join(tx.DeleteToken("a"), tx.DeleteToken("nobody's")) })
	same(w, "tokens, one deleted", list(owner), []ledger.Token{b})
	absent(w, "deleted token", func(v ledger.View) (ledger.Token, error) { return v.Token("a") })
}

func touching(w *world) {
	k, other := filled[ledger.Token](1), filled[ledger.Token](2)
	w.update(func(tx ledger.Tx) error { return errors.Join(tx.PutToken(k), tx.PutToken(other)) })
	w.update(func(tx ledger.Tx) error { return errors.Join(tx.TouchToken(k.Hash), tx.TouchToken("nobody's")) })
	want := kept(k)
	want.UsedAt = w.now()
	same(w, "token in use", read(w, func(v ledger.View) (ledger.Token, error) { return v.Token(k.Hash) }), want)
	same(w, "another token", read(w, func(v ledger.View) (ledger.Token, error) { return v.Token(other.Hash) }), kept(other))
	absent(w, "token nobody has", func(v ledger.View) (ledger.Token, error) { return v.Token("nobody's") })
}

func changesStand(w *world) {
	w.update(func(tx ledger.Tx) error { return tx.PutAccount(ledger.Account{Name: owner}) })
	err := together(func(member int) error {
		for round := range rounds {
			err := w.ledger.Update(w.Context(), func(tx ledger.Tx) error {
				a, err := tx.LockAccount(owner)
				if err != nil {
					return err
				}
				a.Roles = append(a.Roles, fmt.Sprint(member, "/", round))
				return tx.PutAccount(a)
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		w.Fatal(err)
	}
	a := read(w, func(v ledger.View) (ledger.Account, error) { return v.Account(owner) })
	if len(a.Roles) != crowd*rounds {
		w.Errorf("of %d changes %d stand", crowd*rounds, len(a.Roles))
	}
	w.refused(ledger.ErrNotFound, func(tx ledger.Tx) error {
		_, err := tx.LockAccount("nobody")
		return err
	})
}
