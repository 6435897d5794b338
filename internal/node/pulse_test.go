package node

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"peyk/internal/backoffice/pulse"
)

// counted is what the part's meter noted: pieces of work and failures.
func counted(p *pulseTaker, part string) string {
	calls, failures := pulse.Failures(p.now(), p.meter(part).Figures(p.now()))
	return fmt.Sprint(calls, "/", failures)
}

func TestAnswersAreTimedByDoor(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		part, path string
		status     int
		want       string
	}{
		{"web", "/", 200, "1/0"},
		{"web", "/", 0, "1/0"}, // nothing was said: 200
		{"web", "/r/x", 404, "1/0"},
		{"web", "/", 503, "1/1"},
		{"web", "/events", 200, "0/0"},
		{"trigger", "/api/v1/requests/x/files/a.pdf", 500, "0/0"},
		{PartNotices, "/", 401, "1/1"},
		{PartNotices, "/", 204, "1/0"},
	} {
		p := newPulseTaker(time.Now)
		h := p.metered(c.part, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			if c.status > 0 {
				w.WriteHeader(c.status)
			}
		}))
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, c.path, nil))
		if got := counted(p, c.part); got != c.want {
			t.Errorf("%s %s answered %d: noted %s, want %s", c.part, c.path, c.status, got, c.want)
		}
	}
}

// way is a transport that answers as told.
type way struct {
	status int
	err    error
}

func (w way) RoundTrip(*http.Request) (*http.Response, error) {
	if w.err != nil {
		return nil, w.err
	}
	return &http.Response{StatusCode: w.status, Body: http.NoBody}, nil
}

func TestCallsAreTimedByDoor(t *testing.T) {
	t.Parallel()
	const app, files = "https://p.example/app", "https://p.example"
	for _, c := range []struct {
		app, files, address string
		way                 way
		wantApp, wantFiles  string
	}{
		{app, "https://f.example", app + "/v1/reports", way{status: 202}, "1/0", "0/0"},
		{app, "https://f.example", "https://f.example/v1/files/x", way{status: 200}, "0/0", "1/0"},
		{app, files, app + "/v1/reports", way{status: 404}, "1/0", "0/0"}, // one within the other
		{app, files, files + "/v1/files/x", way{status: 503}, "0/0", "1/1"},
		{files, files + "/f/", files + "/f/v1/files/x", way{status: 200}, "0/0", "1/0"},
		{files, files, files + "/v1/reports", way{status: 200}, "1/0", "0/0"},                                            // both are one
		{"http://127.0.0.1:80811", "http://127.0.0.1:8081", "http://127.0.0.1:80811/v1", way{status: 200}, "1/0", "0/0"}, // another port
		{app, files, app, way{err: errors.New("no way")}, "1/1", "0/0"},
		{app, files, app, way{err: fmt.Errorf("call: %w", context.Canceled)}, "0/0", "0/0"}, // we left
	} {
		p := newPulseTaker(time.Now)
		calls := &meteredCalls{c.way, c.app, c.files, p}
		r := httptest.NewRequest(http.MethodGet, c.address, nil)
		res, err := calls.RoundTrip(r)
		if err == nil {
			_ = res.Body.Close()
		}
		if a, f := counted(p, PartApp), counted(p, PartFiles); a != c.wantApp || f != c.wantFiles {
			t.Errorf("app at %s, files at %s, call of %s: noted %s and %s, want %s and %s", c.app, c.files, c.address, a, f, c.wantApp, c.wantFiles)
		}
	}
}
