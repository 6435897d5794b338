package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"peyk/internal/protocol"
	"peyk/internal/provider/engine"
	"peyk/internal/provider/store"
	"peyk/internal/report"
)

// neverRun is an engine's run where nothing may run.
func neverRun(t *testing.T) func(context.Context, engine.Job, engine.Progress) (engine.Result, error) {
	return func(_ context.Context, job engine.Job, _ engine.Progress) (engine.Result, error) {
		t.Errorf("%s ran though its audit did not pass", job.GUID)
		return document("x"), nil
	}
}

// TestAuditRefuses: what the audit refuses does not run, and the company reads
// why.
func TestAuditRefuses(t *testing.T) {
	t.Parallel()
	for what, c := range map[string]struct {
		audit func(context.Context, engine.Job) error
		state protocol.State
		want  protocol.OperationError
	}{
		"refused": {func(context.Context, engine.Job) error {
			return &report.Error{Class: report.Permanent, Code: "too-expensive", Sentence: "7 rows, at most 6."}
		}, protocol.Rejected, protocol.OperationError{Code: "too-expensive", Detail: "7 rows, at most 6.", Stage: "audit"}},
		"panic": {func(context.Context, engine.Job) error { panic("oh") },
			protocol.Failed, protocol.OperationError{Code: protocol.CodeInternal, Stage: "prepare"}},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			p := start(t, &fakeEngine{audit: c.audit, run: neverRun(t)})
			r := request(1)
			must(p.Submit(t.Context(), r))(t)
			hook := p.told(t)
			o := must(p.Operation(t.Context(), r.ReportID, ""))(t).Value
			if hook.Data.State != c.state || o.State != c.state || o.Error == nil || *o.Error != c.want {
				t.Errorf("told %s; the operation is %s with %+v, want %s with %+v", hook.Data.State, o.State, o.Error, c.state, c.want)
			}
		})
	}
}

// auditor is an audit that is down for one report until some tries were made.
type auditor struct {
	mu    sync.Mutex
	down  string // the report it is down for
	until int    // so many tries
	slow  bool   // it gives no answer instead of an error
	tries []time.Time
}

func (a *auditor) audit(ctx context.Context, job engine.Job) error {
	a.mu.Lock()
	if job.GUID != a.down {
		a.mu.Unlock()
		return nil
	}
	a.tries = append(a.tries, time.Now())
	down := len(a.tries) <= a.until
	a.mu.Unlock()
	switch {
	case down && a.slow:
		<-ctx.Done()
		return ctx.Err()
	case down:
		return errors.New("connection refused")
	}
	return nil
}

// TestAuditDown: while the audit cannot be had, its request waits without a
// worker, others are made, and the tries come after 1 s, 2 s, … 1 min.
func TestAuditDown(t *testing.T) {
	t.Parallel()
	for what, slow := range map[string]bool{"no connection": false, "no answer": true} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { auditDown(t, slow) })
		})
	}
}

func auditDown(t *testing.T, slow bool) {
	const tries = 9
	audit := &auditor{until: tries, slow: slow}
	e := &fakeEngine{audit: audit.audit}
	f := &flaky{answers: []func() (*http.Response, error){status(204, "")}}
	var log bytes.Buffer
	inBubbleLogging(t, e, f, &log, func(ctx context.Context, s *store.Store) {
		waits := protocol.Submission{SubmitRequest: request(1), BodyHash: "x"}
		audit.down = waits.ReportID
		if _, err := s.Submit(ctx, waits, 1); err != nil {
			t.Fatal(err)
		}
		time.Sleep(auditTime + time.Minute) // of fake time
		for range 3 {                       // more than there are workers
			other := submitTo(t, s)
			time.Sleep(100 * time.Millisecond)
			wantState(t, s, other.ReportID, protocol.Ready)
			wantState(t, s, waits.ReportID, protocol.PendingReview)
		}
		time.Sleep(tries * (auditTime + time.Minute))
		wantState(t, s, waits.ReportID, protocol.Ready)
	})
	audit.checkRests(t, tries)
	if n := strings.Count(log.String(), "level=WARN"); n != 1 {
		t.Errorf("the log warned %d times of an audit that is down:\n%s", n, log.String())
	}
}

func (a *auditor) checkRests(t *testing.T, tries int) {
	t.Helper()
	if len(a.tries) != tries+1 {
		t.Fatalf("it was audited %d times, want %d", len(a.tries), tries+1)
	}
	for i, at := range a.tries[1:] {
		got, want := at.Sub(a.tries[i]), min(time.Second<<i, time.Minute)
		if a.slow {
			want += auditTime
		}
		if d := got - want; d < -10*time.Millisecond || d > 10*time.Millisecond {
			t.Errorf("try %d came %s after the one before, want %s", i+2, got, want)
		}
	}
}

