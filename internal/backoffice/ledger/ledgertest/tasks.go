package ledgertest

import (
	"time"

	"peyk/internal/backoffice/ledger"
	"peyk/internal/report"
)

// key names a task of the n-th request.
func key(n int, k ledger.Kind, subject ...string) ledger.Key {
	out := ledger.Key{GUID: guid(n), Kind: k}
	if len(subject) > 0 {
		out.Subject = subject[0]
	}
	return out
}

func (w *world) owe(k ledger.Key, change ...func(*ledger.Task)) {
	w.Helper()
	t := ledger.Task{Key: k, Generation: 1}
	for _, c := range change {
		c(&t)
	}
	w.update(func(tx ledger.Tx) error { return tx.Owe(t) })
}

// dueIn makes a task due so much later than now.
func (w *world) dueIn(d time.Duration) func(*ledger.Task) {
	return func(t *ledger.Task) { t.DueAt = w.now().Add(d) }
}

func generation(g int) func(*ledger.Task) { return func(t *ledger.Task) { t.Generation = g } }

func (w *world) task(k ledger.Key) ledger.Task {
	w.Helper()
	return read(w, func(v ledger.View) (ledger.Task, error) { return v.Task(k) })
}

func (w *world) wake(k ledger.Key) {
	w.Helper()
	w.update(func(tx ledger.Tx) error { return tx.Wake(k.GUID, k.Kind) })
}

func (w *world) closeTasks(n int, kinds ...ledger.Kind) {
	w.Helper()
	w.update(func(tx ledger.Tx) error { return tx.Close(guid(n), kinds...) })
}

// leaseTime is how long leases of this suite last.
const leaseTime = 30 * time.Second

func (w *world) lease(limit int, kinds ...ledger.Kind) []ledger.Lease {
	w.Helper()
	return write(w, func(tx ledger.Tx) ([]ledger.Lease, error) {
		return tx.Lease(ledger.Wanted{Kinds: kinds, Limit: limit, Worker: "işçi", For: leaseTime})
	})
}

func (w *world) leaseKey(k ledger.Key, limit int) []ledger.Lease {
	w.Helper()
	return write(w, func(tx ledger.Tx) ([]ledger.Lease, error) {
		return tx.Lease(ledger.Wanted{Key: k, Limit: limit, Worker: "işçi", For: leaseTime})
	})
}

// take leases the task and nothing else.
func (w *world) take(k ledger.Key) ledger.Lease {
	w.Helper()
	got := w.leaseKey(k, 1)
	if len(got) != 1 || got[0].Key != k {
		w.Fatalf("leased %+v, want %+v", got, k)
	}
	return got[0]
}

// untaken expects that the task cannot be leased now.
func (w *world) untaken(k ledger.Key, why string) {
	w.Helper()
	if got := append(w.leaseKey(k, 1), w.lease(100, k.Kind)...); len(got) > 0 {
		w.Fatalf("%s, but it was leased: %+v", why, got)
	}
}

func (w *world) settle(l ledger.Lease, s ledger.Settlement) {
	w.Helper()
	w.update(func(tx ledger.Tx) error { return tx.Settle(l, s) })
}

func (w *world) ours(l ledger.Lease) {
	w.Helper()
	w.update(func(tx ledger.Tx) error { return tx.Guard(l) })
}

// lost expects every call on the lease to be refused and to change nothing.
func (w *world) lost(l ledger.Lease) {
	w.Helper()
	before := w.task(l.Key)
	w.refused(ledger.ErrLost, func(tx ledger.Tx) error { return tx.Guard(l) })
	w.refused(ledger.ErrLost, func(tx ledger.Tx) error { return tx.Extend(l, time.Hour) })
	w.refused(ledger.ErrLost, func(tx ledger.Tx) error { return tx.Settle(l, ledger.Settlement{Done: true}) })
	same(w, "task", w.task(l.Key), before)
}

func keysOf(leases []ledger.Lease) (out []ledger.Key) {
	for _, l := range leases {
		out = append(out, l.Key)
	}
	return out
}

