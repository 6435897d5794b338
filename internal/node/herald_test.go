package node

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"peyk/internal/backoffice/event"
	"peyk/internal/telemetry"
	"peyk/internal/telemetry/logtest"
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

// down is a queue that takes nothing.
type down struct{}

func (down) Publish(ctx context.Context, _ event.Event) error {
	return errors.Join(errors.New("queue gone"), ctx.Err())
}

// What is published later is logged as part of the work that set it off, and does
// not end with it.
func TestLatePublishingIsLoggedWithItsRequest(t *testing.T) {
	t.Parallel()
	log := logtest.New(t, "trigger")
	h := newHerald(down{}, log.Logger)
	e := event.Event{Type: event.ReportReady, GUID: "019ab0f2-7c00-7000-8000-000000000001"}
	ctx, end := context.WithCancel(telemetry.WithRole(telemetry.WithGUID(t.Context(), e.GUID), "trigger"))
	if err := h.Publish(ctx, e); err != nil {
		t.Fatal(err)
	}
	end()
	h.close()
	log.About(e.GUID, "event not published; the sweep will find its task")
	if strings.Contains(log.String(), context.Canceled.Error()) {
		t.Errorf("the publishing ended with the work: %s", log)
	}
}
