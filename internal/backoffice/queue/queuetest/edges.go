package queuetest

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"peyk/internal/backoffice/event"
	"peyk/internal/backoffice/queue"
)

func parked(t *testing.T, open Open) {
	lot := NewLot(0)
	q := open(t, Options{Park: lot.Park})
	good := Event(event.ReportReady)
	raw, err := event.Encode(good)
	if err != nil {
		t.Fatal(err)
	}
	newer := strings.Replace(string(raw), `"type":"ReportReady"`, `"type":"ReportEaten"`, 1)
	for _, c := range []struct {
		subject, raw string
		cause        error
	}{
		{event.ReportReady.Subject(), "no event", event.ErrUnreadable},
		{event.ReportReady.Subject(), newer, event.ErrUnknownType},
		{event.ReportFailed.Subject(), string(raw), event.ErrUnreadable},
	} {
		if err := q.PublishRaw(t.Context(), c.subject, []byte(c.raw)); err != nil {
			t.Fatal(err)
		}
		got := make(chan queue.Message, 10)
		stop := serve(t, q, got)
		p := Await(t, lot.arrived, "%q is parked", c.raw)
		if p.Raw != c.raw || p.Subject != c.subject || p.Role != "trace" || p.Sequence == 0 || !errors.Is(p.Cause, c.cause) {
			t.Errorf("parked %+v for %q on %s", p, c.raw, c.subject)
		}
		Publish(t, q, good)
		sees(t, "trace", got, good)
		stop()
	}
	settled(t, q, "trace")
}

// serve serves the role trace until the returned function is called.
func serve(t *testing.T, q Queue, got chan<- queue.Message) func() {
	t.Helper()
	types := []event.Type{event.ReportReady, event.ReportFailed}
	stop, err := q.Consume(t.Context(), "trace", types, func(ctx context.Context, m queue.Message) {
		if err := m.Ack(ctx); err != nil {
			t.Error(err)
		}
		got <- m
	})
	if err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := stop(t.Context()); err != nil {
			t.Error(err)
		}
	}
}

// settled checks that a role nobody serves any more has nothing left to do.
// Acks travel without an answer, so the queue is asked until it has them.
func settled(t *testing.T, q Queue, role string) {
	t.Helper()
	for limit := time.Now().Add(Patience); ; {
		s, err := q.Stats(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		r := of(t, s, role)
		if r.Waiting == 0 && r.Unacked == 0 && r.OldestAge == 0 {
			return
		}
		if time.Now().After(limit) {
			t.Fatalf("%s is not done: %+v", role, r)
		}
	}
}

func of(t *testing.T, s queue.Stats, role string) queue.RoleStats {
	t.Helper()
	for _, r := range s.Roles {
		if r.Role == role {
			return r
		}
	}
	t.Fatalf("no %s in %+v", role, s)
	return queue.RoleStats{}
}

func parkingFails(t *testing.T, open Open) {
	lot := NewLot(1)
	q := open(t, Options{Park: lot.Park, AckWait: 100 * time.Millisecond})
	Collect(t, q, "trace", event.ReportFailed)
	if err := q.PublishRaw(t.Context(), event.ReportFailed.Subject(), []byte("no event")); err != nil {
		t.Fatal(err)
	}
	Await(t, lot.arrived, "the payload is parked at the second attempt")
}

func tapped(t *testing.T, open Open) {
	q := open(t, Options{})
	Publish(t, q, Event(event.ReportReady))
	seen := make(chan event.Event, 10)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	if err := q.Tap(ctx, func(e event.Event) { seen <- e }); err != nil {
		t.Fatal(err)
	}
	if err := q.PublishRaw(t.Context(), event.ReportReady.Subject(), []byte("no event")); err != nil {
		t.Fatal(err)
	}
	for _, typ := range event.Types() {
		e := Event(typ)
		Publish(t, q, e)
		if got := Await(t, seen, "the tap sees %v", e); got != e {
			t.Fatalf("the tap saw %v, want %v", got, e)
		}
	}
}

func stats(t *testing.T, open Open) {
	q := open(t, Options{})
	if err := q.Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	held := make(chan struct{}, 1)
	Consume(t, q, "gateway", func(ctx context.Context, _ queue.Message) { held <- struct{}{} }, event.ReportReady)
	Collect(t, q, "trace", event.ReportFailed, event.ReportIsHere)
	Publish(t, q, Event(event.ReportReady))
	Await(t, held, "the gateway holds the event")

	s, err := q.Stats(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	g := of(t, s, "gateway")
	if s.Depth != 1 || s.Bytes == 0 || g.Waiting != 0 || g.Unacked != 1 || g.OldestAge <= 0 || s.OldestAge() != g.OldestAge {
		t.Errorf("with one event held: %+v", s)
	}
	if r := of(t, s, "trace"); r.Unacked != 0 || r.OldestAge != 0 {
		t.Errorf("with nothing to do: %+v", r)
	}
}

func refused(t *testing.T, open Open) {
	q := open(t, Options{})
	handler := func(context.Context, queue.Message) {}
	for _, c := range []struct {
		role  string
		types []event.Type
	}{
		{"", []event.Type{event.ReportReady}},
		{"Gate way", []event.Type{event.ReportReady}},
		{"gateway", nil},
		{"gateway", []event.Type{"ReportEaten"}},
	} {
		if _, err := q.Consume(t.Context(), c.role, c.types, handler); err == nil {
			t.Errorf("role %q consumes %q", c.role, c.types)
		}
	}
	if err := q.Publish(t.Context(), Event("ReportEaten")); !errors.Is(err, event.ErrUnknownType) {
		t.Errorf("publishing an unknown type: %v", err)
	}
}
