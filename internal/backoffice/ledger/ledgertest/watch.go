package ledgertest

import (
	"errors"
	"time"

	"peyk/internal/backoffice/ledger"
	"peyk/internal/report"
)

func watch() []check {
	return []check{
		{"what is owed is counted by kind; due is what nobody works on and is due now or before", owedByKind},
		{"failing tasks are open ones whose last try failed, longest owed first", failing},
		{"deliveries are counted in a span, and whether each came as promised", deliveries},
		{"late and told are those neither ended nor stored, earliest promise first", lateTold},
		{"lost letters are those bounced, given up or unconfirmed since, last first", lostMails},
		{"one task is settled by hand, leased or not, and no other", closeTask},
		{"a parked payload is settled once, and keeps who, why and when", resolveParked},
		{"beats are the last ones put, one of each process and part, and are dropped after a day", beats},
	}
}

func owedByKind(w *world) {
	get := func() map[ledger.Kind]ledger.Owed { return read(w, ledger.View.Owed) }
	same(w, "owed of nothing", get(), map[ledger.Kind]ledger.Owed{})
	w.bare(1)
	w.bare(2)
	begin := w.now()
	w.owe(key(1, ledger.Fetch, "a"))
	w.owe(key(1, ledger.Fetch, "b"), w.dueIn(time.Hour))
	w.owe(key(1, ledger.Fetch, "c"), w.dueIn(time.Minute))
	w.owe(key(1, ledger.Track), w.dueIn(time.Hour))
	w.owe(key(1, ledger.Submit))
	w.owe(key(2, ledger.Submit))
	w.owe(key(2, ledger.Purge))
	w.take(key(1, ledger.Submit))
	w.take(key(2, ledger.Purge))
	w.closeTasks(2, ledger.Submit)
	w.owe(key(2, ledger.Announce)) // of a kind of which no task is open
	w.closeTasks(2, ledger.Announce)
	w.clock.advance(time.Minute)
	same(w, "owed", get(), map[ledger.Kind]ledger.Owed{
		ledger.Fetch:  {Open: 3, Due: 2, First: begin},
		ledger.Track:  {Open: 1},
		ledger.Submit: {Open: 1},
		ledger.Purge:  {Open: 1},
	})
}

func failing(w *world) {
	get := func(limit int) []ledger.Task {
		return read(w, func(v ledger.View) ([]ledger.Task, error) { return v.FailingTasks(limit) })
	}
	fails := func(k ledger.Key) {
		w.settle(w.take(k), ledger.Settlement{Error: "röle yanıt vermedi", DueAt: w.now().Add(time.Hour)})
	}
	w.bare(1)
	w.bare(2)
	for _, k := range []ledger.Key{key(2, ledger.Email, "x"), key(1, ledger.Email, "x"), key(1, ledger.Submit)} {
		w.owe(k)
		w.clock.advance(time.Second)
	}
	same(w, "failing before any try", get(0), []ledger.Task(nil))
	fails(key(1, ledger.Email, "x"))
	fails(key(2, ledger.Email, "x"))
	w.settle(w.take(key(1, ledger.Submit)), ledger.Settlement{})
	want := []ledger.Task{w.task(key(2, ledger.Email, "x")), w.task(key(1, ledger.Email, "x"))}
	same(w, "failing", get(0), want)
	same(w, "at most 1", get(1), want[:1])
	w.closeTasks(2, ledger.Email)
	same(w, "once one is closed", get(0), want[1:])
}

