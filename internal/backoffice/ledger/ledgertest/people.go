package ledgertest

import (
	"errors"
	"time"

	"peyk/internal/backoffice/ledger"
	"peyk/internal/report"
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
		s := ledger.Session{TokenHash: hash, Data: data, ExpiresAt: w.now().Add(lasts)}
		w.update(func(tx ledger.Tx) error { return tx.PutSession(s) })
		return s
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

func ends() []check {
	return []check{
		{"forgetting removes files and letters of that request and nothing else", forget},
		{"webhooks are forgotten after 30 days, and then taken in again", func(w *world) {
			w.bare(1)
			h := ledger.Hook{ID: "msg_1", GUID: guid(1), Generation: 1, At: w.now()}
			add := func() bool { return write(w, func(tx ledger.Tx) (bool, error) { return tx.AddHook(h) }) }
			expire := func() { w.update(func(tx ledger.Tx) error { return tx.Expire() }) }
			add()
			w.clock.advance(30 * 24 * time.Hour)
			if expire(); add() {
				w.Error("it was forgotten before 30 days were over")
			}
			w.clock.advance(time.Microsecond)
			if expire(); !add() {
				w.Error("it was not forgotten after 30 days")
			}
		}},
		{"a closed ledger refuses and keeps nothing", func(w *world) {
			w.closed = true
			if err := w.ledger.Close(); err != nil {
				w.Fatal(err)
			}
			if err := w.ledger.Update(w.Context(), func(ledger.Tx) error { return nil }); err == nil {
				w.Error("update of a closed ledger was accepted")
			}
			if err := w.ledger.View(w.Context(), func(ledger.View) error { return nil }); err == nil {
				w.Error("view of a closed ledger was accepted")
			}
		}},
	}
}

func forget(w *world) {
	w.update(func(tx ledger.Tx) error { return errors.Join(everything(tx, 1), everything(tx, 2)) })
	want := w.snapshot()
	w.update(func(tx ledger.Tx) error { return tx.Forget(guid(1)) })
	want.Files[0], want.Mails[0], want.Blobs[0] = nil, nil, false
	same(w, "the ledger", w.snapshot(), want)
	w.update(func(tx ledger.Tx) error {
		return errors.Join(tx.Forget(guid(1)), tx.PutFile(ledger.File{GUID: guid(1), File: report.File{Name: "a.pdf"}}))
	})
}

func copies() []check {
	return []check{
		{"what was given may be changed afterwards, and what was read too", func(w *world) {
			w.update(func(tx ledger.Tx) error { return everything(tx, 1) })
			r := fullRequest(2)
			row := rowsWithInsides()
			w.update(func(tx ledger.Tx) error { return errors.Join(tx.Insert(r), row.put(tx)) })
			before := tidy(w.snapshot())
			scribble(r)
			row.scribble()
			same(w, "the ledger after what was given was changed", w.snapshot(), before)

			read := w.snapshot()
			scribble(read.Requests[0])
			for i := range read.Journal[1] {
				read.Journal[1][i].Evidence["list"].([]any)[0] = "x"
				read.Journal[1][i].Evidence["more"] = "x"
			}
			insides{
				mail: read.Mails[1][0], catalog: read.Catalog, parked: read.Parked[0],
				account: read.Accounts[1], session: read.Sessions[1],
			}.scribble()
			same(w, "the ledger after what was read was changed", w.snapshot(), before)
		}},
	}
}

// insides are rows that hold memory of their own.
type insides struct {
	entry   report.Entry
	mail    ledger.Mail
	catalog ledger.Catalog
	parked  ledger.Parked
	account ledger.Account
	session ledger.Session
}

func rowsWithInsides() insides {
	i := insides{
		entry: report.Entry{GUID: guid(2), Kind: report.KindFact, Evidence: report.Evidence{"list": []any{"a"}}},
		mail:  filled[ledger.Mail](2), catalog: filled[ledger.Catalog](2), parked: filled[ledger.Parked](2),
		account: filled[ledger.Account](2), session: filled[ledger.Session](2),
	}
	i.mail.GUID, i.mail.State = guid(2), ledger.MailPending
	i.account.Name, i.session.TokenHash = "Işıl 2", "Işıl 2"
	i.session.ExpiresAt = i.session.ExpiresAt.AddDate(1, 0, 0)
	return i
}

func (i insides) put(tx ledger.Tx) error {
	return errors.Join(tx.Append(i.entry), tx.PutMail(i.mail), tx.PutCatalog(i.catalog), tx.Park(i.parked),
		tx.PutAccount(i.account), tx.PutSession(i.session))
}

func (i insides) scribble() {
	if i.entry.Evidence != nil {
		i.entry.Evidence["more"] = "x"
		i.entry.Evidence["list"].([]any)[0] = "x"
	}
	i.mail.Letter[0], i.catalog.Body[0], i.parked.Raw[0], i.session.Data[0] = 'x', 'x', 'x', 'x'
	i.account.Roles[0] = "x"
}

func scribble(r *report.Request) {
	r.Version, r.State = 99, report.Expired
	r.Failure.Code, r.Asked.Parameters[0], r.Asked.Formats[0] = "x", 'x', "x"
	r.Manifest.Files[0].Name, r.Manifest.Sources[0].Name = "x", "x"
}
