package ledgertest

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"peyk/internal/backoffice/ledger"
	"peyk/internal/report"
)

// fullRequest has every field set.
func fullRequest(n int) *report.Request {
	r := filled[*report.Request](n)
	r.GUID, r.State, r.Outcome = guid(n), report.Failed, report.OutcomeFailed
	return r
}

func requests() []check {
	return []check{
		{"a request comes back field by field", func(w *world) {
			r := fullRequest(1)
			w.update(func(tx ledger.Tx) error { return tx.Insert(r) })
			same(w, "inserted request", w.request(1), kept(r))

			other := fullRequest(2)
			other.GUID = r.GUID
			w.update(func(tx ledger.Tx) error { return tx.Save(other, r.Version) })
			same(w, "saved request", w.request(1), kept(other))
		}},
		{"a request with as little as possible comes back, times still zero", func(w *world) {
			r := &report.Request{GUID: guid(1), Version: 1, State: report.Accepted, Asked: report.Asked{Parameters: []byte(`{}`)}}
			w.update(func(tx ledger.Tx) error { return tx.Insert(r) })
			same(w, "request", w.request(1), r)
		}},
		{"what was asked keeps its hash, however its parameters are written", func(w *world) {
			r := w.bare(1, func(r *report.Request) {
				r.Asked.Parameters = []byte("{ \"z\" : \"<b>ŞİĞ & co\u2028</b>\",\n\"a\":1.50, \"list\":[ ] }")
			})
			want, wantErr := r.Asked.Hash()
			got, err := w.request(1).Asked.Hash()
			if err != nil || wantErr != nil || got != want {
				w.Errorf("hash %s, %v; want %s, %v", got, err, want, wantErr)
			}
		}},
		{"a request is inserted once", func(w *world) {
			before := w.bare(1)
			w.refused(ledger.ErrExists, func(tx ledger.Tx) error { return tx.Insert(fullRequest(1)) })
			same(w, "request", w.request(1), kept(before))
		}},
		{"a request is saved only over the version that was seen", func(w *world) {
			r := w.bare(1)
			for _, was := range []int64{0, 2} {
				changed := *r
				changed.Version = was + 1
				w.refused(ledger.ErrConflict, func(tx ledger.Tx) error { return tx.Save(&changed, was) })
			}
			same(w, "request", w.request(1), kept(r))
		}},
		{"a save that is no move keeps the version", func(w *world) {
			r := w.bare(1)
			r.CollectedAt = w.now()
			for range 2 {
				w.update(func(tx ledger.Tx) error { return tx.Save(r, r.Version) })
			}
			same(w, "request", w.request(1), kept(r))
		}},
		{"a request that is not there cannot be saved", func(w *world) {
			w.refused(ledger.ErrConflict, func(tx ledger.Tx) error { return tx.Save(fullRequest(1), 0) })
			absent(w, "request", func(v ledger.View) (*report.Request, error) { return v.Request(guid(1)) })
		}},
	}
}

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

func scopes() []check {
	return []check{
		{"each sees what is in scope, and a foreign GUID is as unknown as one nobody has", visible},
		{"a list is cut by scope, states, age and limit, newest first", filtered},
		{"a list with no limit has at most 100", func(w *world) {
			w.update(func(tx ledger.Tx) error {
				for n := range 101 {
					if err := tx.Insert(&report.Request{GUID: guid(n), Version: 1, State: report.Accepted, Asked: asked()}); err != nil {
						return err
					}
				}
				return nil
			})
			list := read(w, func(v ledger.View) ([]*report.Request, error) {
				return v.Requests(ledger.Filter{Scope: ledger.Scope{All: true}})
			})
			if len(list) != 100 || list[0].GUID != guid(100) {
				w.Errorf("%d requests from %s, want 100 from the newest", len(list), list[0].GUID)
			}
		}},
	}
}

