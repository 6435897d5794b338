package memqueue_test

import (
	"context"
	"errors"
	"testing"

	"go.uber.org/goleak"

	"peyk/internal/backoffice/event"
	"peyk/internal/backoffice/queue/memqueue"
	"peyk/internal/backoffice/queue/queuetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func open(t *testing.T, o queuetest.Options) *memqueue.Queue {
	if o.Park == nil {
		o.Park = queuetest.NewLot(0).Park
	}
	q := memqueue.New(memqueue.Config{Park: o.Park, Log: queuetest.Log(t), AckWait: o.AckWait, Handlers: o.Handlers})
	t.Cleanup(func() {
		if err := q.Close(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	})
	return q
}

func TestContract(t *testing.T) {
	t.Parallel()
	queuetest.Run(t, func(t *testing.T, o queuetest.Options) queuetest.Queue { return open(t, o) })
}

func TestWipe(t *testing.T) {
	t.Parallel()
	q := open(t, queuetest.Options{})
	queuetest.Publish(t, q, queuetest.Event(event.ReportReady))
	q.Wipe()
	got := queuetest.Collect(t, q, "gateway", event.ReportReady)
	e := queuetest.Event(event.ReportReady)
	queuetest.Publish(t, q, e)
	if m := queuetest.Await(t, got, "an event after the wipe"); m.Event != e || m.Sequence != 1 {
		t.Errorf("got %+v, want %v at sequence 1", m, e)
	}
}

func TestBreak(t *testing.T) {
	t.Parallel()
	q := open(t, queuetest.Options{})
	down := errors.New("down")
	q.Break(down)
	if err := q.Publish(t.Context(), queuetest.Event(event.ReportReady)); !errors.Is(err, down) {
		t.Errorf("publishing on a broken queue: %v", err)
	}
	if err := q.Ready(t.Context()); !errors.Is(err, down) {
		t.Errorf("a broken queue is ready: %v", err)
	}
	q.Break(nil)
	queuetest.Publish(t, q, queuetest.Event(event.ReportReady))
}
