package queuetest

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"peyk/internal/backoffice/event"
	"peyk/internal/backoffice/queue"
)

func everyRole(t *testing.T, open Open) {
	q := open(t, Options{})
	before := Event(event.ReportFailed)
	Publish(t, q, before)
	gateway := Collect(t, q, "gateway", event.ReportRequested, event.ReportFailed)
	trace := Collect(t, q, "trace", event.ReportFailed)
	after := []event.Event{Event(event.ReportRequested), Event(event.ReportReady), Event(event.ReportFailed)}
	Publish(t, q, after...)

	sees(t, "gateway", gateway, before, after[0], after[2])
	sees(t, "trace", trace, before, after[2])
}

// sees waits for exactly these events, in any order.
func sees(t *testing.T, role string, got <-chan queue.Message, want ...event.Event) {
	t.Helper()
	for range len(want) {
		m := Await(t, got, "%s gets the rest: %v", role, want)
		i := slices.Index(want, m.Event)
		if i < 0 {
			t.Fatalf("%s got %v, expected one of %v", role, m.Event, want)
		}
		if m.Attempt != 1 || m.Sequence == 0 || len(m.Raw) == 0 {
			t.Errorf("%s got attempt %d of sequence %d with %d bytes", role, m.Attempt, m.Sequence, len(m.Raw))
		}
		want = slices.Delete(want, i, i+1)
	}
}

func comesAgain(t *testing.T, open Open) {
	q := open(t, Options{AckWait: 100 * time.Millisecond})
	got := make(chan queue.Message, 10)
	Consume(t, q, "gateway", func(ctx context.Context, m queue.Message) {
		got <- m // before it is settled: the second attempt must not overtake
		if m.Attempt > 1 {
			_ = m.Ack(ctx)
		}
	}, event.ReportReady)
	e := Event(event.ReportReady)
	Publish(t, q, e)
	attempts(t, got, e)
}

func nacked(t *testing.T, open Open) {
	q := open(t, Options{})
	got := make(chan queue.Message, 10)
	Consume(t, q, "gateway", func(ctx context.Context, m queue.Message) {
		got <- m // before it is settled: the second attempt must not overtake
		if m.Attempt > 1 {
			_ = m.Ack(ctx)
		} else if err := m.Nak(time.Millisecond); err != nil {
			t.Error(err)
		}
	}, event.ReportReady)
	e := Event(event.ReportReady)
	Publish(t, q, e)
	attempts(t, got, e)
}

// attempts expects the event at its first attempt, then at a later one: on a
// slow machine the third may be quicker here than the second.
func attempts(t *testing.T, got <-chan queue.Message, e event.Event) {
	t.Helper()
	if m := Await(t, got, "the first attempt"); m.Event != e || m.Attempt != 1 {
		t.Fatalf("got attempt %d of %v, want 1 of %v", m.Attempt, m.Event, e)
	}
	if m := Await(t, got, "the next attempt"); m.Event != e || m.Attempt < 2 {
		t.Fatalf("got attempt %d of %v, want a later one of %v", m.Attempt, m.Event, e)
	}
}

func shared(t *testing.T, open Open) {
	q := open(t, Options{})
	const n = 50
	one := Collect(t, q, "gateway", event.ReportReady)
	two := Collect(t, q, "gateway", event.ReportReady)
	seen := make(map[event.Event]int)
	for range n {
		e := Event(event.ReportReady)
		seen[e] = 0
		Publish(t, q, e)
	}
	for i := range n {
		select {
		case m := <-one:
			seen[m.Event]++
		case m := <-two:
			seen[m.Event]++
		case <-time.After(Patience):
			t.Fatalf("waited in vain for event %d of %d", i+1, n)
		}
	}
	for e, times := range seen {
		if times != 1 {
			t.Errorf("%v came %d times", e, times)
		}
	}
}

func keepsItsPlace(t *testing.T, open Open) {
	q := open(t, Options{})
	first, second := Event(event.ReportReady), Event(event.ReportReady)
	Publish(t, q, first)
	got := make(chan queue.Message, 10)
	stop, err := q.Consume(t.Context(), "gateway", []event.Type{event.ReportReady}, func(ctx context.Context, m queue.Message) {
		if err := m.Ack(ctx); err != nil {
			t.Error(err)
		}
		got <- m
	})
	if err != nil {
		t.Fatal(err)
	}
	sees(t, "gateway", got, first)
	if err := stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	Publish(t, q, second)
	sees(t, "gateway", Collect(t, q, "gateway", event.ReportReady), second)
}

func twice(t *testing.T, open Open) {
	q := open(t, Options{})
	e := Event(event.ReportReady)
	got := Collect(t, q, "gateway", event.ReportReady)
	Publish(t, q, e, e)
	sees(t, "gateway", got, e, e)
}

func atOnce(t *testing.T, open Open) {
	const limit = 3
	q := open(t, Options{Handlers: limit})
	entered, leave := make(chan int, 10), make(chan struct{})
	running := make(chan struct{}, limit) // one more than limit at once would block for good
	Consume(t, q, "gateway", func(ctx context.Context, m queue.Message) {
		select {
		case running <- struct{}{}:
		default:
			t.Error("more handlers at once than the limit")
		}
		entered <- 1
		<-leave
		<-running
		_ = m.Ack(ctx)
	}, event.ReportReady)
	for range 2 * limit {
		Publish(t, q, Event(event.ReportReady))
	}
	for i := range limit {
		Await(t, entered, "handler %d runs beside the others", i+1)
	}
	close(leave)
	for i := range limit {
		Await(t, entered, "handler %d runs after the first", i+1)
	}
}

func stopWaits(t *testing.T, open Open) {
	q := open(t, Options{})
	entered, leave := make(chan struct{}), make(chan struct{})
	var finished bool
	stop, err := q.Consume(t.Context(), "gateway", []event.Type{event.ReportReady}, func(ctx context.Context, m queue.Message) {
		close(entered)
		<-leave
		finished = true
		_ = m.Ack(ctx)
	})
	if err != nil {
		t.Fatal(err)
	}
	Publish(t, q, Event(event.ReportReady))
	Await(t, entered, "the handler runs")
	stopped := make(chan error)
	go func() { stopped <- stop(t.Context()) }()
	close(leave)
	if err := Await(t, stopped, "stop returns"); err != nil || !finished {
		t.Errorf("stop returned %v, handler finished: %v", err, finished)
	}
}

func stopGivesUp(t *testing.T, open Open) {
	q := open(t, Options{})
	entered, told := make(chan struct{}), make(chan struct{})
	stop, err := q.Consume(t.Context(), "gateway", []event.Type{event.ReportReady}, func(ctx context.Context, m queue.Message) {
		close(entered)
		<-ctx.Done()
		close(told)
	})
	if err != nil {
		t.Fatal(err)
	}
	Publish(t, q, Event(event.ReportReady))
	Await(t, entered, "the handler runs")
	now, cancel := context.WithCancel(t.Context())
	cancel()
	if err := stop(now); !errors.Is(err, context.Canceled) {
		t.Errorf("stop returned %v", err)
	}
	Await(t, told, "the handler is told to end")
}
