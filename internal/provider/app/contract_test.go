package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"peyk/internal/protocol"
	"peyk/internal/provider/engine"
	"peyk/internal/report"
)

// TestRefusals sends what the client never would. The answers are still held
// against the contract.
func TestRefusals(t *testing.T) {
	t.Parallel()
	p := start(t, &fakeEngine{})
	guid := request(1).ReportID
	body := func(change func(*protocol.SubmitRequest)) string {
		r := requestFor(guid, 1)
		change(&r)
		text, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	good := body(func(*protocol.SubmitRequest) {})
	for what, c := range map[string]struct {
		call    string
		body    string
		headers map[string]string
		want    string
	}{
		"no token":             {"GET /v1/catalog", "", map[string]string{"Authorization": ""}, "401 unauthenticated"},
		"wrong token":          {"GET /v1/catalog", "", map[string]string{"Authorization": "Bearer x"}, "403 forbidden"},
		"second token":         {"GET /v1/catalog", "", map[string]string{"Authorization": "Bearer old"}, "200 "},
		"never seen":           {"GET /v1/reports/" + guid, "", nil, "404 report-unknown"},
		"GUID in capitals":     {"GET /v1/reports/" + strings.ToUpper(guid), "", nil, "400 malformed"},
		"another id":           {"GET /v1/reports/" + guid, "", map[string]string{"Peyk-Request-Id": strings.Replace(guid, "0", "1", 1)}, "400 malformed"},
		"form":                 {"POST /v1/reports", "a=b", map[string]string{"Content-Type": "text/plain"}, "415 unsupported-media-type"},
		"no JSON":              {"POST /v1/reports", "{", nil, "400 malformed"},
		"too long":             {"POST /v1/reports", strings.Repeat(" ", protocol.MaxSubmitBody+1), nil, "413 too-large"},
		"no key":               {"POST /v1/reports", good, map[string]string{"Idempotency-Key": ""}, "400 malformed"},
		"unknown type":         {"POST /v1/reports", body(func(r *protocol.SubmitRequest) { r.Type = "x" }), nil, "422 invalid-parameters /type"},
		"old version":          {"POST /v1/reports", body(func(r *protocol.SubmitRequest) { r.TypeVersion = "x" }), nil, "422 invalid-parameters /type_version"},
		"unknown format":       {"POST /v1/reports", body(func(r *protocol.SubmitRequest) { r.Formats = []string{"pdf", "doc"} }), nil, "422 invalid-parameters /formats/1"},
		"too late":             {"POST /v1/reports", body(func(r *protocol.SubmitRequest) { r.Deadline = time.Unix(1, 0) }), nil, "422 invalid-parameters /deadline"},
		"no parameters":        {"POST /v1/reports", body(func(r *protocol.SubmitRequest) { r.Parameters = map[string]json.RawMessage{} }), nil, "422 invalid-parameters /parameters/count"},
		"list without a time":  {"GET /v1/reports", "", nil, "400 malformed"},
		"list of no page":      {"GET /v1/reports?updated_after=2026-01-01T00:00:00Z&page=x", "", nil, "400 malformed"},
		"delete of nothing":    {"DELETE /v1/reports/" + guid, "", nil, "400 malformed"},
		"delete generation 0":  {"DELETE /v1/reports/" + guid + "?generation=0", "", nil, "400 malformed"},
		"delete of the unseen": {"DELETE /v1/reports/" + request(1).ReportID + "?generation=1", "", nil, "204 "},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			if got := p.send(t, c.call, c.body, guid, c.headers); got != c.want {
				t.Errorf("answered %q, want %q", got, c.want)
			}
		})
	}
}

// send makes one raw request and gives status, code and pointers of the answer.
func (p *provider) send(t *testing.T, call, body, guid string, headers map[string]string) string {
	t.Helper()
	method, target, _ := strings.Cut(call, " ")
	r, err := http.NewRequestWithContext(t.Context(), method, p.url+target, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer secret")
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set(protocol.HeaderIdempotencyKey, protocol.IdempotencyKey(guid, 1))
	}
	for name, value := range headers {
		r.Header.Set(name, value)
	}
	r.Close = true
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var problem protocol.Problem
	if resp.Header.Get("Content-Type") == protocol.MediaProblem {
		if err := json.NewDecoder(resp.Body).Decode(&problem); err != nil {
			t.Fatal(err)
		}
	}
	got := resp.Status[:3] + " " + problem.Code
	for _, e := range problem.Errors {
		got += " " + e.Pointer
	}
	return got
}

