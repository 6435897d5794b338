package ledgertest

import (
	"errors"
	"fmt"
	"time"

	"peyk/internal/backoffice/ledger"
	"peyk/internal/report"
)

func journals() []check {
	return []check{
		{"the journal numbers each request's rows from 1 and dates them itself", func(w *world) {
			w.bare(1)
			w.bare(2)
			entry := func(n int) report.Entry {
				e := report.Entry{GUID: guid(n), Role: report.Gateway, Kind: report.KindFact, Name: "duyuldu", Step: report.StepHeard, Version: 1, Generation: 1}
				e.Seq, e.At = 99, w.now().Add(-time.Hour)
				return e
			}
			var want []report.Entry
			for i := range 3 {
				w.clock.advance(time.Second)
				w.update(func(tx ledger.Tx) error { return errors.Join(tx.Append(entry(1)), tx.Append(entry(2))) })
				w.refused(errNo, func(tx ledger.Tx) error { return errors.Join(tx.Append(entry(1)), errNo) })
				e := entry(1)
				e.Seq, e.At = int64(i)+1, w.now()
				want = append(want, e)
			}
			same(w, "journal", read(w, func(v ledger.View) ([]report.Entry, error) { return v.Journal(guid(1)) }), want)
		}},
		{"evidence comes back as JSON reads it", func(w *world) {
			w.bare(1)
			w.update(func(tx ledger.Tx) error {
				return tx.Append(report.Entry{
					GUID: guid(1), Kind: report.KindMove, Role: report.Trigger, Name: "X", From: report.Accepted, To: report.Submitting,
					Evidence: report.Evidence{
						"status": 202, "digest": "ığ<>&", "again": true, "share": 0.5, "seq": int64(1) << 40, "none": nil,
						"list": []string{"a", "ş"}, "deep": map[string]any{"n": 1}, "state": report.Ready,
					},
				})
			})
			journal := read(w, func(v ledger.View) ([]report.Entry, error) { return v.Journal(guid(1)) })
			same(w, "evidence", journal[0].Evidence, report.Evidence{
				"status": 202.0, "digest": "ığ<>&", "again": true, "share": 0.5, "seq": float64(int64(1) << 40), "none": nil,
				"list": []any{"a", "ş"}, "deep": map[string]any{"n": 1.0}, "state": "READY",
			})
		}},
		{"the journal of a request nobody knows is empty", func(w *world) {
			same(w, "journal", read(w, func(v ledger.View) ([]report.Entry, error) { return v.Journal(guid(1)) }), []report.Entry(nil))
		}},
	}
}

func moves() []check {
	return []check{
		{"a move writes the request, its journal row and its tasks, and closes those left", func(w *world) {
			r := w.ask(1)
			w.stored(r, time.Minute)
			open := func() (out []ledger.Kind) {
				for _, t := range read(w, func(v ledger.View) ([]ledger.Task, error) { return v.Tasks(guid(1)) }) {
					if !t.Done {
						out = append(out, t.Kind)
					}
				}
				return out
			}
			same(w, "open tasks of STORED", open(), []ledger.Kind{ledger.Announce})
			w.delivered(r)
			same(w, "open tasks of DELIVERED", open(), []ledger.Kind{ledger.ProviderDelete, ledger.Purge})
			same(w, "request", w.request(1), kept(r))
			var path []string
			for _, e := range read(w, func(v ledger.View) ([]report.Entry, error) { return v.Journal(guid(1)) }) {
				path = append(path, fmt.Sprintf("%d %s %s>%s v%d", e.Seq, e.Role, e.From, e.To, e.Version))
			}
			same(w, "journal", path, []string{
				"1 trigger >ACCEPTED v1", "2 gateway ACCEPTED>SUBMITTING v2", "3 gateway SUBMITTING>PREPARING v3",
				"4 gateway PREPARING>READY v4", "5 gateway READY>STORED v5", "6 trace STORED>DELIVERED v6",
			})
		}},
		{"a move that lost the race leaves no trace", func(w *world) {
			r := w.ask(1)
			late := *r
			w.move(r, func(at time.Time) (report.Move, error) { return r.Cancel(owner, "vazgeçtim", at) })
			before := w.snapshot()
			m, err := late.Submit(w.now(), nil)
			if err != nil {
				w.Fatal(err)
			}
			w.refused(ledger.ErrConflict, func(tx ledger.Tx) error { return ledger.Move(tx, &late, m) })
			same(w, "the ledger", w.snapshot(), before)
		}},
	}
}
