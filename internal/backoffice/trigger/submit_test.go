package trigger_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"

	"peyk/internal/backoffice/trigger"
)

func TestSameRequestSameAnswer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	guid := w.guid()
	answers := make([]string, 50)
	var all sync.WaitGroup
	for i := range answers {
		all.Go(func() { answers[i] = w.call("derya", "POST", "/requests", form(guid, "top-games.v1")).Body.String() })
	}
	all.Wait()
	for i, a := range answers {
		if a != answers[0] || !strings.Contains(a, guid) {
			t.Errorf("answer %d differs:\n%s\n%s", i, a, answers[0])
		}
	}
	if n := w.events.Load(); n != 1 {
		t.Errorf("%d events, want one", n)
	}
	w.want(http.StatusConflict, "guid-reused", "deniz", "POST", "/requests", form(guid, "top-games.v1"))
	w.want(http.StatusConflict, "guid-reused", "derya", "POST", "/requests", form(guid, "payroll.v1"))
}

func TestSubmitRefuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	good := form(w.guid(), "top-games.v1")
	for _, c := range []struct {
		status          int
		code, who, body string
	}{
		{401, "unauthenticated", "", good},
		{401, "unauthenticated", "nobody", good},
		{403, "forbidden", "onur", good},
		{413, "too-large", "derya", `{"note":"` + strings.Repeat("x", trigger.MaxBody) + `"}`},
		{400, "malformed", "derya", "{"},
		{400, "malformed", "derya", good + "]"},
		{400, "malformed", "derya", good + "{}"},
		{400, "malformed", "derya", `{"color":1}`},
		{400, "malformed", "derya", form("1", "top-games.v1")},
		{422, "unknown-type", "derya", form(w.guid(), "no-such.v1")},
	} {
		w.want(c.status, c.code, c.who, "POST", "/requests", c.body)
	}
	rec := w.want(422, "invalid-parameters", "derya", "POST", "/requests",
		strings.Replace(good, `"last-year"`, `"last-year","count":"101","color":"red"`, 1))
	for _, pointer := range []string{"/parameters/count", "/parameters/color"} {
		if !strings.Contains(rec.Body.String(), pointer) {
			t.Errorf("no %s in %s", pointer, rec.Body)
		}
	}
}

func TestSubmitWhileSomethingIsDown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.queue = errors.New("queue gone")
	w.ask("top-games.v1")
	w.down = errors.New("disk gone")
	rec := w.want(503, "unavailable", "derya", "POST", "/requests", form(w.guid(), "top-games.v1"))
	if rec.Header().Get("Retry-After") == "" {
		t.Error("503 without Retry-After")
	}
}

func TestPresetAndSentence(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var s trigger.Status
	rec := w.want(200, "", "derya", "GET", "/requests/"+w.ask("top-games.v1"), "")
	if err := json.Unmarshal(rec.Body.Bytes(), &s); err != nil {
		t.Fatal(err)
	}
	if want := `{"count":10,"period":{"from":"2025-01-01","to":"2026-01-01"}}`; string(s.Parameters) != want {
		t.Errorf("parameters %s, want %s", s.Parameters, want)
	}
	if s.Sentence.TR != "En iyi 10 oyun: 2025" || s.Sentence.EN != "10 best games of 2025" {
		t.Errorf("in words: %q, %q", s.Sentence.TR, s.Sentence.EN)
	}
}
