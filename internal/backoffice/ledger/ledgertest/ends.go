package ledgertest

import (
	"errors"
	"time"

	"peyk/internal/backoffice/ledger"
	"peyk/internal/report"
)

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
	want.Files[0], want.Progress[0], want.Mails[0], want.Blobs[0] = nil, nil, nil, false
	same(w, "the ledger", w.snapshot(), want)
	w.update(func(tx ledger.Tx) error {
		return errors.Join(tx.Forget(guid(1)), tx.PutFile(ledger.File{GUID: guid(1), File: report.File{Name: "a.pdf"}}))
	})
}