func owing() []check {
	return []check{
		{"a task comes back as it was owed, and of what else was given nothing", func(w *world) {
			w.bare(1)
			given := filled[ledger.Task](1)
			given.Key, given.Done = key(1, ledger.Fetch, "şubat raporu.pdf"), false
			w.update(func(tx ledger.Tx) error { return tx.Owe(given) })
			same(w, "task", w.task(given.Key), kept(ledger.Task{Key: given.Key, Generation: given.Generation, DueAt: given.DueAt, CreatedAt: w.now()}))
		}},
		{"a task owed without a time is due now", func(w *world) {
			w.bare(1)
			w.owe(key(1, ledger.Submit))
			same(w, "due", w.task(key(1, ledger.Submit)).DueAt, w.now())
		}},
		{"a task nobody owes is not found", func(w *world) {
			w.bare(1)
			w.owe(key(1, ledger.Fetch, "a.pdf"))
			for _, k := range []ledger.Key{key(1, ledger.Fetch, "b.pdf"), key(1, ledger.Fetch), key(1, ledger.Track), key(2, ledger.Fetch, "a.pdf")} {
				absent(w, "task", func(v ledger.View) (ledger.Task, error) { return v.Task(k) })
			}
		}},
		{"owing an open task again raises its generation and wakes it", owedTwice},
		{"owing a leased task again leaves it leased, and due once that ends", func(w *world) {
			w.bare(1)
			k := key(1, ledger.ProviderDelete)
			w.owe(k)
			l := w.take(k)
			w.owe(k, generation(2), w.dueIn(time.Hour))
			w.ours(l)
			w.settle(l, ledger.Settlement{Done: true})
			if again := w.take(k); again.Generation != 2 {
				w.Errorf("due again for generation %d, want 2", again.Generation)
			}
		}},
		{"owing a done task opens it again, fresh, when it was owed for", owedAfresh},
		{"closing settles the open tasks of the kinds, leased or not", closing},
		{"closing no kind closes nothing", func(w *world) {
			w.bare(1)
			w.owe(key(1, ledger.Submit))
			w.closeTasks(1)
			w.take(key(1, ledger.Submit))
		}},
		{"waking makes every open task of the kind due at once, and no other", waking},
		{"waking what is due already does not take it to the back", func(w *world) {
			w.bare(1)
			w.bare(2)
			w.owe(key(2, ledger.Track))
			w.clock.advance(time.Second)
			w.owe(key(1, ledger.Track))
			w.clock.advance(time.Second)
			w.wake(key(2, ledger.Track))
			same(w, "order", keysOf(w.lease(2, ledger.Track)), []ledger.Key{key(2, ledger.Track), key(1, ledger.Track)})
		}},
		{"waking what is not there, or done, does nothing", func(w *world) {
			w.bare(1)
			w.owe(key(1, ledger.Track))
			w.closeTasks(1, ledger.Track)
			before := w.task(key(1, ledger.Track))
			w.wake(key(1, ledger.Track))
			w.wake(key(1, ledger.Submit))
			w.wake(key(7, ledger.Submit))
			same(w, "task", w.task(key(1, ledger.Track)), before)
			w.untaken(key(1, ledger.Track), "it is done")
		}},
		{"a request's tasks are listed by kind and subject, done ones too", func(w *world) {
			w.bare(1)
			w.bare(2)
			for _, k := range []ledger.Key{key(1, ledger.Submit), key(1, ledger.Fetch, "ş"), key(2, ledger.Fetch), key(1, ledger.Fetch, "b"), key(1, ledger.Fetch, "Z"), key(1, ledger.Announce)} {
				w.owe(k)
			}
			w.closeTasks(1, ledger.Announce)
			var got []ledger.Key
			for _, t := range read(w, func(v ledger.View) ([]ledger.Task, error) { return v.Tasks(guid(1)) }) {
				got = append(got, t.Key)
			}
			same(w, "tasks", got, []ledger.Key{key(1, ledger.Announce), key(1, ledger.Fetch, "Z"), key(1, ledger.Fetch, "b"), key(1, ledger.Fetch, "ş"), key(1, ledger.Submit)})
		}},
	}
}

