package ledgertest

import (
	"time"

	"peyk/internal/backoffice/ledger"
)

func settling() []check {
	return []check{
		{"settled as done it is done", func(w *world) {
			w.bare(1)
			k := key(1, ledger.Submit)
			w.owe(k)
			l := w.take(k)
			w.settle(l, ledger.Settlement{Done: true})
			got := w.task(k)
			if !got.Done || got.Attempts != 1 || got.Unclean != 0 || !got.LeasedTill.IsZero() || got.Worker != "" || got.LastError != "" {
				w.Errorf("settled as done it is %+v", got)
			}
			w.clock.advance(24 * time.Hour)
			w.untaken(k, "it is done")
			w.lost(l)
		}},
		{"settled for later it is due then, with its reason", func(w *world) {
			w.bare(1)
			k := key(1, ledger.Submit)
			w.owe(k)
			for try := 1; try <= 2; try++ {
				l := w.take(k)
				w.settle(l, ledger.Settlement{DueAt: w.now().Add(time.Minute), Error: "sunucu yanıt vermedi"})
				w.lost(l)
				got := w.task(k)
				if got.Done || got.Attempts != try || got.Unclean != 0 || !got.LeasedTill.IsZero() || got.LastError != "sunucu yanıt vermedi" {
					w.Errorf("settled for later it is %+v", got)
				}
				w.clock.advance(time.Minute - time.Microsecond)
				w.untaken(k, "it is not due")
				w.clock.advance(time.Microsecond)
			}
		}},
		{"settled without a time it is due now", func(w *world) {
			w.bare(1)
			k := key(1, ledger.Submit)
			w.owe(k)
			w.settle(w.take(k), ledger.Settlement{})
			same(w, "due", w.task(k).DueAt, w.now())
			w.take(k)
		}},
		{"woken while leased it is due at once, even settled as done", func(w *world) {
			w.bare(1)
			k := key(1, ledger.Track)
			for _, s := range []ledger.Settlement{{Done: true}, {DueAt: w.now().Add(time.Hour)}, {DueAt: w.now().Add(time.Hour), Unclean: true}} {
				w.owe(k)
				l := w.take(k)
				w.wake(k)
				w.untaken(k, "it is leased")
				w.ours(l)
				w.clock.advance(time.Second)
				w.settle(l, s)
				if got := w.task(k); got.Done || !got.DueAt.Equal(w.now()) || got.Attempts != 1 {
					w.Errorf("woken and settled with %+v it is %+v", s, got)
				}
				w.settle(w.take(k), ledger.Settlement{Done: true})
				w.untaken(k, "it was not woken again")
			}
		}},
		{"woken before the lease it is done when settled so", func(w *world) {
			w.bare(1)
			k := key(1, ledger.Track)
			w.owe(k)
			w.wake(k)
			w.settle(w.take(k), ledger.Settlement{Done: true})
			w.untaken(k, "it is done")
		}},
		{"woken by a transaction that was undone it was not woken", func(w *world) {
			w.bare(1)
			k := key(1, ledger.Track)
			w.owe(k)
			l := w.take(k)
			w.refused(errNo, func(tx ledger.Tx) error {
				if err := tx.Wake(k.GUID, k.Kind); err != nil {
					return err
				}
				return errNo
			})
			w.settle(l, ledger.Settlement{Done: true})
			w.untaken(k, "it is done")
		}},
		{"an orderly end forgets the unclean ones, an unclean end does not", func(w *world) {
			w.bare(1)
			k := key(1, ledger.Submit)
			w.owe(k)
			w.settle(w.take(k), ledger.Settlement{Unclean: true})
			w.settle(w.take(k), ledger.Settlement{Unclean: true})
			if got := w.task(k).Unclean; got != 2 {
				w.Errorf("unclean %d after two unclean ends", got)
			}
			w.settle(w.take(k), ledger.Settlement{})
			if got := w.task(k).Unclean; got != 0 {
				w.Errorf("unclean %d after an orderly end", got)
			}
		}},
	}
}
