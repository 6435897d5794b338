package telemetry_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"peyk/internal/telemetry"
)

// get asks the health's handler and reads the answer.
func get(t *testing.T, h *telemetry.Health, path string) (int, map[string]telemetry.Result) {
	t.Helper()
	w := httptest.NewRecorder()
	h.Handler().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
	var body struct {
		OK     bool
		Checks []telemetry.Result
	}
	if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil {
		t.Fatalf("%s: %v", w.Body, err)
	}
	if body.OK != (w.Code == http.StatusOK) {
		t.Errorf("%s: status %d with ok %v", path, w.Code, body.OK)
	}
	results := make(map[string]telemetry.Result)
	for _, r := range body.Checks {
		results[r.Name] = r
	}
	return w.Code, results
}

func TestReadyOnlyWhenAllAreWell(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start := time.Now().UTC()
		var ledger error
		h := telemetry.NewHealth(time.Now, time.Second)
		h.Add("ledger", func(context.Context) error { return ledger })
		h.Add("queue", func(context.Context) error { return nil })

		if code, got := get(t, h, "/readyz"); code != http.StatusOK || len(got) != 2 || !got["ledger"].Since.Equal(start) {
			t.Errorf("all well: %d %v", code, got)
		}
		time.Sleep(time.Minute)
		ledger = errors.New("locked")
		broke := time.Now()
		get(t, h, "/readyz")
		time.Sleep(time.Minute)
		code, got := get(t, h, "/readyz")
		if r := got["ledger"]; code != http.StatusServiceUnavailable || r.OK || r.Error != "locked" || !r.Since.Equal(broke) {
			t.Errorf("ledger locked: %d %v", code, got)
		}
		if r := got["queue"]; !r.OK || !r.Since.Equal(start) {
			t.Errorf("queue beside it: %v", r)
		}
		if code, _ := get(t, h, "/healthz"); code != http.StatusOK {
			t.Errorf("alive: %d", code)
		}
	})
}

func TestASlowCheckIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		free := make(chan struct{})
		runs := 0
		h := telemetry.NewHealth(time.Now, time.Second)
		h.Add("deaf", func(context.Context) error { runs++; <-free; return nil })
		for range 3 {
			start := time.Now()
			code, got := get(t, h, "/readyz")
			if code != http.StatusServiceUnavailable || got["deaf"].OK || time.Since(start) != time.Second {
				t.Errorf("after %v: %d %v", time.Since(start), code, got)
			}
		}
		close(free)
		synctest.Wait()
		if code, _ := get(t, h, "/readyz"); code != http.StatusOK || runs != 2 {
			t.Errorf("when it hears again: %d after %d runs", code, runs)
		}
	})
}
