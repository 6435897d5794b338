package app

import (
	"context"
	"testing"
	"time"

	"peyk/internal/protocol"
	"peyk/internal/provider/engine"
)

// TestStanding has two at work and three in the line: each learns its place,
// when it may be ready and when to look again, and the place changes the ETag.
func TestStanding(t *testing.T) {
	t.Parallel()
	begun, end := make(chan string, 9), make(chan struct{})
	p := start(t, &fakeEngine{run: func(_ context.Context, job engine.Job, _ engine.Progress) (engine.Result, error) {
		begun <- job.GUID
		<-end
		return document("x"), nil
	}})
	var guids []string
	for n := range 5 {
		r := request(1)
		accepted := must(p.Submit(t.Context(), r))(t)
		if n < 2 {
			<-begun
		} else if got := accepted.Operation.Progress; got == nil || got.Position != n-1 {
			t.Errorf("number %d is answered with %+v", n+1, got)
		}
		guids = append(guids, r.ReportID)
	}
	for n, want := range []struct{ place, eta, look int }{ // 3 s are typical, 2 work
		{0, 3, 5}, {0, 3, 5}, {1, 5, 5}, {2, 6, 5}, {3, 8, 5},
	} {
		answer := must(p.Operation(t.Context(), guids[n], ""))(t)
		o, place, stage := answer.Value, 0, ""
		if o.Progress != nil {
			place, stage = o.Progress.Position, o.Progress.Stage
		}
		if place != want.place || (place > 0) != (stage == protocol.StageWaiting) || o.ETASeconds != want.eta || answer.RetryAfter != time.Duration(want.look)*time.Second {
			t.Errorf("number %d has place %d (%s), ready in %d s, look after %s; want %+v", n+1, place, stage, o.ETASeconds, answer.RetryAfter, want)
		}
		if again := must(p.Operation(t.Context(), guids[n], answer.ETag))(t); !again.Unchanged {
			t.Errorf("number %d: asked again, it came in full", n+1)
		}
	}
	last := guids[4]
	before := must(p.Operation(t.Context(), last, ""))(t)
	if err := p.Delete(t.Context(), guids[3], 1); err != nil {
		t.Fatal(err)
	}
	if after := must(p.Operation(t.Context(), last, before.ETag))(t); after.Unchanged || after.Value.Progress.Position != 2 {
		t.Errorf("when one before it left, the last is %+v", after)
	}
	close(end)
	for range 4 {
		p.told(t)
	}
	if answer := must(p.Operation(t.Context(), last, ""))(t); answer.RetryAfter != 0 || answer.Value.State != protocol.Ready {
		t.Errorf("at its end the answer is %+v", answer)
	}
}

func TestLookAfter(t *testing.T) {
	t.Parallel()
	for eta, want := range map[int]int{0: 10, 1: 5, 20: 5, 24: 6, 60: 15, 240: 60, 1 << 40: 60} {
		if got := lookAfter(protocol.Operation{State: protocol.Preparing, ETASeconds: eta}); got != want {
			t.Errorf("ready in %d s: look after %d s, want %d", eta, got, want)
		}
	}
	if got := seconds(-time.Hour); got != 1 {
		t.Errorf("what is overdue is ready in %d s", got)
	}
}
