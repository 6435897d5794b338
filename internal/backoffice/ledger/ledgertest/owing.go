package ledgertest

import (
	"time"

	"peyk/internal/backoffice/ledger"
)

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
