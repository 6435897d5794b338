package gateway_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"peyk/internal/backoffice/event"
	"peyk/internal/backoffice/gateway"
	"peyk/internal/backoffice/ledger"
	"peyk/internal/blob"
	"peyk/internal/protocol"
	"peyk/internal/protocol/protocoltest"
	"peyk/internal/report"
)

// provider is a small honest provider behind HTTP whose first download breaks
// off in the middle.
type provider struct {
	t       *testing.T
	cut     sync.Once
	deleted chan int // generations up to which DELETE came

	mu     sync.Mutex
	posted protocol.SubmitRequest
	ranges []string // of the downloads
}

func (p *provider) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/reports", p.submit)
	mux.HandleFunc("GET /v1/reports/{guid}", p.operation)
	mux.HandleFunc("DELETE /v1/reports/{guid}", p.remove)
	mux.HandleFunc("GET /v1/reports/{guid}/files/{name}", p.file)
	return protocol.RequireBearer([]string{"secret"}, protocol.Problems(mux))
}

func (p *provider) submit(w http.ResponseWriter, r *http.Request) {
	s, problem := protocol.ReadSubmit(w, r)
	if problem != nil {
		protocol.WriteProblem(w, problem)
		return
	}
	p.mu.Lock()
	p.posted = s.SubmitRequest
	p.mu.Unlock()
	w.Header().Set("Location", "/v1/reports/"+s.ReportID)
	w.Header().Set("Retry-After", "1")
	protocol.WriteJSON(w, http.StatusAccepted, p.ready())
}

func (p *provider) operation(w http.ResponseWriter, _ *http.Request) {
	o := p.ready()
	w.Header().Set("ETag", o.ETag())
	protocol.WriteJSON(w, http.StatusOK, o)
}

// ready is what it says from the 202 on, so that nothing waits for a poll.
func (p *provider) ready() protocol.Operation {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now().UTC()
	return protocol.Operation{
		ReportID: p.posted.ReportID, Generation: p.posted.Generation, State: protocol.Ready, Rev: 4,
		UpdatedAt: now, ExpiresAt: now.Add(time.Hour), Results: []report.File{declared()},
		Sources: []report.Source{{Name: "shop", State: report.SourceComplete, Rows: 3, AsOf: now}},
	}
}

func (p *provider) file(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	p.ranges = append(p.ranges, r.Header.Get("Range"))
	p.mu.Unlock()
	f := declared()
	digest, err := protocol.FormatReprDigest(f.SHA256)
	if err != nil {
		p.t.Error(err)
	}
	h := w.Header()
	h.Set("Content-Type", f.MediaType)
	h.Set("ETag", `"`+f.SHA256+`"`)
	h.Set(protocol.HeaderReprDigest, digest)
	p.cut.Do(func() {
		h.Set("Content-Length", strconv.FormatInt(f.Size, 10))
		h.Set("Accept-Ranges", "bytes")
		_, _ = w.Write(document[:10])
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	})
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(document))
}

func (p *provider) remove(w http.ResponseWriter, r *http.Request) {
	generation, problem := protocol.QueryGeneration(r)
	if problem != nil {
		protocol.WriteProblem(w, problem)
		return
	}
	w.WriteHeader(http.StatusNoContent)
	p.deleted <- generation
}

// client reaches p by HTTP; every exchange is held against the contract.
func (p *provider) client() *protocol.Client {
	p.t.Helper()
	server := httptest.NewServer(p.handler())
	p.t.Cleanup(server.Close)
	hc := &http.Client{Transport: protocoltest.New(p.t).Transport(server.Client().Transport)}
	c, err := protocol.NewClient(server.URL, server.URL, protocol.StaticToken("secret"), hc)
	if err != nil {
		p.t.Fatal(err)
	}
	return c
}

// passing is a gate that lets everything of one page pass.
type passing struct{}

func (passing) Check(context.Context, string, io.Reader, int64) (int, error) { return 1, nil }

