package gateway_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"peyk/internal/backoffice/event"
	"peyk/internal/backoffice/gateway"
	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/ledger/mem"
	"peyk/internal/blob"
	"peyk/internal/protocol"
	"peyk/internal/report"
	"peyk/internal/telemetry/logtest"
)

const guid = "01a2082b-96d0-7c3e-9a41-5d0be27f8c16"

var document = []byte("%PDF-1.7 the bytes of a report")

// world is a gateway between a ledger and a provider that does as scripted, in
// fake time.
type world struct {
	t       *testing.T
	ledger  *mem.Ledger
	station *gateway.Station
	log     *logtest.Log
	begin   sync.Once

	mu        sync.Mutex // guards what the station's goroutines write
	aside     []string
	checked   []string
	stored    map[string][]byte
	submit    func(protocol.SubmitRequest) error
	operation func() (protocol.Operation, error)
	file      func(protocol.FileRequest) (*protocol.FileBody, error)
	catalog   func(ctx context.Context, etag string) (protocol.Answer[protocol.Catalog], error)
	list      func(page string) (protocol.Page, error)
	remove    func(generation int) error
	pages     func() (int, error)       // what the gate says
	queue     error                     // of each event published
	again     time.Duration             // the provider's Retry-After; 0: none
	accepted  func(*protocol.Operation) // changes the operation in the 202, if not nil
	posts     []int                     // generations posted
	deleted   []int                     // generations up to which DELETE came
}

// published hands on the events of a station.
type published chan event.Type

func (p published) Publish(_ context.Context, e event.Event) error {
	p <- e.Type
	return nil
}

// inWorld runs a story in fake time and ends it orderly.
func inWorld(t *testing.T, story func(*world)) {
	t.Helper()
	t.Parallel()
	runWorld(t, story)
}

func runWorld(t *testing.T, story func(*world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &world{t: t, ledger: mem.New(time.Now), stored: map[string][]byte{}, log: logtest.New(t, "gateway")}
		w.submit = func(protocol.SubmitRequest) error { return nil }
		w.operation = func() (protocol.Operation, error) { return w.says(protocol.Ready), nil }
		w.file = func(protocol.FileRequest) (*protocol.FileBody, error) { return body(document), nil }
		w.catalog = func(context.Context, string) (a protocol.Answer[protocol.Catalog], err error) { return a, nil }
		w.list = func(string) (protocol.Page, error) { return protocol.Page{}, errDown }
		w.remove = func(int) error { return nil }
		w.pages = func() (int, error) { return 1, nil }
		w.station = w.open()
		w.update(func(tx ledger.Tx) error { return tx.PutAccount(ledger.Account{Name: "derya"}) })
		w.update(func(tx ledger.Tx) error {
			r, m, err := report.New(guid, report.Asked{Type: "t.v1", Owner: "derya", Approval: report.NoApproval, Parameters: []byte("{}")}, time.Minute, tx.Now())
			if err != nil {
				return err
			}
			return ledger.Move(tx, r, m)
		})
		defer w.stop()
		story(w)
	})
}

func (w *world) open() *gateway.Station {
	return gateway.New(gateway.Config{
		Store: w.ledger, Publish: w, Provider: w, Blobs: w, Gate: w, Worker: "test", MaxBytes: 1 << 20,
		Log: w.log.Logger,
	})
}

func (w *world) stop() {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := w.station.Stop(ctx); err != nil {
		w.t.Error(err)
	}
}

// rest lets d pass while no gateway runs, then starts another.
func (w *world) rest(d time.Duration) {
	w.t.Helper()
	w.stop()
	w.after(d)
	w.station = w.open()
	w.station.Start()
	synctest.Wait()
}

// rewrite changes the script while the station runs.
func (w *world) rewrite(change func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	change()
}

// cleaned lists the generations up to which DELETE came.
func (w *world) cleaned() []int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.deleted)
}

// hears lets an event come.
func (w *world) hears(t event.Type) {
	w.t.Helper()
	if err := w.station.Handle(w.t.Context(), event.Event{Type: t, GUID: guid}, 9); err != nil {
		w.t.Fatal(err)
	}
	synctest.Wait()
}

func (w *world) update(fn func(ledger.Tx) error) {
	w.t.Helper()
	if err := w.ledger.Update(w.t.Context(), fn); err != nil {
		w.t.Fatal(err)
	}
}

// facts gives the journal's rows of this name.
func (w *world) facts(name string) (found []report.Entry) {
	w.t.Helper()
	w.update(func(tx ledger.Tx) error {
		rows, err := tx.Journal(guid)
		for _, e := range rows {
			if e.Kind == report.KindFact && e.Name == name {
				found = append(found, e)
			}
		}
		return err
	})
	return found
}

func (w *world) request() (r *report.Request) {
	w.t.Helper()
	w.update(func(tx ledger.Tx) (err error) { r, err = tx.Request(guid); return err })
	return r
}

