package node

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"peyk/internal/backoffice/event"
)

// slow is a queue that does not answer before it is released.
type slow struct {
	release chan struct{}
	told    atomic.Int64
}

func (s *slow) Publish(context.Context, event.Event) error {
	<-s.release
	s.told.Add(1)
	return nil
}

func TestNobodyWaitsForTheQueue(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q := &slow{release: make(chan struct{})}
		h := newHerald(q, slog.New(slog.DiscardHandler))
		taken := 0
		for range criers + heraldRoom + 1 {
			err := h.Publish(t.Context(), event.Event{})
			synctest.Wait()
			switch {
			case err == nil:
				taken++
			case !errors.Is(err, errHerald) || taken != criers+heraldRoom:
				t.Fatalf("after %d events: %v", taken, err)
			}
		}
		close(q.release)
		h.close()
		if got := int(q.told.Load()); got != taken {
			t.Errorf("%d of %d events were told", got, taken)
		}
		if err := h.Publish(t.Context(), event.Event{}); err != nil { // a call that outlives the stop
			t.Errorf("after the close: %v", err)
		}
	})
}
