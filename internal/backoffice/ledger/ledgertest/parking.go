package ledgertest

import (
	"time"

	"peyk/internal/backoffice/ledger"
)

func parking() []check {
	return []check{
		{"a task whose leases never end orderly is parked when it is found once more", parked},
		{"a parked task is tried alone after its rest, again and again", alone},
		{"an orderly end takes a task out of parking", func(w *world) {
			k := w.killer(1)
			w.untaken(k, "it is parked")
			w.clock.advance(ledger.ParkedRest(ledger.ParkAfter))
			w.settle(w.take(k), ledger.Settlement{Error: "bu kez yalnızca olmadı"})
			if got := w.task(k); got.Unclean != 0 || !got.ParkedAt.IsZero() {
				w.Errorf("after an orderly end it is %+v", got)
			}
			if again := w.take(k); again.Alone {
				w.Error("it is still tried alone")
			}
		}},
		{"waking or owing again does not shorten the rest", func(w *world) {
			k := w.killer(1)
			w.untaken(k, "it is parked")
			w.clock.advance(ledger.ParkedRest(ledger.ParkAfter) - time.Microsecond)
			w.wake(k)
			w.owe(k, generation(2))
			w.untaken(k, "it rests")
			w.clock.advance(time.Microsecond)
			if l := w.take(k); !l.Alone || l.Generation != 2 {
				w.Errorf("leased as %+v, want alone for generation 2", l)
			}
		}},
		{"an unclean end leaves a parked task to its rest, woken or not", func(w *world) {
			k := w.killer(1)
			w.untaken(k, "it is parked")
			w.clock.advance(ledger.ParkedRest(ledger.ParkAfter))
			l := w.take(k)
			w.wake(k)
			w.clock.advance(time.Second)
			w.settle(l, ledger.Settlement{Unclean: true})
			w.untaken(k, "it rests")
			w.clock.advance(ledger.ParkedRest(l.Unclean) - time.Second)
			if again := w.take(k); !again.Alone {
				w.Error("it is not tried alone")
			}
		}},
		{"a parked task takes nobody's place", func(w *world) {
			k := w.killer(1)
			w.bare(2)
			w.owe(key(2, k.Kind))
			same(w, "leased", keysOf(w.lease(1, k.Kind)), []ledger.Key{key(2, k.Kind)})
			if w.task(k).ParkedAt.IsZero() {
				w.Error("it was not parked")
			}
		}},
		{"closed and owed again it is fresh", func(w *world) {
			k := w.killer(1)
			w.untaken(k, "it is parked")
			w.closeTasks(1, k.Kind)
			same(w, "parked tasks", w.parkedTasks(0), []ledger.Task(nil))
			w.owe(k)
			if l := w.take(k); l.Alone || l.Unclean != 1 || !l.ParkedAt.IsZero() {
				w.Errorf("leased as %+v", l)
			}
		}},
		{"parked tasks are shown, longest parked first", func(w *world) {
			second, first := w.killer(2), w.killer(1)
			w.untaken(first, "both are parked")
			third := key(3, ledger.Fetch, "a")
			w.bare(3)
			w.wearOut(third)
			w.untaken(third, "it is parked")
			var got []ledger.Key
			for _, t := range w.parkedTasks(0) {
				got = append(got, t.Key)
			}
			same(w, "parked", got, []ledger.Key{first, second, third})
			same(w, "at most 1", w.parkedTasks(1), []ledger.Task{w.task(first)})
		}},
	}
}

// killer owes a task of the n-th request that ended no lease orderly, as often
// as is allowed, and whose last lease has run out.
func (w *world) killer(n int) ledger.Key {
	w.Helper()
	w.bare(n)
	k := key(n, ledger.Submit)
	w.wearOut(k)
	return k
}

func (w *world) wearOut(k ledger.Key) {
	w.Helper()
	w.owe(k)
	for i := 1; i <= ledger.ParkAfter; i++ {
		if l := w.take(k); l.Alone || l.Unclean != i {
			w.Fatalf("lease %d is %+v", i, l)
		}
		w.clock.advance(leaseTime)
	}
}

func (w *world) parkedTasks(limit int) []ledger.Task {
	w.Helper()
	return read(w, func(v ledger.View) ([]ledger.Task, error) { return v.ParkedTasks(limit) })
}

func parked(w *world) {
	k := w.killer(1)
	same(w, "parked before it is found", w.parkedTasks(0), []ledger.Task(nil))
	w.untaken(k, "it is parked instead")
	got := w.task(k)
	if !got.ParkedAt.Equal(w.now()) || !got.DueAt.Equal(w.now().Add(ledger.ParkedRest(ledger.ParkAfter))) || got.Unclean != ledger.ParkAfter || got.Done {
		w.Errorf("parked it is %+v", got)
	}
	same(w, "parked", w.parkedTasks(0), []ledger.Task{got})
	next := read(w, func(v ledger.View) (time.Time, error) {
		at, _, err := v.NextDue([]ledger.Kind{k.Kind})
		return at, err
	})
	same(w, "next due", next, w.now().Add(ledger.ParkedRest(ledger.ParkAfter)))
	w.clock.advance(ledger.ParkedRest(ledger.ParkAfter) - time.Microsecond)
	w.untaken(k, "it rests")
}

func alone(w *world) {
	k := w.killer(1)
	w.untaken(k, "it is parked")
	w.clock.advance(ledger.ParkedRest(ledger.ParkAfter))
	for range 4 { // the first soon, the later ones each hour
		l := w.take(k)
		if !l.Alone {
			w.Fatalf("leased as %+v, want alone", l)
		}
		same(w, "parked while it is tried", w.parkedTasks(0), []ledger.Task{w.task(k)})
		w.clock.advance(leaseTime)
		w.untaken(k, "it rests again")
		w.clock.advance(ledger.ParkedRest(l.Unclean) - leaseTime) // the rest began with the lease
	}
}
