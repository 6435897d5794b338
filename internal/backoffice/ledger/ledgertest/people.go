package ledgertest

import (
	"errors"
	"time"

	"peyk/internal/backoffice/ledger"
)

func people() []check {
	return []check{
		{"accounts come back by name, one row each", func(w *world) {
			absent(w, "account", func(v ledger.View) (ledger.Account, error) { return v.Account(owner) })
			put := func(seed int, name string) ledger.Account {
				a := filled[ledger.Account](seed)
				a.Name = name
				w.update(func(tx ledger.Tx) error { return tx.PutAccount(a) })
				return kept(a)
			}
			put(1, "çiğdem")
			ahmet, cigdem, zero := put(2, "ahmet"), put(3, "çiğdem"), ledger.Account{Name: "boş"}
			w.update(func(tx ledger.Tx) error { return tx.PutAccount(zero) })
			same(w, "accounts", read(w, ledger.View.Accounts), []ledger.Account{ahmet, zero, cigdem})
			same(w, "account", read(w, func(v ledger.View) (ledger.Account, error) { return v.Account("çiğdem") }), cigdem)
			absent(w, "account", func(v ledger.View) (ledger.Account, error) { return v.Account("Ahmet") })
		}},
		{"a session is there until it runs out or is deleted", sessions},
		{"a session that was ended is not prolonged", prolonging},
		{"a person's sessions are listed, oldest first, without those run out", sessionsListed},
		{"a person's tokens are listed, oldest first, until they are deleted or long run out", tokensListed},
		{"a token's use is dated, and one that is not there stays away", touching},
		{"of many changes of one account none is lost", changesStand},
		{"a token comes back by its digest", func(w *world) {
			k := filled[ledger.Token](1)
			w.update(func(tx ledger.Tx) error { return tx.PutToken(k) })
			same(w, "token", read(w, func(v ledger.View) (ledger.Token, error) { return v.Token(k.Hash) }), kept(k))
			absent(w, "token", func(v ledger.View) (ledger.Token, error) { return v.Token("başka") })
		}},
	}
}

func sessions(w *world) {
	get := func(hash string) func(ledger.View) (ledger.Session, error) {
		return func(v ledger.View) (ledger.Session, error) { return v.Session(hash) }
	}
	put := func(hash string, lasts time.Duration, data ...byte) ledger.Session {
		s := filled[ledger.Session](len(data))
		s.TokenHash, s.Data, s.ExpiresAt = hash, data, w.now().Add(lasts)
		w.update(func(tx ledger.Tx) error { return tx.PutSession(s) })
		return kept(s)
	}
	absent(w, "session", get("a"))
	put("a", time.Minute, 1)
	a := put("a", time.Hour, 0, 0xff)
	b := put("b", 2*time.Hour, 2)
	put("c", 2*time.Hour, 3)
	same(w, "session", read(w, get("a")), a)
	w.update(func(tx ledger.Tx) error { return errors.Join(tx.DeleteSession("c"), tx.DeleteSession("nobody's")) })
	absent(w, "deleted session", get("c"))

	w.clock.advance(time.Hour - time.Microsecond)
	read(w, get("a"))
	w.clock.advance(time.Microsecond)
	absent(w, "session run out", get("a"))
	w.update(func(tx ledger.Tx) error { return tx.Expire() })
	same(w, "session that lasts", read(w, get("b")), b)
}