func TestReplay(t *testing.T) {
	t.Parallel()
	runs := make(chan string, 100)
	p := start(t, &fakeEngine{run: func(_ context.Context, job engine.Job, _ engine.Progress) (engine.Result, error) {
		runs <- job.GUID
		return document("x"), nil
	}})
	r := request(1)
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if _, err := p.Submit(t.Context(), r); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	p.told(t)
	a := must(p.Submit(t.Context(), r))(t)
	if a.Operation.State != protocol.Ready || a.Location == "" || a.RetryAfter <= 0 {
		t.Errorf("a replay after the end is answered %+v", a)
	}
	if len(runs) != 1 {
		t.Errorf("21 equal POSTs made %d runs", len(runs))
	}
	r.Locale = "en"
	if _, err := p.Submit(t.Context(), r); report.CodeOf(err) != protocol.CodeKeyReused || report.ClassOf(err) != report.Permanent {
		t.Errorf("another body under the key: %v", err)
	}
}

func TestConditionalGet(t *testing.T) {
	t.Parallel()
	p := start(t, &fakeEngine{})
	r := request(1)
	must(p.Submit(t.Context(), r))(t)
	p.told(t)
	first := must(p.Operation(t.Context(), r.ReportID, ""))(t)
	if again := must(p.Operation(t.Context(), r.ReportID, first.ETag))(t); !again.Unchanged {
		t.Errorf("an operation that did not change came again: %+v", again)
	}
}

func TestReconciliation(t *testing.T) {
	t.Parallel()
	p := start(t, &fakeEngine{})
	began := time.Now().Add(-time.Second)
	want := map[string]bool{}
	for range pageSize + 5 {
		r := request(1)
		must(p.Submit(t.Context(), r))(t)
		want[r.ReportID] = true
	}
	for range want {
		p.told(t)
	}
	page := ""
	for {
		list := must(p.Operations(t.Context(), began, page))(t)
		for _, o := range list.Operations {
			delete(want, o.ReportID)
		}
		if page = list.Next; page == "" {
			break
		}
	}
	if len(want) != 0 {
		t.Errorf("%d reports are on no page", len(want))
	}
}

// TestEnds is the table from what the engine does to what the company reads.
func TestEnds(t *testing.T) {
	t.Parallel()
	fail := func(class report.Class, code string) func(context.Context, engine.Job, engine.Progress) (engine.Result, error) {
		return func(context.Context, engine.Job, engine.Progress) (engine.Result, error) {
			return engine.Result{}, fmt.Errorf("make: %w", &report.Error{Class: class, Code: code, Sentence: "Because."})
		}
	}
	for what, c := range map[string]struct {
		run       func(context.Context, engine.Job, engine.Progress) (engine.Result, error)
		state     protocol.State
		code      string
		retriable bool
	}{
		"source away":    {fail(report.Transient, "source-unreachable"), protocol.Failed, "source-unreachable", true},
		"report broken":  {fail(report.Permanent, "layout-broken"), protocol.Failed, "layout-broken", false},
		"bad parameters": {fail(report.Permanent, "invalid-parameters"), protocol.Rejected, "invalid-parameters", false},
		"bad expression": {fail(report.Permanent, "expression-rejected"), protocol.Rejected, "expression-rejected", false},
		"one too large":  {fail(report.Permanent, "document-too-large"), protocol.Failed, "too-large", false},
		"unclassified": {func(context.Context, engine.Job, engine.Progress) (engine.Result, error) {
			return engine.Result{}, errors.New("oh")
		}, protocol.Failed, "internal", true},
		"panic": {func(context.Context, engine.Job, engine.Progress) (engine.Result, error) { panic("oh") }, protocol.Failed, "internal", false},
		"too large": {func(context.Context, engine.Job, engine.Progress) (engine.Result, error) {
			return document(strings.Repeat("x", 1<<20+1)), nil
		}, protocol.Failed, "too-large", false},
		"deadline": {func(ctx context.Context, _ engine.Job, _ engine.Progress) (engine.Result, error) {
			<-ctx.Done()
			return engine.Result{}, ctx.Err()
		}, protocol.Failed, "deadline", false},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			p := start(t, &fakeEngine{run: c.run})
			r := request(1)
			if what == "deadline" {
				r.Deadline = time.Now().Add(time.Second)
			}
			must(p.Submit(t.Context(), r))(t)
			hook := p.told(t)
			o := must(p.Operation(t.Context(), r.ReportID, ""))(t).Value
			if hook.Data.State != c.state || o.State != c.state || o.Error == nil || o.Error.Code != c.code || o.Error.Retriable != c.retriable {
				t.Errorf("webhook %+v, operation %+v with %+v", hook.Data, o, o.Error)
			}
		})
	}
}