// after lets d of the world's time pass. The first call lets the station begin,
// so that a story writes its script first.
func (w *world) after(d time.Duration) {
	w.begin.Do(w.station.Start)
	time.Sleep(d)
	synctest.Wait()
}

// webhook is what the reader does when one comes.
func (w *world) webhook() {
	w.t.Helper()
	w.update(func(tx ledger.Tx) error {
		if _, err := tx.AddHook(ledger.Hook{ID: "msg_1", GUID: guid, Generation: 1, State: "ready", At: tx.Now()}); err != nil {
			return err
		}
		return tx.Wake(guid, ledger.Track)
	})
	if err := w.station.Handle(w.t.Context(), event.Event{Type: event.ReportReady, GUID: guid}, 7); err != nil {
		w.t.Fatal(err)
	}
}

// says is the provider's operation for the generation posted last.
func (w *world) says(s protocol.State) protocol.Operation {
	o := protocol.Operation{ReportID: guid, Generation: 1, State: s, Rev: 1}
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.posts) > 0 {
		o.Generation = w.posts[len(w.posts)-1]
	}
	if s == protocol.Ready {
		o.Results = []report.File{declared()}
	}
	return o
}

// declared is what an honest provider says of the document.
func declared() report.File {
	sum := sha256.Sum256(document)
	return report.File{
		Name: "a.pdf", MediaType: "application/pdf", Size: int64(len(document)), SHA256: hex.EncodeToString(sum[:]), Pages: 1, Rows: 3,
	}
}

func body(b []byte) *protocol.FileBody {
	return &protocol.FileBody{Body: io.NopCloser(bytes.NewReader(b)), Size: int64(len(b)), ETag: `"1"`}
}

var errDown = problem(http.StatusServiceUnavailable, protocol.CodeUnavailable)

func problem(status int, code string) error {
	class := report.Permanent
	if status >= 500 {
		class = report.Transient
	}
	return &report.Error{Class: class, Code: code, Cause: protocol.NewProblem(status, code, "")}
}

func (w *world) Publish(context.Context, event.Event) error { return w.queue }

func (w *world) Catalog(ctx context.Context, etag string) (protocol.Answer[protocol.Catalog], error) {
	return w.catalog(ctx, etag)
}

// posted lists the generations that were posted.
func (w *world) posted() []int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.posts)
}

func (w *world) Submit(_ context.Context, s protocol.SubmitRequest) (protocol.Accepted, error) {
	w.mu.Lock()
	w.posts = append(w.posts, s.Generation)
	submit, again, accepted := w.submit, w.again, w.accepted
	w.mu.Unlock()
	o := w.says(protocol.Queued)
	if accepted != nil {
		accepted(&o)
	}
	return protocol.Accepted{Operation: o, Location: "/", RetryAfter: again}, submit(s)
}

func (w *world) Operation(context.Context, string, string) (a protocol.Answer[protocol.Operation], err error) {
	w.mu.Lock()
	operation := w.operation
	a.RetryAfter = w.again
	w.mu.Unlock()
	a.Value, err = operation()
	return a, err
}

func (w *world) Operations(_ context.Context, _ time.Time, page string) (protocol.Page, error) {
	return w.list(page)
}

func (w *world) File(_ context.Context, f protocol.FileRequest) (*protocol.FileBody, error) {
	return w.file(f)
}

func (w *world) Delete(_ context.Context, _ string, generation int) error {
	w.mu.Lock()
	remove := w.remove
	w.mu.Unlock()
	if err := remove(generation); err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.deleted = append(w.deleted, generation)
	return nil
}

func (w *world) Put(_ context.Context, key string, r io.Reader, limit int64) (blob.Written, error) {
	b, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err == nil && int64(len(b)) > limit {
		err = blob.ErrTooLarge
	}
	if err != nil {
		return blob.Written{}, err
	}
	sum := sha256.Sum256(b)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.stored[key] = b
	return blob.Written{Size: int64(len(b)), SHA256: hex.EncodeToString(sum[:])}, nil
}

// seekable is a blob in memory.
type seekable struct{ *bytes.Reader }

func (seekable) Close() error { return nil }

func (w *world) Open(_ context.Context, key string) (blob.File, int64, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return seekable{bytes.NewReader(w.stored[key])}, int64(len(w.stored[key])), nil
}

func (w *world) SetAside(_ context.Context, key string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if _, ok := w.stored[key]; !ok {
		return blob.ErrNotFound
	}
	delete(w.stored, key)
	w.aside = append(w.aside, key)
	return nil
}

// Check is a gate that says as scripted; without a script everything of one
// page passes.
func (w *world) Check(_ context.Context, mediaType string, _ io.Reader, _ int64) (int, error) {
	w.checked = append(w.checked, mediaType)
	return w.pages()
}