func owedTwice(w *world) {
	w.bare(1)
	k := key(1, ledger.ProviderDelete)
	w.owe(k, generation(2), w.dueIn(time.Hour))
	first := w.task(k)
	w.clock.advance(time.Second)
	w.owe(k, generation(3), w.dueIn(2*time.Hour))
	got := w.task(k)
	if got.Generation != 3 || !got.DueAt.Equal(w.now()) || got.Wakes <= first.Wakes {
		w.Errorf("owed again it is %+v; want generation 3, due now, more wakes than %d", got, first.Wakes)
	}
	w.owe(k, generation(1))
	if got := w.task(k).Generation; got != 3 {
		w.Errorf("owed for an earlier generation it is of generation %d, want still 3", got)
	}
	l := w.take(k)
	w.settle(l, ledger.Settlement{Error: "olmadı"})
	w.owe(k)
	if got := w.task(k).Attempts; got != 0 {
		w.Errorf("owed again it has %d attempts, want none yet", got)
	}
}

func owedAfresh(w *world) {
	w.bare(1)
	k := key(1, ledger.Submit)
	w.owe(k, generation(2))
	first := w.take(k)
	w.settle(first, ledger.Settlement{DueAt: w.now(), Error: "olmadı", Unclean: true})
	second := w.take(k)
	w.closeTasks(1, ledger.Submit)
	wakes := w.task(k).Wakes
	w.owe(k, generation(3), w.dueIn(time.Minute))

	w.lost(second)
	got := w.task(k)
	if got.Done || got.Generation != 3 || got.Attempts != 0 || got.Unclean != 0 || got.LastError != "" || got.Worker != "" ||
		!got.LeasedTill.IsZero() || !got.DueAt.Equal(w.now().Add(time.Minute)) || got.Wakes <= wakes {
		w.Errorf("opened again it is %+v", got)
	}
	w.untaken(k, "it is owed for a minute later")
	w.clock.advance(time.Minute)
	if third := w.take(k); third.Fence <= second.Fence {
		w.Errorf("fence %d after %d", third.Fence, second.Fence)
	}
}

func closing(w *world) {
	w.bare(1)
	w.bare(2)
	for _, k := range []ledger.Key{key(1, ledger.Fetch, "a"), key(1, ledger.Fetch, "b"), key(1, ledger.Track), key(1, ledger.Purge), key(2, ledger.Fetch, "a")} {
		w.owe(k)
	}
	l := w.take(key(1, ledger.Fetch, "b"))
	w.closeTasks(1, ledger.Fetch, ledger.Track)
	w.lost(l)
	for _, k := range []ledger.Key{key(1, ledger.Fetch, "a"), key(1, ledger.Fetch, "b"), key(1, ledger.Track)} {
		if got := w.task(k); !got.Done || !got.LeasedTill.IsZero() {
			w.Errorf("closed it is %+v", got)
		}
	}
	w.clock.advance(time.Hour)
	all := w.lease(10, ledger.Fetch, ledger.Track, ledger.Purge)
	same(w, "still owed", keysOf(all), []ledger.Key{key(1, ledger.Purge), key(2, ledger.Fetch, "a")})
}

func waking(w *world) {
	w.bare(1)
	w.bare(2)
	for _, k := range []ledger.Key{key(1, ledger.Fetch, "a"), key(1, ledger.Fetch, "b"), key(1, ledger.Track), key(2, ledger.Fetch, "a")} {
		w.owe(k, w.dueIn(time.Hour))
	}
	w.wake(key(1, ledger.Fetch))
	got := w.lease(10, ledger.Fetch, ledger.Track)
	same(w, "due", keysOf(got), []ledger.Key{key(1, ledger.Fetch, "a"), key(1, ledger.Fetch, "b")})
}

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
