package app

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"go.uber.org/goleak"

	"peyk/internal/protocol"
	"peyk/internal/protocol/protocoltest"
	"peyk/internal/provider/engine"
	"peyk/internal/provider/files"
	"peyk/internal/provider/store"
	"peyk/internal/report"
	"peyk/internal/telemetry/logtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fakeEngine makes reports at once, unless run says otherwise, and audits what
// audit says.
type fakeEngine struct {
	audit func(ctx context.Context, job engine.Job) error
	run   func(ctx context.Context, job engine.Job, progress engine.Progress) (engine.Result, error)
}

func (*fakeEngine) Catalog() engine.Catalog {
	return engine.Catalog{ETag: `"one"`, Types: []engine.ReportType{{
		ID: "sales.v1", Version: "aa", Approval: report.NoApproval,
		Title: report.Text{EN: "Sales", TR: "Satışlar"}, Description: report.Text{EN: "All sales.", TR: "Bütün satışlar."},
		Formats: []string{"pdf"}, TypicalSeconds: 3,
		Parameters: []engine.ParameterType{{Name: "count", Type: "integer", Title: report.Text{EN: "Count", TR: "Adet"}, Required: true}},
		Schema:     json.RawMessage(`{"type":"object"}`),
	}}}
}

func (*fakeEngine) Validate(_ string, parameters map[string]json.RawMessage) error {
	if _, ok := parameters["count"]; ok {
		return nil
	}
	return &report.Error{
		Class: report.Permanent, Code: "invalid-parameters", Sentence: "The parameters do not fit.",
		Cause: &engine.Invalid{Fields: []engine.Field{{Name: "count", Why: "is missing"}}},
	}
}

func (e *fakeEngine) Audit(ctx context.Context, job engine.Job) error {
	if e.audit == nil {
		return nil
	}
	return e.audit(ctx, job)
}

func (e *fakeEngine) Run(ctx context.Context, job engine.Job, progress engine.Progress) (engine.Result, error) {
	if e.run == nil {
		return document("sales of " + job.GUID), nil
	}
	return e.run(ctx, job, progress)
}

func document(content string) engine.Result {
	return engine.Result{
		Documents: []engine.Document{{Bytes: []byte(content), File: report.File{Name: "sales.pdf", MediaType: "application/pdf", Pages: 1, Rows: 1}}},
		Sources:   []report.Source{{Name: "shop", State: report.SourceComplete, Rows: 1, AsOf: time.Unix(1_800_000_000, 0).UTC()}},
	}
}

// company is the other side: a client, and a receiver of webhooks that checks
// their signatures.
type company struct {
	*protocol.Client
	hooks  chan protocol.Webhook
	answer func() int // status for the next webhook
}

// provider is an app and its file service over HTTP, every exchange held
// against the contract.
type provider struct {
	company
	app    *App
	store  *store.Store
	url    string // of the app, for requests the client would not send
	stop   func() // ends Run and waits for it
	engine *fakeEngine
	log    *logtest.Log // of the app
}

func openStore(tb testing.TB, dir string, now func() time.Time) *store.Store {
	tb.Helper()
	s, err := store.Open(tb.Context(), store.Config{
		Dir: dir, Now: now, NewID: uuid.NewString, Source: protocol.WebhookSource,
		Retention: 7 * 24 * time.Hour, Tombstone: 30 * 24 * time.Hour,
	})
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

func start(tb testing.TB, e *fakeEngine) *provider {
	tb.Helper()
	return startIn(tb, tb.TempDir(), e)
}

func startIn(tb testing.TB, dir string, e *fakeEngine) *provider {
	tb.Helper()
	contract := protocoltest.New(tb)
	s := openStore(tb, dir, time.Now)

	p := &provider{store: s, engine: e, log: logtest.New(tb, "app"), company: company{hooks: make(chan protocol.Webhook, 100), answer: func() int { return http.StatusNoContent }}}
	receiver := httptest.NewServer(p.receiver(testKey().Public()))
	hookClient := &http.Client{Transport: contract.WebhookTransport(&http.Transport{})}
	p.app = New(Config{
		Store: s, Engine: e, Tokens: []string{"old", "secret"}, Now: time.Now, Random: func() float64 { return 0.5 }, Log: p.log.Logger,
		Webhook: Webhook{URL: receiver.URL, Keys: []protocol.SigningKey{testKey()}, Client: hookClient},
	})
	appServer := httptest.NewServer(contract.Answers(p.app.Handler()))
	fileServer := httptest.NewServer(contract.Answers(files.Handler(s.Reader, []string{"secret"}, logtest.New(tb, "files").Logger)))
	p.url = appServer.URL

	transport := &http.Transport{}
	client, err := protocol.NewClient(appServer.URL, fileServer.URL, protocol.StaticToken("secret"), &http.Client{Transport: contract.Transport(transport)})
	if err != nil {
		tb.Fatal(err)
	}
	p.Client = client

	ctx, cancel := context.WithCancel(context.Background())
	var run sync.WaitGroup
	run.Go(func() { p.app.Run(ctx) })
	p.stop = sync.OnceFunc(func() { cancel(); run.Wait() })
	tb.Cleanup(func() {
		p.stop()
		transport.CloseIdleConnections()
		hookClient.CloseIdleConnections()
		appServer.Close()
		fileServer.Close()
		receiver.Close()
		s.Close()
	})
	return p
}

func (c *company) receiver(key protocol.VerifyingKey) http.Handler {
	verifier := protocol.Verifier{Keys: []protocol.VerifyingKey{key}, Now: time.Now}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		if _, err := verifier.Verify(r.Header, body); err != nil {
			protocol.WriteProblem(w, protocol.NewProblem(http.StatusUnauthorized, protocol.CodeUnauthenticated, "%v", err))
			return
		}
		hook, err := protocol.ParseWebhook(body)
		if err != nil {
			protocol.WriteProblem(w, protocol.NewProblem(http.StatusBadRequest, protocol.CodeMalformed, "%v", err))
			return
		}
		w.WriteHeader(c.answer())
		c.hooks <- hook
	})
}

