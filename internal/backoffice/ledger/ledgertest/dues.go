package ledgertest

import (
	"time"

	"peyk/internal/backoffice/ledger"
	"peyk/internal/report"
)

func dues() []check {
	return []check{
		{"the next due is the earliest, over open tasks of the kinds, of due time and lease end", nextDue},
		{"open tasks are counted by kind, leased and parked ones too", func(w *world) {
			count := func() map[ledger.Kind]int {
				return read(w, func(v ledger.View) (map[ledger.Kind]int, error) { return v.OpenTasks() })
			}
			same(w, "counts of nothing", count(), map[ledger.Kind]int{})
			w.bare(1)
			w.owe(key(1, ledger.Fetch, "a"))
			w.owe(key(1, ledger.Fetch, "b"), w.dueIn(time.Hour))
			w.owe(key(1, ledger.Track))
			w.owe(key(1, ledger.Submit))
			w.take(key(1, ledger.Fetch, "a"))
			w.closeTasks(1, ledger.Submit)
			same(w, "counts", count(), map[ledger.Kind]int{ledger.Fetch: 2, ledger.Track: 1})
		}},
	}
}

func nextDue(w *world) {
	type next struct {
		At time.Time
		Ok bool
	}
	get := func(kinds ...ledger.Kind) next {
		return read(w, func(v ledger.View) (n next, err error) {
			n.At, n.Ok, err = v.NextDue(kinds)
			return n, err
		})
	}
	w.bare(1)
	w.bare(2, func(r *report.Request) { r.State = report.Ready })
	same(w, "next of nothing", get(ledger.Submit), next{})
	start := w.now()
	w.owe(key(1, ledger.Track), w.dueIn(time.Hour))
	w.owe(key(2, ledger.Track), w.dueIn(2*time.Hour))
	w.owe(key(1, ledger.Submit))
	same(w, "next TRACK", get(ledger.Track), next{start.Add(time.Hour), true})
	same(w, "next of both", get(ledger.Track, ledger.Submit), next{start, true})
	same(w, "next FETCH", get(ledger.Fetch), next{})
	l := w.take(key(1, ledger.Submit))
	same(w, "next while leased", get(ledger.Track, ledger.Submit), next{start.Add(leaseTime), true})
	w.update(func(tx ledger.Tx) error { return tx.Extend(l, 90*time.Minute) })
	same(w, "next while leased for longer", get(ledger.Track, ledger.Submit), next{start.Add(time.Hour), true})
	w.clock.advance(95 * time.Minute)
	same(w, "next with a lease run out", get(ledger.Submit), next{start.Add(90 * time.Minute), true})
	w.settle(l, ledger.Settlement{Done: true})
	same(w, "next SUBMIT when done", get(ledger.Submit), next{})
}
