package ledgertest

import (
	"time"

	"peyk/internal/backoffice/ledger"
	"peyk/internal/report"
)

func lists() []check {
	return []check{
		{"overdue are those whose deadline is reached, earliest first", overdue},
		{"late are those not ended, promised for now or before, and not told yet", late},
		{"durations are of ended requests of the type, from ACCEPTED to STORED, last ended first", durations},
	}
}

func overdue(w *world) {
	at := func(by time.Duration, s report.State) func(*report.Request) {
		return func(r *report.Request) { r.Deadline, r.State = w.now().Add(by), s }
	}
	w.bare(1, at(time.Microsecond, report.Accepted)) // not yet
	w.bare(2, at(0, report.Accepted))                // this very moment
	w.bare(3, at(-time.Hour, report.Ready))
	w.bare(4, at(-time.Minute, report.Accepted))
	w.bare(5) // no deadline
	w.bare(6, at(-time.Hour, report.Stored))
	w.bare(7, at(-time.Hour, report.Accepted)) // as early as 3: by GUID

	get := func(limit int, states ...report.State) []string {
		return read(w, func(v ledger.View) ([]string, error) { return v.Overdue(states, limit) })
	}
	same(w, "overdue", get(0, report.Accepted, report.Ready), []string{guid(3), guid(7), guid(4), guid(2)})
	same(w, "overdue, at most 2", get(2, report.Accepted, report.Ready), []string{guid(3), guid(7)})
	same(w, "overdue in any state", get(0), []string{guid(3), guid(6), guid(7), guid(4), guid(2)})
	same(w, "overdue in PREPARING", get(0, report.Preparing), []string(nil))

	r := w.request(3)
	r.Version, r.Deadline = 2, time.Time{}
	w.update(func(tx ledger.Tx) error { return tx.Save(r, 1) })
	w.clock.advance(time.Microsecond)
	same(w, "overdue a moment later, without 3", get(0, report.Accepted, report.Ready), []string{guid(7), guid(4), guid(2), guid(1)})
}

func late(w *world) {
	by := func(d time.Duration) func(*report.Request) {
		return func(r *report.Request) { r.ExpectedBy = w.now().Add(d) }
	}
	w.bare(1, by(0))
	w.bare(2, by(time.Microsecond)) // not yet
	w.bare(3, by(-time.Hour))
	w.bare(4)                                                                                            // no promise
	w.bare(5, by(-time.Hour), func(r *report.Request) { r.LateAt = w.now() })                            // told
	w.bare(6, by(-time.Hour), func(r *report.Request) { r.EndedAt, r.State = w.now(), report.Declined }) // over
	w.bare(7, by(-time.Minute))
	get := func(limit int) []string {
		return read(w, func(v ledger.View) ([]string, error) { return v.Late(limit) })
	}
	same(w, "late", get(0), []string{guid(3), guid(7), guid(1)})
	same(w, "late, at most 1", get(1), []string{guid(3)})

	r := w.request(3)
	r.LateAt = w.now()
	w.update(func(tx ledger.Tx) error { return tx.Save(r, r.Version) })
	same(w, "late, once 3 is told", get(0), []string{guid(7), guid(1)})
}

// stored takes the request to STORED, preparing for so long.
func (w *world) stored(r *report.Request, preparing time.Duration) {
	w.Helper()
	w.move(r, func(at time.Time) (report.Move, error) { return r.Submit(at, nil) })
	w.move(r, func(at time.Time) (report.Move, error) { return r.Prepare(at, nil) })
	w.clock.advance(preparing)
	manifest := report.Manifest{Files: []report.File{{Name: "rapor.pdf", Rows: 7}}}
	w.move(r, func(at time.Time) (report.Move, error) { return r.Found(manifest, time.Time{}, at, nil) })
	w.move(r, func(at time.Time) (report.Move, error) { return r.Store(at, nil) })
}

func (w *world) delivered(r *report.Request) {
	w.Helper()
	r.Announced(w.now())
	w.move(r, func(at time.Time) (report.Move, error) { return r.Deliver(at, nil) })
}

func durations(w *world) {
	first, second := w.ask(1), w.ask(2)
	w.stored(second, 2*time.Minute)
	w.delivered(second)

	w.stored(first, time.Minute) // 3 minutes since it was accepted
	w.clock.advance(time.Hour)
	w.move(first, func(at time.Time) (report.Move, error) { return first.Damaged(at, nil) })
	w.clock.advance(time.Hour)
	w.move(first, func(at time.Time) (report.Move, error) { return first.Store(at, nil) })
	w.delivered(first)

	w.stored(w.ask(3), time.Second) // not ended
	never := w.ask(4)
	w.move(never, func(at time.Time) (report.Move, error) { return never.Fail(report.Failure{Code: "deadline"}, at, nil) })
	other := w.ask(5, func(a *report.Asked) { a.Type = "top-games.v2" })
	w.stored(other, time.Second)
	w.delivered(other)

	again := w.ask(6)
	w.stored(again, time.Second)
	for again.State == report.Stored {
		w.move(again, func(at time.Time) (report.Move, error) { return again.Damaged(at, nil) })
		if again.State == report.Ready {
			w.move(again, func(at time.Time) (report.Move, error) { return again.Store(at, nil) })
		}
	}
	w.clock.advance(time.Hour)
	w.move(again, func(at time.Time) (report.Move, error) { return again.Redrive("işletmen", again.Version, 0, at) })
	w.stored(again, 5*time.Minute)
	w.delivered(again)

	get := func(limit int) []time.Duration {
		return read(w, func(v ledger.View) ([]time.Duration, error) { return v.Durations("top-games.v1", limit) })
	}
	same(w, "durations", get(20), []time.Duration{5 * time.Minute, 3 * time.Minute, 2 * time.Minute})
	same(w, "durations, at most 1", get(1), []time.Duration{5 * time.Minute})
}
