package queue_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"peyk/internal/backoffice/event"
	"peyk/internal/backoffice/queue"
	"peyk/internal/backoffice/queue/queuetest"
	"peyk/internal/backoffice/queue/server"
	"peyk/internal/backoffice/queue/server/servertest"
)

// openOn opens a queue on servers outside; the test's cleanup closes it.
func openOn(t *testing.T, o queuetest.Options, at queue.External) *queue.JetStream {
	t.Helper()
	if o.Park == nil {
		o.Park = queuetest.NewLot(0).Park
	}
	q, err := queue.Open(t.Context(), queue.Config{
		External: &at, Park: o.Park, Log: queuetest.Log(t), Now: time.Now,
		AckWait: o.AckWait, Handlers: o.Handlers, CheckEvery: 50 * time.Millisecond,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { shut(t, q) })
	return q
}

func at(hosts ...*servertest.Host) queue.External {
	return queue.External{URLs: servertest.URLs(hosts), Replicas: len(hosts)}
}

func TestContractOnAServerOutside(t *testing.T) {
	t.Parallel()
	queuetest.Run(t, func(t *testing.T, o queuetest.Options) queuetest.Queue {
		return openOn(t, o, at(servertest.Alone(t, server.Config{})))
	})
}

func TestContractOnACluster(t *testing.T) {
	t.Parallel()
	queuetest.Run(t, func(t *testing.T, o queuetest.Options) queuetest.Queue {
		return openOn(t, o, at(servertest.Cluster(t, 3, server.Config{})...))
	})
}

// both serves a role and taps.
func both(t *testing.T, q *queue.JetStream) (<-chan queue.Message, <-chan event.Event) {
	t.Helper()
	got := queuetest.Collect(t, q, "gateway", event.ReportReady)
	seen := make(chan event.Event, 10000)
	if err := q.Tap(t.Context(), func(e event.Event) { seen <- e }); err != nil {
		t.Fatal(err)
	}
	return got, seen
}

// The company starts although its queue is down, says so, and goes on by itself
// when the queue is there.
func TestOpensBeforeItsServer(t *testing.T) {
	t.Parallel()
	h := servertest.Alone(t, server.Config{})
	h.Kill()
	q := openOn(t, queuetest.Options{}, at(h))
	got, seen := both(t, q)
	if err := q.Ready(t.Context()); !errors.Is(err, queue.ErrDown) {
		t.Errorf("ready without a server: %v", err)
	}
	if err := q.Publish(t.Context(), queuetest.Event(event.ReportReady)); !errors.Is(err, queue.ErrDown) {
		t.Errorf("published without a server: %v", err)
	}
	h.Start()
	flows(t, q, got, seen)
	if err := q.Ready(t.Context()); err != nil {
		t.Error(err)
	}
}

// What was published outlives the server; what was lost with its directory is
// declared anew. Nobody calls Consume or Tap again.
func TestServerStartsAgain(t *testing.T) {
	t.Parallel()
	for name, meanwhile := range map[string]func(*servertest.Host){
		"as it was": func(*servertest.Host) {},
		"wiped":     func(h *servertest.Host) { h.Wipe() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := servertest.Alone(t, server.Config{})
			q := openOn(t, queuetest.Options{}, at(h))
			got, seen := both(t, q)
			flows(t, q, got, seen)
			kept := queuetest.Event(event.ReportFailed)
			queuetest.Publish(t, q, kept)
			h.Kill()
			meanwhile(h)
			h.Start()
			flows(t, q, got, seen)
			trace := queuetest.Collect(t, q, "trace", event.ReportFailed)
			if name == "as it was" && queuetest.Await(t, trace, "the event from before").Event != kept {
				t.Error("another event came first")
			}
		})
	}
}

// Who publishes while the queue is down waits no longer than its patience.
func TestPublishingWhileTheServerIsDown(t *testing.T) {
	t.Parallel()
	h := servertest.Alone(t, server.Config{})
	q := openOn(t, queuetest.Options{}, at(h))
	h.Kill()
	for range 20 {
		begun := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		if err := q.Publish(ctx, queuetest.Event(event.ReportReady)); err == nil {
			t.Error("published without a server")
		}
		cancel()
		if took := time.Since(begun); took > time.Second {
			t.Errorf("it took %v", took)
		}
	}
}

func TestBrokenServerOutside(t *testing.T) {
	t.Parallel()
	for name, hurt := range map[string]func(t *testing.T, q *queue.JetStream) error{
		"stream deleted":   func(t *testing.T, q *queue.JetStream) error { q.DeleteStream(t.Context()); return nil },
		"consumer deleted": func(t *testing.T, q *queue.JetStream) error { return q.DeleteRole(t.Context(), "gateway") },
		"connection lost":  func(_ *testing.T, q *queue.JetStream) error { q.Disconnect(); return nil },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			q := openOn(t, queuetest.Options{}, at(servertest.Alone(t, server.Config{})))
			got, seen := both(t, q)
			flows(t, q, got, seen)
			if err := hurt(t, q); err != nil {
				t.Fatal(err)
			}
			flows(t, q, got, seen)
		})
	}
}
