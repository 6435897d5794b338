package protocol_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"peyk/internal/protocol"
)

func serve(h http.Handler, r *http.Request) (*http.Response, protocol.Problem) {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	var p protocol.Problem
	if w.Body.Len() > 0 {
		_ = json.Unmarshal(w.Body.Bytes(), &p)
	}
	return w.Result(), p
}

func TestRequireBearer(t *testing.T) {
	t.Parallel()
	h := protocol.RequireBearer([]string{"old", "new"}, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204) }))
	for authorization, want := range map[string]int{
		"": 401, "Bearer": 401, "Bearer ": 401, "Basic old": 401,
		"Bearer older": 403, "Bearer ol": 403, "Bearer old new": 403,
		"Bearer old": 204, "Bearer new": 204, "bearer new": 204,
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Authorization", authorization)
		resp, p := serve(h, r)
		if resp.StatusCode != want || want == 401 && (p.Code != "unauthenticated" || resp.Header.Get("WWW-Authenticate") == "") {
			t.Errorf("%q is answered %d %+v, want %d", authorization, resp.StatusCode, p, want)
		}
	}
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("Authorization", "Bearer x")
	if resp, _ := serve(protocol.RequireBearer(nil, h), r); resp.StatusCode != 403 {
		t.Errorf("without any token configured: %d", resp.StatusCode)
	}
}

func TestProblems(t *testing.T) {
	t.Parallel()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/things/{name}", func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(204) })
	for target, want := range map[string]string{
		"GET /v1/things/a":    "204 ",
		"POST /v1/things/a":   "405 method-not-allowed GET, HEAD",
		"GET /v1/other":       "404 not-found",
		"GET /v1//things/a":   "404 not-found",
		"GET /v1/x/../things": "404 not-found",
	} {
		method, path, _ := strings.Cut(target, " ")
		resp, p := serve(protocol.Problems(mux), httptest.NewRequest(method, path, nil))
		got := strings.TrimSpace(resp.Status[:3] + " " + p.Code + " " + resp.Header.Get("Allow"))
		if got != strings.TrimSpace(want) {
			t.Errorf("%s is answered %q, want %q", target, got, want)
		}
	}
}

func TestNotModified(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]bool{
		"": false, `"a"`: true, `W/"a"`: true, `"b"`: false, `"b", "a"`: true, "*": true, "a": false,
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("If-None-Match", header)
		if got := protocol.NotModified(r, `"a"`); got != want {
			t.Errorf("If-None-Match %s against \"a\": %v, want %v", header, got, want)
		}
	}
}

