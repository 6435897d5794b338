package ledgertest

import (
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