// TestTheWholePathOverHTTP goes from ACCEPTED to STORED, and to the DELETE after
// DELIVERED, with the real client, real files and each ledger.
func TestTheWholePathOverHTTP(t *testing.T) {
	t.Parallel()
	for name, open := range ledgers() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := open(t)
			t.Cleanup(func() { l.Close() })
			wholePath(t, l)
		})
	}
}

func wholePath(t *testing.T, l ledger.Ledger) {
	t.Helper()
	ctx := t.Context()
	dir := t.TempDir()
	blobs, err := blob.OpenDir(ctx, dir, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	defer blobs.Close()
	p := &provider{t: t, deleted: make(chan int, 1)}
	events := make(published, 9)
	station := gateway.New(gateway.Config{
		Store: l, Publish: events, Provider: p.client(), Blobs: blobs, Gate: passing{}, Worker: "test", MaxBytes: 1 << 20,
		Log: slog.New(slog.DiscardHandler),
	})
	if err := l.Update(ctx, accepted); err != nil {
		t.Fatal(err)
	}
	if err := station.Handle(ctx, event.Event{Type: event.ReportRequested, GUID: guid}, 1); err != nil {
		t.Fatal(err)
	}
	station.Start()
	if got := await(t, events); got != event.ReportIsHere {
		t.Fatalf("it ended with %s, want ReportIsHere", got)
	}
	whatIsHere(t, l, blobs)
	if want := []string{"", "bytes=10-"}; !slices.Equal(p.ranges, want) {
		t.Errorf("the ranges asked for were %q, want %q", p.ranges, want)
	}
	if err := l.Update(ctx, delivered); err != nil {
		t.Fatal(err)
	}
	if err := station.Handle(ctx, event.Event{Type: event.ReportDelivered, GUID: guid}, 2); err != nil {
		t.Fatal(err)
	}
	if got := await(t, p.deleted); got != 1 {
		t.Errorf("generations up to %d were deleted, want 1", got)
	}
	if err := station.Stop(ctx); err != nil {
		t.Error(err)
	}
}

// await waits for what must come, though not forever.
func await[T any](t *testing.T, from <-chan T) (got T) {
	t.Helper()
	select {
	case got = <-from:
	case <-time.After(30 * time.Second):
		t.Fatal("nothing came in half a minute")
	}
	return got
}

func accepted(tx ledger.Tx) error {
	if err := tx.PutAccount(ledger.Account{Name: "derya"}); err != nil {
		return err
	}
	r, m, err := report.New(guid, report.Asked{
		Type: "t.v1", Owner: "derya", Approval: report.NoApproval, Parameters: []byte("{}"), Formats: []string{"pdf"},
		Locale: "tr", TimeZone: "Europe/Istanbul", RequestedAt: tx.Now(),
	}, time.Minute, tx.Now())
	if err != nil {
		return err
	}
	return ledger.Move(tx, r, m)
}

// delivered is what trace does once it is here.
func delivered(tx ledger.Tx) error {
	r, err := tx.Request(guid)
	if err != nil {
		return err
	}
	r.Announced(tx.Now())
	m, err := r.Deliver(tx.Now(), nil)
	return errors.Join(err, ledger.Move(tx, r, m))
}

// whatIsHere reads the bytes back by the key the ledger names.
func whatIsHere(t *testing.T, l ledger.Ledger, blobs *blob.Dir) {
	t.Helper()
	var r *report.Request
	var files []ledger.File
	err := l.View(t.Context(), func(v ledger.View) (err error) {
		r, err = v.Request(guid)
		if err != nil {
			return err
		}
		files, err = v.Files(guid)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if r.State != report.Stored || len(files) != 1 || files[0].File != declared() {
		t.Fatalf("it is %s with the files %+v, want STORED with %+v", r.State, files, declared())
	}
	f, _, err := blobs.Open(t.Context(), files[0].BlobKey)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if got, err := io.ReadAll(f); err != nil || !bytes.Equal(got, document) {
		t.Errorf("%q is here (%v), want %q", got, err, document)
	}
}
