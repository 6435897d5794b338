package gateway_test

import (
	"errors"
	"testing"
	"time"

	"peyk/internal/backoffice/ledger"
	"peyk/internal/protocol"
	"peyk/internal/report"
)

// Each record about a request names it, whatever goes wrong.
func TestLogsNameTheRequest(t *testing.T) {
	t.Run("a file that is not as declared", func(t *testing.T) {
		inWorld(t, func(w *world) {
			lies[0].tell(w, 1)
			w.after(ledger.FirstPoll + time.Minute)
			w.log.About(guid, "posted to the reporting app", "the file is not what the provider declared; set aside")
		})
	})
	t.Run("operations that cannot be", func(t *testing.T) {
		inWorld(t, func(w *world) {
			looks := 0
			w.operation = func() (protocol.Operation, error) {
				o := w.says("dreaming")
				if looks++; looks == 1 {
					o.Generation++
				}
				return o, nil
			}
			w.after(10 * time.Minute)
			w.log.About(guid, "the provider speaks of a generation nobody asked for", "the provider is in a state nobody here knows; taken as running")
		})
	})
	t.Run("a provider that is down, then the deadline", func(t *testing.T) {
		inWorld(t, func(w *world) {
			w.submit = func(protocol.SubmitRequest) error { return errDown }
			w.queue = errors.New("queue gone")
			w.after(report.PreparingTime)
			if err := w.station.SweepOnce(w.t.Context()); err != nil {
				w.t.Fatal(err)
			}
			w.log.About(guid, "not done yet", "event not published; the sweep will find its task")
		})
	})
}
