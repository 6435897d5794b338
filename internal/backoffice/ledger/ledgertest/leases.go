package ledgertest

import (
	"fmt"
	"time"

	"peyk/internal/backoffice/ledger"
)

func leases() []check {
	return []check{
		{"a lease says who holds the task, till when, and is what the task says", func(w *world) {
			w.bare(1)
			k := key(1, ledger.Submit)
			w.owe(k)
			l := w.take(k)
			if l.Worker != "işçi" || !l.LeasedTill.Equal(w.now().Add(leaseTime)) || l.Fence <= 0 || l.Unclean != 1 || l.Alone {
				w.Errorf("leased as %+v", l)
			}
			same(w, "task", w.task(k), l.Task)
		}},
		{"a leased task is nobody else's until the lease has run out", func(w *world) {
			w.bare(1)
			k := key(1, ledger.Submit)
			w.owe(k)
			w.take(k)
			w.clock.advance(leaseTime - time.Microsecond)
			w.untaken(k, "it is leased")
			w.clock.advance(time.Microsecond)
			w.take(k)
		}},
		{"a lease run out and taken by another is lost to the first", func(w *world) {
			w.bare(1)
			k := key(1, ledger.Submit)
			w.owe(k)
			first := w.take(k)
			w.clock.advance(leaseTime)
			second := w.take(k)
			w.lost(first)
			w.ours(second)
		}},
		{"a lease run out is still ours while nobody took it", func(w *world) {
			w.bare(1)
			k := key(1, ledger.Submit)
			w.owe(k)
			l := w.take(k)
			w.clock.advance(time.Hour)
			w.ours(l)
			w.update(func(tx ledger.Tx) error { return tx.Extend(l, leaseTime) })
			w.untaken(k, "it is extended")
			w.clock.advance(time.Hour)
			w.settle(l, ledger.Settlement{Done: true})
			w.untaken(k, "it is done")
		}},
		{"extending counts from now, not from the end", func(w *world) {
			w.bare(1)
			k := key(1, ledger.Submit)
			w.owe(k)
			l := w.take(k)
			w.clock.advance(10 * time.Second)
			w.update(func(tx ledger.Tx) error { return tx.Extend(l, leaseTime) })
			same(w, "leased till", w.task(k).LeasedTill, w.now().Add(leaseTime))
			w.ours(l)
		}},
		{"only what is due is leased, also by its key", func(w *world) {
			w.bare(1)
			k := key(1, ledger.Track)
			w.owe(k, w.dueIn(time.Minute))
			w.clock.advance(time.Minute - time.Microsecond)
			w.untaken(k, "it is not due")
			w.clock.advance(time.Microsecond)
			w.take(k)
		}},
		{"leased by kinds, the oldest due come first, then by key, up to the limit", byKinds},
		{"leased by key, with a subject that one, without any of the kind", byKeys},
		{"fences rise over the whole ledger", func(w *world) {
			var last int64
			for n := 1; n <= 3; n++ {
				w.bare(n)
				for _, k := range []ledger.Key{key(n, ledger.Submit), key(n, ledger.Email, "ümit")} {
					w.owe(k)
					l := w.take(k)
					if l.Fence <= last {
						w.Errorf("fence %d after %d", l.Fence, last)
					}
					last = l.Fence
					w.settle(l, ledger.Settlement{Done: true})
				}
			}
		}},
		{"what is kept outlasts a restart, and no fence is used again", outlast},
	}
}

func byKinds(w *world) {
	for n := 1; n <= 3; n++ {
		w.bare(n)
	}
	w.owe(key(3, ledger.Submit), w.dueIn(-3*time.Second))
	w.owe(key(2, ledger.Track), w.dueIn(-2*time.Second))
	w.owe(key(1, ledger.Submit), w.dueIn(-time.Second))
	w.owe(key(1, ledger.Fetch, "b"))
	w.owe(key(1, ledger.Fetch, "a"))
	w.owe(key(1, ledger.Email, "a"))
	w.owe(key(1, ledger.Announce))
	kinds := []ledger.Kind{ledger.Track, ledger.Submit, ledger.Fetch, ledger.Email}
	same(w, "first two", keysOf(w.lease(2, kinds...)), []ledger.Key{key(3, ledger.Submit), key(2, ledger.Track)})
	same(w, "with no limit one", keysOf(w.lease(0, kinds...)), []ledger.Key{key(1, ledger.Submit)})
	same(w, "the rest", keysOf(w.lease(9, kinds...)), []ledger.Key{key(1, ledger.Email, "a"), key(1, ledger.Fetch, "a"), key(1, ledger.Fetch, "b")})
	same(w, "nothing more", keysOf(w.lease(9, kinds...)), []ledger.Key(nil))
	same(w, "of no kind", keysOf(w.lease(9)), []ledger.Key(nil))
	w.clock.advance(leaseTime)
	same(w, "run out", keysOf(w.lease(2, kinds...)), []ledger.Key{key(3, ledger.Submit), key(2, ledger.Track)})
}

func byKeys(w *world) {
	w.bare(1)
	w.bare(2)
	w.owe(key(1, ledger.Fetch, "b"), w.dueIn(-time.Second))
	w.owe(key(1, ledger.Fetch, "a"))
	w.owe(key(1, ledger.Fetch, "c"))
	w.owe(key(1, ledger.Fetch, "later"), w.dueIn(time.Second))
	w.owe(key(2, ledger.Fetch, "a"), w.dueIn(-time.Hour))
	w.owe(key(1, ledger.Track), w.dueIn(-time.Hour))
	same(w, "the one named", keysOf(w.leaseKey(key(1, ledger.Fetch, "a"), 5)), []ledger.Key{key(1, ledger.Fetch, "a")})
	same(w, "any, with no limit one", keysOf(w.leaseKey(key(1, ledger.Fetch), 0)), []ledger.Key{key(1, ledger.Fetch, "b")})
	same(w, "any", keysOf(w.leaseKey(key(1, ledger.Fetch), 5)), []ledger.Key{key(1, ledger.Fetch, "c")})
	same(w, "of a request nobody has", keysOf(w.leaseKey(key(9, ledger.Fetch), 5)), []ledger.Key(nil))
	same(w, "one that is not owed", keysOf(w.leaseKey(key(1, ledger.Submit), 5)), []ledger.Key(nil))
}

func outlast(w *world) {
	re, ok := w.ledger.(Reopener)
	if !ok {
		w.Skip("this ledger lasts as long as its process")
	}
	var last int64
	for n := 1; n <= 3; n++ {
		w.update(func(tx ledger.Tx) error { return everything(tx, n) })
		k := key(n, ledger.Submit)
		l := w.take(k)
		if l.Fence <= last {
			w.Errorf("fence %d after a restart, %d before", l.Fence, last)
		}
		last = l.Fence
		before := w.snapshot()
		w.ledger = re.Reopen(w.T)
		same(w, fmt.Sprintf("the ledger after restart %d", n), w.snapshot(), before)
		w.ours(l)
		w.closeTasks(n, ledger.Submit)
		if re, ok = w.ledger.(Reopener); !ok {
			w.Fatal("the reopened ledger is no Reopener")
		}
	}
}
