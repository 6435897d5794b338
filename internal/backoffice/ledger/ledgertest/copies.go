package ledgertest

import (
	"errors"

	"peyk/internal/backoffice/ledger"
	"peyk/internal/report"
)

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
	i.account.Roles[0], i.account.NoMail[0], i.account.NoPopup[0] = "x", "x", "x"
}

func scribble(r *report.Request) {
	r.Version, r.State = 99, report.Expired
	r.Failure.Code, r.Asked.Parameters[0], r.Asked.Formats[0] = "x", 'x', "x"
	r.Manifest.Files[0].Name, r.Manifest.Sources[0].Name = "x", "x"
}
