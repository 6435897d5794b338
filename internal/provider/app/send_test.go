package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"peyk/internal/protocol"
	"peyk/internal/provider/engine"
	"peyk/internal/provider/store"
)

// attempt is one webhook as it came in, and when.
type attempt struct {
	at time.Duration // since the first
	id string
}

// flaky answers webhooks by a script, without a network, in fake time.
type flaky struct {
	mu       sync.Mutex
	began    time.Time
	attempts []attempt
	answers  []func() (*http.Response, error) // the last one stays
}

func (f *flaky) RoundTrip(r *http.Request) (*http.Response, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.began.IsZero() {
		f.began = time.Now()
	}
	f.attempts = append(f.attempts, attempt{time.Since(f.began), r.Header.Get(protocol.HeaderWebhookID)})
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	v := protocol.Verifier{Keys: []protocol.VerifyingKey{testKey().Public()}, Now: time.Now}
	if _, err := v.Verify(r.Header, body); err != nil {
		return nil, fmt.Errorf("attempt %d: %w", len(f.attempts), err)
	}
	next := f.answers[0]
	if len(f.answers) > 1 {
		f.answers = f.answers[1:]
	}
	return next()
}

func testKey() protocol.SigningKey {
	key, err := protocol.GenerateSigningKey("test", bytes.NewReader(bytes.Repeat([]byte("k"), 32)))
	if err != nil {
		panic(err)
	}
	return key
}

func status(code int, retryAfter string) func() (*http.Response, error) {
	return func() (*http.Response, error) {
		h := http.Header{"Location": {"http://127.0.0.1:1/"}, "Retry-After": {retryAfter}}
		return &http.Response{StatusCode: code, Header: h, Body: http.NoBody}, nil
	}
}

func unreachable() (*http.Response, error) { return nil, errors.New("connection refused") }

// inBubble runs an app in fake time: nothing in it waits for real.
func inBubble(t *testing.T, e Engine, f *flaky, act func(ctx context.Context, s *store.Store)) {
	t.Helper()
	inBubbleLogging(t, e, f, t.Output(), act)
}

func inBubbleLogging(t *testing.T, e Engine, f *flaky, log io.Writer, act func(ctx context.Context, s *store.Store)) {
	t.Helper()
	s := openStore(t, t.TempDir(), time.Now)
	defer s.Close()
	a := New(Config{
		Store: s, Engine: e, Now: time.Now, Random: func() float64 { return 0.5 },
		Log:     slog.New(slog.NewTextHandler(log, nil)),
		Webhook: Webhook{URL: "http://company.example/hooks", Keys: []protocol.SigningKey{testKey()}, Client: &http.Client{Transport: f}},
	})
	ctx, cancel := context.WithCancel(t.Context())
	var run sync.WaitGroup
	run.Go(func() { a.Run(ctx) })
	act(ctx, s)
	cancel()
	run.Wait()
}

func submitTo(t *testing.T, s *store.Store) protocol.Submission {
	t.Helper()
	sub := protocol.Submission{SubmitRequest: request(1), BodyHash: "x"}
	if _, err := s.Submit(t.Context(), sub, 1); err != nil {
		t.Fatal(err)
	}
	return sub
}

