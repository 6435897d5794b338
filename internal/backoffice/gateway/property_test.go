package gateway_test

import (
	"errors"
	"math/rand/v2"
	"net/http"
	"testing"
	"time"

	"pgregory.net/rapid"

	"peyk/internal/backoffice/event"
	"peyk/internal/backoffice/ledger"
	"peyk/internal/protocol"
	"peyk/internal/report"
)

// TestWhateverTheProviderDoes lets the provider answer at random for a while,
// with webhooks and cancels in between. Once it behaves, the request ends, only
// legal moves were made, no file was believed that is not the declared one, and
// nothing is left at the provider. A failure prints rapid's seed.
func TestWhateverTheProviderDoes(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		dice := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 0))
		runWorld(t, func(w *world) {
			faults := true
			w.script(func(n int) int {
				w.mu.Lock()
				defer w.mu.Unlock()
				if !faults {
					return 0
				}
				return dice.IntN(n + 1)
			})
			acts := rand.New(rand.NewPCG(dice.Uint64(), 0))
			for range acts.IntN(12) {
				switch acts.IntN(6) {
				case 0:
					w.webhook()
				case 1:
					w.cancel()
				}
				w.after(time.Duration(acts.IntN(300)) * time.Second)
			}
			w.mu.Lock()
			faults = false
			w.mu.Unlock()
			w.after(2 * time.Hour)
			w.deliver()
			w.after(2 * time.Hour)
			w.judge(rt)
		})
	})
}

// script makes the provider answer by what pick chooses; 0 is always well.
func (w *world) script(pick func(int) int) {
	w.submit = func(protocol.SubmitRequest) error {
		return [...]error{
			nil, errors.New("reset"), problem(http.StatusServiceUnavailable, protocol.CodeUnavailable),
			problem(http.StatusGone, protocol.CodeTombstoned), problem(http.StatusConflict, protocol.CodeInProgress),
		}[pick(4)]
	}
	w.operation = func() (protocol.Operation, error) {
		o := w.says([...]protocol.State{
			protocol.Ready, protocol.Preparing, "napping", protocol.Deleted, protocol.Ready, protocol.Ready, protocol.Ready,
		}[pick(6)])
		switch pick(5) {
		case 1:
			return protocol.Operation{}, problem(http.StatusNotFound, protocol.CodeReportUnknown)
		case 2:
			return protocol.Operation{}, errors.New("reset")
		case 3:
			o.Generation--
		case 4:
			o.Generation++
		}
		return o, nil
	}
	w.file = func(protocol.FileRequest) (*protocol.FileBody, error) {
		switch pick(4) {
		case 1:
			return nil, problem(http.StatusNotFound, protocol.CodeFileUnknown)
		case 2:
			return nil, errors.New("reset")
		case 3:
			return body(document[1:]), nil
		}
		return body(document), nil
	}
}

// cancel is what trigger does, if it is not too late.
func (w *world) cancel() {
	w.t.Helper()
	w.end(event.ReportCancelled, func(r *report.Request, now time.Time) (report.Move, error) {
		return r.Cancel("derya", "", now)
	})
}

// deliver is what trace does once it is here.
func (w *world) deliver() {
	w.t.Helper()
	w.end(event.ReportDelivered, func(r *report.Request, now time.Time) (report.Move, error) {
		r.Announced(now)
		return r.Deliver(now, nil)
	})
}

// end makes a move of another station, unless it is refused.
func (w *world) end(t event.Type, by func(*report.Request, time.Time) (report.Move, error)) {
	w.t.Helper()
	w.update(func(tx ledger.Tx) error {
		r, err := tx.Request(guid)
		if err != nil {
			return err
		}
		m, err := by(r, tx.Now())
		var refused *report.Refusal
		if errors.As(err, &refused) {
			return nil
		}
		return errors.Join(err, ledger.Move(tx, r, m))
	})
	w.hears(t)
}

// judge reads the ledger as an independent checker would.
func (w *world) judge(rt *rapid.T) {
	r := w.request()
	var journal []report.Entry
	w.update(func(tx ledger.Tx) (err error) { journal, err = tx.Journal(guid); return err })
	if !r.State.Terminal() {
		rt.Errorf("it is %s hours after the faults stopped", r.State)
	}
	version, state := int64(0), report.State("")
	for _, e := range journal {
		if e.Kind != report.KindMove {
			continue
		}
		role, legal := report.CanMove(state, e.To)
		if !legal || role != e.Role || e.From != state || e.Version != version+1 {
			rt.Errorf("illegal move %+v from %s at version %d", e, state, version)
		}
		version, state = e.Version, e.To
	}
	if r.Submitted && (len(w.cleaned()) == 0 || w.cleaned()[len(w.cleaned())-1] < r.Generation) {
		rt.Errorf("%s left generations at the provider: posted %v, deleted up to %v", r.State, w.posted(), w.cleaned())
	}
	if len(w.posted()) > 0 && r.Resubmits > report.MaxGenerations {
		rt.Errorf("%d generations", r.Resubmits)
	}
}