func TestQuickProgressIsNot(t *testing.T) {
	t.Parallel()
	told, looked := make(chan struct{}), make(chan struct{})
	p := start(t, &fakeEngine{run: func(_ context.Context, _ engine.Job, progress engine.Progress) (engine.Result, error) {
		progress(1, 4, "gathering") // within the first second: not told
		close(told)
		<-looked
		return document("x"), nil
	}})
	r := request(1)
	must(p.Submit(t.Context(), r))(t)
	<-told
	if o := must(p.Operation(t.Context(), r.ReportID, ""))(t).Value; o.State != protocol.Preparing || o.Progress != nil || o.ETASeconds != 3 {
		t.Errorf("under way the operation is %+v", o)
	}
	close(looked)
	p.told(t)
}

func TestDeleteStopsTheWork(t *testing.T) {
	t.Parallel()
	begun, ended := make(chan struct{}), make(chan error, 1)
	p := start(t, &fakeEngine{run: func(ctx context.Context, _ engine.Job, _ engine.Progress) (engine.Result, error) {
		close(begun)
		<-ctx.Done()
		ended <- context.Cause(ctx)
		return engine.Result{}, ctx.Err()
	}})
	r := request(1)
	must(p.Submit(t.Context(), r))(t)
	<-begun
	if err := p.Delete(t.Context(), r.ReportID, 1); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; !errors.Is(err, errDeleted) {
		t.Errorf("the work ended because %v", err)
	}
	p.stop()
	if len(p.hooks) != 0 {
		t.Errorf("the company was told %+v", <-p.hooks)
	}
}

// A stop in the middle of a job that does not hear: the job is given back, and
// the next process finishes it.
func TestStopAndStart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	begun := make(chan struct{})
	first := startIn(t, dir, &fakeEngine{run: func(ctx context.Context, _ engine.Job, _ engine.Progress) (engine.Result, error) {
		close(begun)
		<-ctx.Done()
		return engine.Result{}, ctx.Err()
	}})
	first.app.Drain = time.Millisecond
	r := request(1)
	must(first.Submit(t.Context(), r))(t)
	<-begun
	first.stop()
	if _, err := first.Submit(t.Context(), request(1)); report.CodeOf(err) != protocol.CodeUnavailable || report.ClassOf(err) != report.Throttled {
		t.Errorf("a POST while stopping: %v", err)
	}
	if o := must(first.Operation(t.Context(), r.ReportID, ""))(t).Value; o.State != protocol.Queued {
		t.Errorf("given back, the operation is %+v", o)
	}
	first.store.Close()
	second := startIn(t, dir, &fakeEngine{})
	if hook := second.told(t); hook.Data.ReportID != r.ReportID || hook.Data.State != protocol.Ready {
		t.Errorf("the next process told %+v", hook)
	}
}

func TestHealth(t *testing.T) {
	t.Parallel()
	p := start(t, &fakeEngine{})
	get := func(path string) int {
		w := httptest.NewRecorder()
		p.app.Handler().ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		return w.Code
	}
	if live, ready := get("/healthz"), get("/readyz"); live != 204 || ready != 204 {
		t.Errorf("running: %d, %d", live, ready)
	}
	p.stop()
	if live, ready := get("/healthz"), get("/readyz"); live != 204 || ready != 503 {
		t.Errorf("stopping: %d, %d", live, ready)
	}
}