func deliveries(w *world) {
	begin := w.now()
	deliver := func(n int, preparing time.Duration, promised time.Duration) {
		r := w.ask(n)
		r.ExpectedBy = time.Time{}
		if promised > 0 {
			r.ExpectedBy = r.AcceptedAt.Add(promised)
		}
		w.stored(r, preparing)
		w.delivered(r)
	}
	deliver(1, time.Minute, time.Minute) // on the very moment
	deliver(2, 2*time.Minute, time.Minute)
	deliver(3, 3*time.Minute, 0)
	middle := w.now()
	w.clock.advance(time.Hour)
	deliver(4, time.Second, time.Minute)
	w.stored(w.ask(5), time.Second) // not delivered yet
	count := func(from, to time.Time) ledger.Deliveries {
		return read(w, func(v ledger.View) (ledger.Deliveries, error) { return v.Deliveries(from, to) })
	}
	took := func(from, to time.Time, limit int) []time.Duration {
		return read(w, func(v ledger.View) ([]time.Duration, error) { return v.Took(from, to, limit) })
	}
	end := w.now().Add(time.Hour)
	same(w, "all", count(begin, end), ledger.Deliveries{Count: 4, Promised: 3, Late: 1})
	same(w, "before the third's moment", count(begin, middle), ledger.Deliveries{Count: 2, Promised: 2, Late: 1})
	same(w, "from the third's moment on", count(middle, end), ledger.Deliveries{Count: 2, Promised: 1})
	same(w, "took", took(begin, end, 0), []time.Duration{time.Second, 3 * time.Minute, 2 * time.Minute, time.Minute})
	same(w, "took, at most 2", took(begin, end, 2), []time.Duration{time.Second, 3 * time.Minute})
	same(w, "took, before the third's moment", took(begin, middle, 0), []time.Duration{2 * time.Minute, time.Minute})
	same(w, "took, from the third's moment on", took(middle, end, 0), []time.Duration{time.Second, 3 * time.Minute})
	same(w, "took, none", took(end, end.Add(time.Hour), 0), []time.Duration(nil))
}

func lateTold(w *world) {
	by := func(d time.Duration) func(*report.Request) {
		return func(r *report.Request) { r.ExpectedBy = w.now().Add(d) }
	}
	told := func(r *report.Request) { r.LateAt = w.now() }
	w.bare(1, by(-time.Minute), told)
	w.bare(2, by(-time.Hour), told)
	w.bare(3, by(-time.Hour)) // not told
	w.bare(4, by(-time.Hour), told, func(r *report.Request) { r.EndedAt, r.State = w.now(), report.Failed })
	r := w.ask(5)
	r.ExpectedBy, r.LateAt = w.now(), w.now()
	w.stored(r, time.Minute)
	get := func(limit int) []string {
		return read(w, func(v ledger.View) ([]string, error) { return v.LateTold(limit) })
	}
	same(w, "late and told", get(0), []string{guid(2), guid(1)})
	same(w, "at most 1", get(1), []string{guid(2)})
}

func lostMails(w *world) {
	begin := w.now()
	var put []ledger.Mail
	for i, s := range []ledger.MailState{
		ledger.MailBounced, ledger.MailSent, ledger.MailGivenUp, ledger.MailUnconfirmed, ledger.MailPending, ledger.MailVoid,
	} {
		w.bare(i + 1)
		m := filled[ledger.Mail](i)
		m.GUID, m.State, m.At = guid(i+1), s, w.now()
		w.update(func(tx ledger.Tx) error { return tx.PutMail(m) })
		put = append(put, kept(m))
		w.clock.advance(time.Minute)
	}
	get := func(since time.Time, limit int) []ledger.Mail {
		return read(w, func(v ledger.View) ([]ledger.Mail, error) { return v.LostMails(since, limit) })
	}
	same(w, "lost", get(begin, 0), []ledger.Mail{put[3], put[2], put[0]})
	same(w, "lost lately", get(put[2].At, 0), []ledger.Mail{put[3], put[2]})
	same(w, "at most 1", get(begin, 1), []ledger.Mail{put[3]})
}