// told waits for the next webhook.
func (c *company) told(tb testing.TB) protocol.Webhook {
	tb.Helper()
	select {
	case h := <-c.hooks:
		return h
	case <-time.After(10 * time.Second):
		tb.Fatal("no webhook within 10 s")
		panic("unreachable")
	}
}

func request(generation int) protocol.SubmitRequest {
	return requestFor(uuid.Must(uuid.NewV7()).String(), generation)
}

func requestFor(guid string, generation int) protocol.SubmitRequest {
	return protocol.SubmitRequest{
		ReportID: guid, Generation: generation, Type: "sales.v1", TypeVersion: "aa",
		Parameters: map[string]json.RawMessage{"count": json.RawMessage("5")},
		Formats:    []string{"pdf"}, Locale: "tr", TimeZone: "Europe/Istanbul",
		RequestedBy: "Ayşe Yılmaz", RequestedAt: time.Now().UTC(), MaxBytes: 1 << 20,
	}
}

// must is for calls that have to work: must(call())(t).
func must[T any](v T, err error) func(testing.TB) T {
	return func(tb testing.TB) T {
		tb.Helper()
		if err != nil {
			tb.Fatal(err)
		}
		return v
	}
}

func TestJourney(t *testing.T) {
	t.Parallel()
	p := start(t, &fakeEngine{})
	ctx, r := t.Context(), request(1)
	catalog := must(p.Catalog(ctx, ""))(t)
	if len(catalog.Value.Types) != 1 || catalog.Value.Types[0].ID != r.Type {
		t.Fatalf("catalog is %+v", catalog.Value)
	}
	if again := must(p.Catalog(ctx, catalog.ETag))(t); !again.Unchanged {
		t.Error("catalog with its ETag came again in full")
	}
	a := must(p.Submit(ctx, r))(t)
	if a.Operation.State != protocol.Queued || a.RetryAfter != 5*time.Second || a.Location != "/v1/reports/"+r.ReportID {
		t.Errorf("202 says %+v", a)
	}
	hook := p.told(t)
	o := must(p.Operation(ctx, r.ReportID, ""))(t)
	if hook.Data.State != protocol.Ready || hook.Data.Rev != o.Value.Rev || hook.Data.ReportID != r.ReportID {
		t.Errorf("webhook says %+v, the operation %+v", hook, o.Value)
	}
	file := o.Value.Results[0]
	body := must(p.File(ctx, protocol.FileRequest{GUID: r.ReportID, Name: file.Name, Generation: 1, Limit: file.Size}))(t)
	content := must(io.ReadAll(body.Body))(t)
	body.Body.Close()
	if want := "sales of " + r.ReportID; string(content) != want || body.SHA256 != file.SHA256 {
		t.Errorf("file holds %q by digest %s, want %q", content, body.SHA256, want)
	}
	if err := p.Delete(ctx, r.ReportID, 1); err != nil {
		t.Fatal(err)
	}
	gone := must(p.Operation(ctx, r.ReportID, o.ETag))(t)
	if gone.Value.State != protocol.Deleted || gone.Value.Reason != protocol.ReasonDeleted || gone.Value.Rev <= o.Value.Rev {
		t.Errorf("after DELETE the operation is %+v", gone.Value)
	}
	if _, err := p.File(ctx, protocol.FileRequest{GUID: r.ReportID, Name: file.Name, Generation: 1, Limit: file.Size}); report.CodeOf(err) != protocol.CodeGone {
		t.Errorf("file after DELETE: %v", err)
	}
	if _, err := p.Submit(ctx, r); report.CodeOf(err) != protocol.CodeTombstoned {
		t.Errorf("POST of a deleted generation: %v", err)
	}
	if _, err := p.Submit(ctx, requestFor(r.ReportID, 2)); err != nil {
		t.Errorf("POST of the next generation: %v", err)
	}
}