// post is a submit as the client would send it, changed by the test.
func post(t *testing.T, body string, change func(*http.Request)) (protocol.Submission, *protocol.Problem) {
	t.Helper()
	r := httptest.NewRequest("POST", "/v1/reports", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set(protocol.HeaderIdempotencyKey, protocol.IdempotencyKey(guid, 1))
	r.Header.Set(protocol.HeaderRequestID, guid)
	if change != nil {
		change(r)
	}
	return protocol.ReadSubmit(httptest.NewRecorder(), r)
}

const submitJSON = `{"report_id":"` + guid + `","generation":1,"type":"sales.v1","parameters":{"a":1.0,"b":"x"},
	"formats":["pdf"],"locale":"tr-TR","time_zone":"Europe/Istanbul"}`

func TestReadSubmitRefuses(t *testing.T) {
	t.Parallel()
	header := func(name, value string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set(name, value) }
	}
	swap := func(old, new string) string { return strings.Replace(submitJSON, old, new, 1) }
	for what, c := range map[string]struct {
		body   string
		change func(*http.Request)
		want   int
		at     string // pointer of the first error
	}{
		"form":               {submitJSON, header("Content-Type", "application/x-www-form-urlencoded"), 415, ""},
		"no type":            {submitJSON, header("Content-Type", ""), 415, ""},
		"too long":           {submitJSON + strings.Repeat(" ", protocol.MaxSubmitBody), nil, 413, ""},
		"no JSON":            {"<html>", nil, 400, ""},
		"half":               {submitJSON[:30], nil, 400, ""},
		"list":               {"[]", nil, 400, ""},
		"no GUID":            {swap(guid, "x"), nil, 400, ""},
		"no key":             {submitJSON, header(protocol.HeaderIdempotencyKey, ""), 400, ""},
		"key of another":     {submitJSON, header(protocol.HeaderIdempotencyKey, protocol.IdempotencyKey(guid, 2)), 400, ""},
		"id of another":      {submitJSON, header(protocol.HeaderRequestID, strings.Replace(guid, "0", "1", 1)), 400, ""},
		"no report type":     {swap("sales.v1", ""), nil, 422, "/type"},
		"no format":          {swap(`"pdf"`, ""), nil, 422, "/formats"},
		"no locale":          {swap("tr-TR", ""), nil, 422, "/locale"},
		"locale with spaces": {swap("tr-TR", "tr TR"), nil, 422, "/locale"},
		"zone on the moon":   {swap("Europe/Istanbul", "Moon/Tycho"), nil, 422, "/time_zone"},
		"zone of the server": {swap("Europe/Istanbul", "Local"), nil, 422, "/time_zone"},
		"negative limit":     {swap(`"locale"`, `"max_bytes":-1,"locale"`), nil, 422, "/max_bytes"},
		"a novel as a name":  {swap(`"locale"`, `"requested_by":"`+strings.Repeat("a", 201)+`","locale"`), nil, 422, "/requested_by"},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			_, p := post(t, c.body, c.change)
			if p == nil || p.Status != c.want {
				t.Fatalf("answered %v, want %d", p, c.want)
			}
			if c.at != "" && (len(p.Errors) != 1 || p.Errors[0].Pointer != c.at || p.Code != "invalid-parameters") {
				t.Errorf("errors %+v, want one at %s", p.Errors, c.at)
			}
		})
	}
}

// A replay is told from a reuse by content: spacing and order of keys are
// nothing, the spelling of a number is.
func TestBodyHash(t *testing.T) {
	t.Parallel()
	first, p := post(t, submitJSON, nil)
	if p != nil {
		t.Fatal(p)
	}
	for what, c := range map[string]struct {
		body string
		same bool
	}{
		"other spacing":   {strings.ReplaceAll(submitJSON, ",", " ,\n"), true},
		"other order":     {strings.Replace(submitJSON, `"a":1.0,"b":"x"`, `"b":"x","a":1.0`, 1), true},
		"other number":    {strings.Replace(submitJSON, "1.0", "1.5", 1), false},
		"other format":    {strings.Replace(submitJSON, `"pdf"`, `"pdf","csv"`, 1), false},
		"one field more":  {strings.Replace(submitJSON, `"locale"`, `"max_bytes":1,"locale"`, 1), false},
		"unknown field":   {strings.Replace(submitJSON, `"locale"`, `"mood":1,"locale"`, 1), false},
		"escaped letters": {strings.Replace(submitJSON, `"x"`, `"\u0078"`, 1), true},
	} {
		s, p := post(t, c.body, nil)
		if p != nil {
			t.Errorf("%s: %v", what, p)
		} else if (s.BodyHash == first.BodyHash) != c.same {
			t.Errorf("%s: same hash: %v, want %v", what, !c.same, c.same)
		}
	}
}

func TestWriteProblemDropsHeadersOfAnotherBody(t *testing.T) {
	t.Parallel()
	resp, p := serve(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("ETag", `"a"`)
		w.Header().Set("Content-Length", "999")
		problem := protocol.NewProblem(503, protocol.CodeUnavailable, "at %d", 5)
		problem.RetryAfter = 7
		protocol.WriteProblem(w, problem)
	}), httptest.NewRequest("GET", "/", nil))
	if resp.Header.Get("ETag") != "" || resp.Header.Get("Content-Length") == "999" || resp.Header.Get("Retry-After") != "7" ||
		resp.Header.Get("Content-Type") != protocol.MediaProblem || p.Detail != "at 5" || p.Title != "Service Unavailable" {
		t.Errorf("answered %v %+v", resp.Header, p)
	}
}