func closeTask(w *world) {
	w.bare(1)
	one, other, track := key(1, ledger.Fetch, "ğ.pdf"), key(1, ledger.Fetch, "b.pdf"), key(1, ledger.Track)
	for _, k := range []ledger.Key{one, other, track} {
		w.owe(k)
	}
	l := w.take(one)
	w.refused(errNo, func(tx ledger.Tx) error { return errors.Join(tx.CloseTask(one), errNo) })
	w.ours(l)
	w.update(func(tx ledger.Tx) error { return tx.CloseTask(one) })
	w.lost(l)
	if w.task(other).Done || w.task(track).Done || !w.task(one).Done {
		w.Errorf("tasks are %+v, %+v, %+v", w.task(one), w.task(other), w.task(track))
	}
	for _, k := range []ledger.Key{one, key(1, ledger.Purge), key(2, ledger.Track)} {
		w.refused(ledger.ErrNotFound, func(tx ledger.Tx) error { return tx.CloseTask(k) })
	}
	w.owe(one)
	if l := w.take(one); l.Unclean != 1 || l.Attempts != 0 {
		w.Errorf("owed again it is %+v", l)
	}
}

func resolveParked(w *world) {
	for i := range 3 {
		w.update(func(tx ledger.Tx) error { return tx.Park(filled[ledger.Parked](i)) })
	}
	list := func() []ledger.Parked {
		return read(w, func(v ledger.View) ([]ledger.Parked, error) { return v.Parked(0) })
	}
	get := func(id int64) ledger.Parked {
		return read(w, func(v ledger.View) (ledger.Parked, error) { return v.ParkedPayload(id) })
	}
	before := list()
	want := before[1]
	same(w, "one", get(want.ID), want)
	w.refused(errNo, func(tx ledger.Tx) error { return errors.Join(tx.ResolveParked(want.ID, "çağrı", "x"), errNo) })
	same(w, "after what was undone", list(), before)
	w.update(func(tx ledger.Tx) error { return tx.ResolveParked(want.ID, "çağrı", "eski sürümün iletisi") })
	want.ResolvedAt, want.ResolvedBy, want.Reason = w.now(), "çağrı", "eski sürümün iletisi"
	same(w, "settled", get(want.ID), want)
	same(w, "still parked", list(), []ledger.Parked{before[0], before[2]})
	w.clock.advance(time.Second)
	w.refused(ledger.ErrConflict, func(tx ledger.Tx) error { return tx.ResolveParked(want.ID, "derya", "y") })
	w.refused(ledger.ErrNotFound, func(tx ledger.Tx) error { return tx.ResolveParked(before[0].ID+7, "derya", "y") })
	same(w, "settled once", get(want.ID), want)
	absent(w, "payload", func(v ledger.View) (ledger.Parked, error) { return v.ParkedPayload(before[0].ID + 7) })
}

func beats(w *world) {
	get := func() []ledger.Beat { return read(w, ledger.View.Beats) }
	same(w, "beats of nobody", get(), []ledger.Beat{})
	put := func(seed int, process, part string) ledger.Beat {
		b := filled[ledger.Beat](seed)
		b.Process, b.Part, b.OK, b.At = process, part, seed%2 == 0, w.now()
		w.update(func(tx ledger.Tx) error { return tx.PutBeat(b) })
		return kept(b)
	}
	put(1, "z-1", "web")
	z := put(2, "z-1", "web")
	w.clock.advance(time.Second)
	b, a := put(3, "a-1", "web"), put(4, "a-1", "trace")
	same(w, "beats", get(), []ledger.Beat{a, b, z})
	w.refused(errNo, func(tx ledger.Tx) error {
		return errors.Join(tx.PutBeat(ledger.Beat{Process: "z-1", Part: "web"}), errNo)
	})
	w.clock.advance(ledger.BeatTime - time.Second)
	w.update(func(tx ledger.Tx) error { return tx.Expire() })
	same(w, "beats after a day", get(), []ledger.Beat{a, b, z})
	w.clock.advance(time.Microsecond)
	w.update(func(tx ledger.Tx) error { return tx.Expire() })
	same(w, "beats after more than a day", get(), []ledger.Beat{a, b})
}