func TestSchedule(t *testing.T) {
	t.Parallel()
	var all []time.Duration
	total := time.Duration(0)
	for _, rest := range retryAfter {
		total += rest
		all = append(all, total)
	}
	for what, c := range map[string]struct {
		answers []func() (*http.Response, error)
		want    []time.Duration
	}{
		"taken at once":      {[]func() (*http.Response, error){status(204, "")}, all[:1]},
		"taken with 200":     {[]func() (*http.Response, error){status(200, "")}, all[:1]},
		"down, then up":      {[]func() (*http.Response, error){unreachable, status(500, ""), status(204, "")}, all[:3]},
		"redirected":         {[]func() (*http.Response, error){status(302, ""), status(204, "")}, all[:2]},
		"refused":            {[]func() (*http.Response, error){status(400, ""), status(204, "")}, all[:2]},
		"asked to wait":      {[]func() (*http.Response, error){status(503, "60"), status(204, "")}, []time.Duration{0, time.Minute}},
		"asked for too long": {[]func() (*http.Response, error){status(429, "999999999"), status(204, "")}, []time.Duration{0, time.Hour}},
		"gone":               {[]func() (*http.Response, error){status(410, "")}, all[:1]},
		"never":              {[]func() (*http.Response, error){unreachable}, all},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := &flaky{answers: c.answers}
				inBubble(t, &fakeEngine{}, f, func(_ context.Context, s *store.Store) {
					submitTo(t, s)
					time.Sleep(6 * 24 * time.Hour) // of fake time
					if due, next, err := s.DueWebhooks(t.Context(), 1); len(due) != 0 || !next.IsZero() || err != nil {
						t.Errorf("outbox holds %v, next at %s, %v", due, next, err)
					}
				})
				f.check(t, c.want)
			})
		})
	}
}

// check compares the attempts; the ends of network and disk take no fake time,
// so they fall on the schedule to the microsecond the store keeps.
func (f *flaky) check(t *testing.T, want []time.Duration) {
	t.Helper()
	if len(f.attempts) != len(want) {
		t.Fatalf("attempts were %v, want %v", f.attempts, want)
	}
	for i, a := range f.attempts {
		if d := a.at - want[i]; d < -time.Millisecond || d > time.Millisecond || a.id != f.attempts[0].id {
			t.Errorf("attempt %d was %+v, want at %s and the id of the first", i+1, a, want[i])
		}
	}
}

func TestJitter(t *testing.T) {
	t.Parallel()
	for chance, want := range map[float64]time.Duration{0: 9 * time.Second, 0.5: 10 * time.Second, 1: 11 * time.Second} {
		a := App{Config: Config{Random: func() float64 { return chance }}}
		if got := a.jitter(10 * time.Second); got != want {
			t.Errorf("at chance %v 10 s become %s, want %s", chance, got, want)
		}
	}
}

// TestExpiryIsTold lets a report's time pass.
func TestExpiryIsTold(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := &flaky{answers: []func() (*http.Response, error){status(204, "")}}
		inBubble(t, &fakeEngine{}, f, func(ctx context.Context, s *store.Store) {
			sub := submitTo(t, s)
			time.Sleep(7*24*time.Hour + 2*time.Hour) // of fake time
			o, err := s.Operation(ctx, sub.ReportID)
			if err != nil || o.State != protocol.Deleted || o.Reason != protocol.ReasonExpired {
				t.Errorf("after a week the operation is %+v, %v", o, err)
			}
		})
		if len(f.attempts) != 2 || f.attempts[1].at < 7*24*time.Hour {
			t.Errorf("the company was told %v", f.attempts)
		}
	})
}

// Progress is told once a second, and each telling raises the rev.
func TestSlowProgressIsTold(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e := &fakeEngine{run: func(_ context.Context, _ engine.Job, progress engine.Progress) (engine.Result, error) {
			for i := range 50 {
				time.Sleep(100 * time.Millisecond) // of fake time
				progress(i, 50, "gathering")
			}
			return document("x"), nil
		}}
		f := &flaky{answers: []func() (*http.Response, error){status(204, "")}}
		inBubble(t, e, f, func(ctx context.Context, s *store.Store) {
			sub := submitTo(t, s)
			time.Sleep(2500 * time.Millisecond)
			o, err := s.Operation(ctx, sub.ReportID)
			if err != nil || o.Progress == nil || o.Progress.Done < 19 || o.Progress.Done > 22 || o.Progress.Total != 50 || o.Rev != 4 {
				t.Errorf("after 2.5 s the operation is %+v with %+v, %v", o, o.Progress, err)
			}
			time.Sleep(time.Minute)
			o, err = s.Operation(ctx, sub.ReportID)
			if err != nil || o.State != protocol.Ready || o.Progress != nil || o.Rev > 8 {
				t.Errorf("at the end the operation is %+v, %v", o, err)
			}
		})
	})
}