func wantState(t *testing.T, s *store.Store, guid string, want protocol.State) {
	t.Helper()
	if o, err := s.Operation(t.Context(), guid); err != nil || o.State != want {
		t.Errorf("the operation is %s with %+v, %v; want %s", o.State, o.Error, err, want)
	}
}

// TestAuditWaitEnds: a request that waits for its audit ends by its deadline,
// by a DELETE, and over a restart by the audit itself.
func TestAuditWaitEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e := &fakeEngine{run: neverRun(t), audit: func(context.Context, engine.Job) error { return errors.New("down") }}
		f := &flaky{answers: []func() (*http.Response, error){status(204, "")}}
		inBubble(t, e, f, func(ctx context.Context, s *store.Store) {
			late := protocol.Submission{SubmitRequest: request(1), BodyHash: "x"}
			late.Deadline = time.Now().Add(5 * time.Minute)
			if _, err := s.Submit(ctx, late, 1); err != nil {
				t.Fatal(err)
			}
			gone := submitTo(t, s)
			time.Sleep(time.Minute)
			wantState(t, s, gone.ReportID, protocol.PendingReview)
			if err := s.Delete(ctx, gone.ReportID, 1); err != nil {
				t.Fatal(err)
			}
			time.Sleep(6 * time.Minute)
			wantState(t, s, gone.ReportID, protocol.Deleted)
			wantState(t, s, late.ReportID, protocol.Failed)
		})
	})
}

func TestAuditWaitSurvivesARestart(t *testing.T) {
	t.Parallel()
	dir, asked := t.TempDir(), make(chan struct{}, 1)
	first := startIn(t, dir, &fakeEngine{run: neverRun(t), audit: func(context.Context, engine.Job) error {
		select {
		case asked <- struct{}{}:
		default:
		}
		return errors.New("down")
	}})
	r := request(1)
	must(first.Submit(t.Context(), r))(t)
	<-asked
	first.stop()
	wantState(t, first.store, r.ReportID, protocol.PendingReview)
	first.store.Close()
	second := startIn(t, dir, &fakeEngine{})
	if hook := second.told(t); hook.Data.ReportID != r.ReportID || hook.Data.State != protocol.Ready {
		t.Errorf("the next process told %+v", hook)
	}
}

func TestRestsBetweenAuditsAreBounded(t *testing.T) {
	t.Parallel()
	for _, chance := range []float64{0, 0.5, 0.999} {
		s := openStore(t, t.TempDir(), time.Now)
		a := New(Config{Store: s, Engine: &fakeEngine{}, Now: time.Now, Random: func() float64 { return chance }, Log: slog.New(slog.DiscardHandler), Webhook: Webhook{Client: http.DefaultClient}})
		for tries := range mostReviews {
			submitTo(t, s)
			job, _, err := s.Claim(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			job.Reviews = tries
			before := time.Now()
			if err := a.audited(t.Context(), job, errors.New("down")).write(t.Context()); err != nil {
				t.Fatal(err)
			}
			next, err := s.NextReview(t.Context())
			if rest := next.Sub(before); err != nil || rest < leastReview-time.Millisecond || rest > mostReview+time.Second {
				t.Errorf("after %d tries, at chance %v, the rest is %s, %v", tries+1, chance, rest, err)
			}
			if err := s.Delete(t.Context(), job.ReportID, 1); err != nil {
				t.Fatal(err)
			}
		}
		s.Close()
	}
}

// TestAnAuditThatStaysAwayEndsTheRequest: a person should hear of it.
func TestAnAuditThatStaysAwayEndsTheRequest(t *testing.T) {
	t.Parallel()
	s := openStore(t, t.TempDir(), time.Now)
	defer s.Close()
	a := New(Config{Store: s, Engine: &fakeEngine{}, Now: time.Now, Random: func() float64 { return 0 }, Log: slog.New(slog.DiscardHandler), Webhook: Webhook{Client: http.DefaultClient}})
	sub := submitTo(t, s)
	job, _, err := s.Claim(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	job.Reviews = mostReviews
	away := &report.Error{Class: report.Transient, Code: "source-unavailable", Sentence: "The source is away."}
	if err := a.audited(t.Context(), job, fmt.Errorf("estimate: %w", away)).write(t.Context()); err != nil {
		t.Fatal(err)
	}
	o, err := s.Operation(t.Context(), sub.ReportID)
	if err != nil || o.State != protocol.Failed || o.Error == nil || o.Error.Code != "source-unavailable" || !o.Error.Retriable || o.Error.Detail != "The source is away." {
		t.Errorf("the operation is %+v with %+v, %v", o, o.Error, err)
	}
}
