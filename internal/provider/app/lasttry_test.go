package app

import (
	"context"
	"testing"
	"time"

	"peyk/internal/protocol"
	"peyk/internal/provider/engine"
)

// TestWorkGoesOnAfterALastTry lets a report that has seen two deaths be made
// alone: what is asked for meanwhile waits, and is made as soon as it has ended.
func TestWorkGoesOnAfterALastTry(t *testing.T) {
	t.Parallel()
	dir, suspect, other := t.TempDir(), request(1), request(1)
	for n := range 2 { // deaths: claimed and never settled
		s := openStore(t, dir, time.Now)
		if n == 0 {
			if _, err := s.Submit(t.Context(), protocol.Submission{SubmitRequest: suspect, BodyHash: "x"}, 1); err != nil {
				t.Fatal(err)
			}
		}
		if _, found, err := s.Claim(t.Context()); err != nil || !found {
			t.Fatalf("claim: found %v, %v", found, err)
		}
		s.Close()
	}
	begun, end := make(chan struct{}), make(chan struct{})
	p := startIn(t, dir, &fakeEngine{run: func(_ context.Context, job engine.Job, _ engine.Progress) (engine.Result, error) {
		if job.GUID == suspect.ReportID {
			close(begun)
			<-end
		}
		return document("x"), nil
	}})
	<-begun
	must(p.Submit(t.Context(), other))(t)
	if o := must(p.Operation(t.Context(), other.ReportID, ""))(t).Value; o.State != protocol.Queued {
		t.Errorf("beside a last try another report is %s", o.State)
	}
	close(end)
	for _, want := range []string{suspect.ReportID, other.ReportID} {
		if hook := p.told(t); hook.Data.ReportID != want || hook.Data.State != protocol.Ready {
			t.Errorf("told of %+v, want %s ready", hook.Data, want)
		}
	}
}