// cast records three requests: of the owner with no approval; of another, to
// be approved by finance and sent to Ümit; of the owner, to be approved by it.
func cast(w *world) {
	w.bare(1)
	w.bare(2, func(r *report.Request) { r.Asked.Owner, r.Asked.Approval = "çiğdem", "finance" })
	w.bare(3, func(r *report.Request) { r.Asked.Approval = "it" })
	w.update(func(tx ledger.Tx) error {
		return errors.Join(
			tx.PutRecipient(ledger.Recipient{GUID: guid(2), Account: "ümit"}),
			tx.PutRecipient(ledger.Recipient{GUID: guid(1), Account: "gitmiş", GoneAt: w.now()}))
	})
}

// sight is a scope and the requests of the cast it shows, newest first.
type sight struct {
	says  string
	scope ledger.Scope
	sees  []string
}

func sights() []sight {
	return []sight{
		{"nobody", ledger.Scope{}, nil},
		{"the owner", ledger.Scope{Account: owner}, []string{guid(3), guid(1)}},
		{"another owner", ledger.Scope{Account: "çiğdem"}, []string{guid(2)}},
		{"an owner in other letters", ledger.Scope{Account: "ÇİĞDEM"}, nil},
		{"a recipient", ledger.Scope{Account: "ümit"}, []string{guid(2)}},
		{"a recipient who is gone", ledger.Scope{Account: "gitmiş"}, nil},
		{"a stranger", ledger.Scope{Account: "yabancı"}, nil},
		{"an approver", ledger.Scope{Approves: []string{"finance"}}, []string{guid(2)}},
		{"an approver of two roles", ledger.Scope{Approves: []string{"finance", "it"}}, []string{guid(3), guid(2)}},
		{"an approver who asked too", ledger.Scope{Account: owner, Approves: []string{"finance"}}, []string{guid(3), guid(2), guid(1)}},
		{"a role called none", ledger.Scope{Approves: []string{report.NoApproval}}, nil},
		{"the operator", ledger.Scope{All: true}, []string{guid(3), guid(2), guid(1)}},
	}
}

func visible(w *world) {
	cast(w)
	for _, s := range sights() {
		for n := range 5 { // 0 and 4 nobody has
			get := func(v ledger.View) (*report.Request, error) { return v.Visible(s.scope, guid(n)) }
			if !slices.Contains(s.sees, guid(n)) {
				absent(w, fmt.Sprintf("%s looking at %d", s.says, n), get)
				continue
			}
			same(w, fmt.Sprintf("what %s sees of %d", s.says, n), read(w, get), w.request(n))
		}
	}
}

func filtered(w *world) {
	cast(w)
	list := func(f ledger.Filter) (out []string) {
		for _, r := range read(w, func(v ledger.View) ([]*report.Request, error) { return v.Requests(f) }) {
			out = append(out, r.GUID)
		}
		return out
	}
	for _, s := range sights() {
		same(w, "the list of "+s.says, list(ledger.Filter{Scope: s.scope}), s.sees)
	}
	all := ledger.Scope{All: true}
	w.bare(4, func(r *report.Request) { r.State = report.Failed })
	same(w, "failed ones", list(ledger.Filter{Scope: all, States: []report.State{report.Failed, report.Stored}}), []string{guid(4)})
	same(w, "the first 2", list(ledger.Filter{Scope: all, Limit: 2}), []string{guid(4), guid(3)})
	same(w, "the next", list(ledger.Filter{Scope: all, Limit: 2, Before: guid(3)}), []string{guid(2), guid(1)})
	same(w, "those before a GUID nobody has", list(ledger.Filter{Scope: all, Before: guid(99), Limit: 1}), []string{guid(4)})
	same(w, "those before the first", list(ledger.Filter{Scope: all, Before: guid(1)}), []string(nil))
	same(w, "the owner's before 3", list(ledger.Filter{Scope: ledger.Scope{Account: owner}, Before: guid(3)}), []string{guid(1)})
}
