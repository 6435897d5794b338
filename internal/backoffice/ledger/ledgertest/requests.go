package ledgertest

import (
	"errors"
	"fmt"

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
		{"a request that was read is saved only over the version that was seen", readThenSaved},
		{"each save of a transaction counts from the one before", savedTwice},
		{"recipients find a request in the state of its last save", savedForRecipients},
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

// readThenSaved reads the request in the transaction that saves it, and in one
// before: a store may remember what it read.
func readThenSaved(w *world) {
	r := w.bare(1)
	for _, was := range []int64{0, 2} {
		w.refused(ledger.ErrConflict, func(tx ledger.Tx) error {
			changed, err := tx.Request(guid(1))
			if err != nil {
				return err
			}
			changed.Version, changed.State = was+1, report.Failed
			return tx.Save(changed, was)
		})
	}
	same(w, "request", w.request(1), kept(r))
	stale := *r
	r.Version = 2
	w.update(func(tx ledger.Tx) error {
		if _, err := tx.Request(guid(1)); err != nil {
			return err
		}
		return tx.Save(r, 1)
	})
	stale.Version, stale.State = 2, report.Failed
	w.refused(ledger.ErrConflict, func(tx ledger.Tx) error { return tx.Save(&stale, 1) })
	same(w, "request after the save", w.request(1), kept(r))
}

func savedTwice(w *world) {
	r := w.bare(1)
	for _, reads := range []bool{false, true} {
		w.update(func(tx ledger.Tx) error {
			for range 3 {
				if reads {
					if _, err := tx.Request(guid(1)); err != nil {
						return err
					}
				}
				r.Version++
				r.Lost = int(r.Version)
				if err := tx.Save(r, r.Version-1); err != nil {
					return err
				}
				older := *r
				if err := tx.Save(&older, r.Version-1); !errors.Is(err, ledger.ErrConflict) {
					return fmt.Errorf("a save over version %d, the one before: %w", r.Version-1, err)
				}
			}
			got, err := tx.Request(guid(1))
			if err == nil && (got.Version != r.Version || got.Lost != r.Lost) {
				err = fmt.Errorf("the transaction reads version %d, want %d", got.Version, r.Version)
			}
			return err
		})
		same(w, "request", w.request(1), kept(r))
	}
}

// savedForRecipients saves once and more than once in a transaction, with and
// without reading in between, and also back to the state it began with.
func savedForRecipients(w *world) {
	const recipient = "ümit"
	r := w.bare(1)
	w.update(func(tx ledger.Tx) error {
		return tx.PutRecipient(ledger.Recipient{GUID: guid(1), Account: recipient})
	})
	found := func() (out []report.State) {
		for _, s := range report.States() {
			filter := ledger.Filter{Scope: ledger.Scope{Account: recipient}, States: []report.State{s}}
			if len(read(w, func(v ledger.View) ([]*report.Request, error) { return v.Requests(filter) })) > 0 {
				out = append(out, s)
			}
		}
		return out
	}
	for _, states := range [][]report.State{
		{report.Submitting},
		{report.Preparing, report.Ready},
		{report.Stored, report.Ready},
		{report.Stored, report.Stored, report.Delivered},
	} {
		for _, reads := range []bool{false, true} {
			w.update(func(tx ledger.Tx) error {
				for _, s := range states {
					if reads {
						if _, err := tx.Request(guid(1)); err != nil {
							return err
						}
					}
					r.State = s
					r.Version++
					if err := tx.Save(r, r.Version-1); err != nil {
						return err
					}
				}
				return nil
			})
			same(w, fmt.Sprintf("the states it is found in after %v, read in between: %t", states, reads), found(), states[len(states)-1:])
		}
	}
	w.update(func(tx ledger.Tx) error {
		born := &report.Request{GUID: guid(2), Version: 1, Generation: 1, State: report.Accepted, Asked: asked(), CreatedAt: w.now()}
		moved := *born
		moved.Version, moved.State = 2, report.Submitting
		return errors.Join(tx.Insert(born), tx.PutRecipient(ledger.Recipient{GUID: guid(2), Account: "gül"}), tx.Save(&moved, 1))
	})
	list := read(w, func(v ledger.View) ([]*report.Request, error) {
		return v.Requests(ledger.Filter{Scope: ledger.Scope{Account: "gül"}, States: []report.State{report.Submitting}})
	})
	if len(list) != 1 {
		w.Errorf("a request that was inserted and saved in one transaction is found %d times in its state", len(list))
	}
}
