package queue_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"peyk/internal/backoffice/event"
	"peyk/internal/backoffice/queue"
	"peyk/internal/backoffice/queue/queuetest"
	"peyk/internal/backoffice/queue/server"
	"peyk/internal/backoffice/queue/server/servertest"
)

// publish publishes n events.
func publish(t *testing.T, q *queue.JetStream, n int) map[event.Event]bool {
	t.Helper()
	all := make(map[event.Event]bool)
	for range n {
		e := queuetest.Event(event.ReportReady)
		all[e] = true
		queuetest.Publish(t, q, e)
	}
	return all
}

// Several processes start at once, on servers that know nothing yet.
func TestProcessesStartTogether(t *testing.T) {
	t.Parallel()
	where := at(servertest.Cluster(t, 3, server.Config{})...)
	const processes, events = 4, 40
	got := make(chan event.Event, processes*events)
	var opened sync.WaitGroup
	for range processes {
		opened.Go(func() {
			q := openOn(t, queuetest.Options{}, where)
			queuetest.Consume(t, q, "gateway", func(ctx context.Context, m queue.Message) {
				_ = m.Ack(ctx)
				got <- m.Event
			}, event.ReportReady)
		})
	}
	opened.Wait()
	q := openOn(t, queuetest.Options{}, where)
	missing := publish(t, q, events)
	for range events {
		e := queuetest.Await(t, got, "%d more events", len(missing))
		if !missing[e] {
			t.Errorf("%v came twice", e)
		}
		delete(missing, e)
	}
}

// holder serves the gateway and settles nothing.
func holder(t *testing.T, q *queue.JetStream) <-chan event.Event {
	t.Helper()
	held := make(chan event.Event, 100)
	if _, err := q.Consume(t.Context(), "gateway", []event.Type{event.ReportReady}, func(_ context.Context, m queue.Message) {
		held <- m.Event
	}); err != nil {
		t.Fatal(err)
	}
	return held
}

// What a process held when it died comes to another, after AckWait.
func TestAProcessDies(t *testing.T) {
	t.Parallel()
	where := at(servertest.Alone(t, server.Config{}))
	o := queuetest.Options{AckWait: 500 * time.Millisecond}
	one := openOn(t, o, where)
	held := holder(t, one)
	var all []event.Event
	for range 10 {
		e := queuetest.Event(event.ReportReady)
		all = append(all, e)
		queuetest.Publish(t, one, e)
		queuetest.Await(t, held, "the first process holds an event")
	}
	two := openOn(t, o, where)
	shut(t, one) // without stopping its consumer: as good as dead
	got := queuetest.Collect(t, two, "gateway", event.ReportReady)
	left := make(map[event.Event]bool)
	for _, e := range all {
		left[e] = true
	}
	for len(left) > 0 {
		m := queuetest.Await(t, got, "the other process gets the %d events left", len(left))
		if m.Attempt < 2 {
			t.Errorf("%v came at attempt %d", m.Event, m.Attempt)
		}
		delete(left, m.Event)
	}
}

// A process that stops handles what it fetched, and leaves the rest to others at
// once: nothing waits for AckWait.
func TestAProcessStops(t *testing.T) {
	t.Parallel()
	where := at(servertest.Alone(t, server.Config{}))
	const handlers = 2
	o := queuetest.Options{Handlers: handlers}
	one, two := openOn(t, o, where), openOn(t, o, where)
	got, entered := make(chan event.Event, 100), make(chan struct{}, 100)
	gate := make(chan struct{})
	stop, err := one.Consume(t.Context(), "gateway", []event.Type{event.ReportReady}, func(ctx context.Context, m queue.Message) {
		entered <- struct{}{}
		<-gate
		_ = m.Ack(ctx)
		got <- m.Event
	})
	if err != nil {
		t.Fatal(err)
	}
	left := publish(t, one, 50)
	for range handlers {
		queuetest.Await(t, entered, "the first process is at work")
	}
	stopped := make(chan error, 1)
	go func() { stopped <- stop(t.Context()) }()
	for limit := time.Now().Add(queuetest.Patience); one.Serving() > 0; {
		if time.Now().After(limit) {
			t.Fatal("it takes in events after it was stopped")
		}
	}
	close(gate)
	if err := queuetest.Await(t, stopped, "the first process stops"); err != nil {
		t.Error(err)
	}
	queuetest.Consume(t, two, "gateway", func(ctx context.Context, m queue.Message) {
		_ = m.Ack(ctx)
		got <- m.Event
	}, event.ReportReady)
	for len(left) > 0 {
		e := queuetest.Await(t, got, "the %d events left", len(left))
		if !left[e] {
			t.Errorf("%v came twice", e)
		}
		delete(left, e)
	}
}

// Whoever stops while the queue is down waits for nobody.
func TestAProcessStopsWhileTheServerIsDown(t *testing.T) {
	t.Parallel()
	h := servertest.Alone(t, server.Config{})
	q := openOn(t, queuetest.Options{}, at(h))
	stop, err := q.Consume(t.Context(), "gateway", []event.Type{event.ReportReady}, func(context.Context, queue.Message) {})
	if err != nil {
		t.Fatal(err)
	}
	h.Kill()
	for limit := time.Now().Add(queuetest.Patience); !errors.Is(q.Publish(t.Context(), queuetest.Event(event.ReportReady)), queue.ErrDown); {
		if time.Now().After(limit) {
			t.Fatal("publishes without a server")
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	if err := stop(ctx); err != nil {
		t.Error(err)
	}
	if err := q.Close(ctx); err != nil {
		t.Error(err)
	}
}
