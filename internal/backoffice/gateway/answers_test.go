package gateway_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"peyk/internal/backoffice/ledger"
	"peyk/internal/protocol"
	"peyk/internal/report"
)

// TestEachAnswerOfTheProvider reads the table of docs/BORDER.md, gives each
// answer at each endpoint through the real client, and checks that it leads to
// what the table says. A table without a status of everyStatus fails.
func TestEachAnswerOfTheProvider(t *testing.T) {
	t.Parallel()
	table := readAnswers(t)
	for _, status := range everyStatus() {
		if _, ok := table[status]; !ok {
			t.Errorf("docs/BORDER.md has no row for %s", status)
		}
	}
	for name, row := range table {
		for at, outcome := range row {
			check, ok := outcomes()[at+": "+outcome]
			if !ok {
				t.Fatalf("docs/BORDER.md: %s at %s leads to %q, which is not defined for it", name, at, outcome)
			}
			for _, a := range answersOf(t, name) {
				t.Run(at+" "+a.name, func(t *testing.T) {
					inWorld(t, func(w *world) {
						b := newBorder(w, at, a)
						check(b)
						if t.Failed() {
							t.Logf("docs/BORDER.md: %s at %s is %q", name, at, outcome)
						}
					})
				})
			}
		}
	}
}

// everyStatus lists the rows the table must have.
func everyStatus() (rows []string) {
	for _, status := range []int{
		200, 201, 202, 204, 206, 301, 302, 303, 304, 307, 308, 400, 401, 403, 404, 405, 408, 409, 410, 413, 415, 416, 422, 425, 429,
		500, 501, 502, 503, 504,
	} {
		rows = append(rows, strconv.Itoa(status))
	}
	return append(rows, "other 2xx", "other 3xx", "other 4xx", "other 5xx", "422 idempotency-key-reused",
		"malformed body", "connection lost before the answer", "connection lost within the body")
}

// readAnswers gives, for each answer of the table, the outcome by endpoint.
func readAnswers(t *testing.T) map[string]map[string]string {
	t.Helper()
	text, err := os.ReadFile("../../../docs/BORDER.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(text), "\n| answer | ")
	if !found {
		t.Fatal("docs/BORDER.md has no table of answers")
	}
	lines := strings.Split(rest, "\n")
	endpoints := cells(lines[0])
	table := map[string]map[string]string{}
	for _, line := range lines[2:] {
		if !strings.HasPrefix(line, "|") {
			break
		}
		row := cells(strings.TrimPrefix(line, "|"))
		if len(row) != len(endpoints)+1 {
			t.Fatalf("docs/BORDER.md: %d cells in %q, want %d", len(row), line, len(endpoints)+1)
		}
		for _, answer := range strings.Split(row[0], ", ") {
			if table[answer] != nil {
				t.Fatalf("docs/BORDER.md has two rows for %s", answer)
			}
			table[answer] = map[string]string{}
			for i, at := range endpoints {
				if row[i+1] != "–" {
					table[answer][at] = row[i+1]
				}
			}
		}
	}
	return table
}

func cells(line string) (out []string) {
	for _, cell := range strings.Split(strings.TrimSuffix(strings.TrimSpace(line), "|"), "|") {
		out = append(out, strings.TrimSpace(cell))
	}
	return out
}

// reply is one answer: it changes the good answer of the endpoint, or takes its
// place. A nil response is a connection without an answer.
type reply struct {
	name string
	code string // of the failure it leads to
	make func(good *http.Response) *http.Response
}

// answersOf are the answers meant by a row: an error comes once with a problem,
// and once with another body.
func answersOf(t *testing.T, row string) []reply {
	t.Helper()
	switch row {
	case "malformed body":
		return []reply{{row, "", func(good *http.Response) *http.Response { return rebody(good, malformed) }}}
	case "connection lost before the answer":
		return []reply{{row, "", func(*http.Response) *http.Response { return nil }}}
	case "connection lost within the body":
		return []reply{{row, "", func(good *http.Response) *http.Response { return rebody(good, nil) }}}
	}
	first, code, _ := strings.Cut(row, " ")
	if first == "other" { // a status without a meaning (RFC 9110, 15)
		first, code = strings.Replace(code, "xx", "99", 1), ""
	}
	status, err := strconv.Atoi(first)
	if err != nil {
		t.Fatalf("docs/BORDER.md: %q is not an answer", row)
	}
	if status < 400 {
		return []reply{{first, "", func(good *http.Response) *http.Response { good.StatusCode = status; return good }}}
	}
	plain := "http-" + first
	if code != "" { // what it means is in the code alone
		return []reply{{row, code, problemReply(status, code)}}
	}
	named := map[int]string{404: protocol.CodeReportUnknown, 410: protocol.CodeTombstoned, 422: protocol.CodeInvalidParams}[status]
	if named == "" {
		named = "of-the-provider"
	}
	return []reply{
		{first, named, problemReply(status, named)},
		{first + " without a problem", plain, func(*http.Response) *http.Response {
			return response(status, "text/html", []byte("<html>of a proxy</html>"))
		}},
	}
}

func problemReply(status int, code string) func(*http.Response) *http.Response {
	return func(*http.Response) *http.Response {
		body, _ := json.Marshal(protocol.NewProblem(status, code, ""))
		return response(status, protocol.MediaProblem, body)
	}
}

func response(status int, mediaType string, body []byte) *http.Response {
	return &http.Response{
		StatusCode: status, Header: http.Header{"Content-Type": {mediaType}},
		Body: io.NopCloser(bytes.NewReader(body)), ContentLength: int64(len(body)),
	}
}

// malformed is a body of the same length that is neither JSON nor the file.
func malformed(b []byte) []byte { return bytes.Repeat([]byte("<"), len(b)) }

// rebody replaces the body; nil breaks it off in the middle.
func rebody(good *http.Response, by func([]byte) []byte) *http.Response {
	b, _ := io.ReadAll(good.Body)
	if by == nil {
		good.Body = broken{bytes.NewReader(b[:len(b)/2])}
	} else {
		good.Body = io.NopCloser(bytes.NewReader(by(b)))
	}
	return good
}

// border is a world whose provider is reached through the real client. It gives
// one answer at one endpoint until it is repaired.
type border struct {
	*world
	at    string
	reply reply

	calls    int // at the endpoint
	repaired bool
	state    protocol.State // of the operation
}

func newBorder(w *world, at string, r reply) *border {
	b := &border{world: w, at: at, reply: r, state: protocol.Ready}
	if at == "submit" {
		b.state = protocol.Preparing // so that nothing else ends the request
	}
	c, err := protocol.NewClient("http://app.example", "http://files.example", protocol.StaticToken("secret"), &http.Client{Transport: b})
	if err != nil {
		w.t.Fatal(err)
	}
	ctx := w.t.Context()
	w.submit = func(s protocol.SubmitRequest) error { _, err := c.Submit(ctx, s); return err }
	w.operation = func() (protocol.Operation, error) { a, err := c.Operation(ctx, guid, ""); return a.Value, err }
	w.file = func(f protocol.FileRequest) (*protocol.FileBody, error) { return c.File(ctx, f) }
	w.remove = func(generation int) error { return c.Delete(ctx, guid, generation) }
	w.list = func(page string) (protocol.Page, error) { return c.Operations(ctx, time.Time{}, page) }
	w.catalog = c.Catalog
	return b
}

// RoundTrip is the provider.
func (b *border) RoundTrip(r *http.Request) (*http.Response, error) {
	path, moved := strings.CutPrefix(r.URL.Path, "/moved")
	at, good := b.good(r.Method, path)
	if moved {
		return good, nil // a redirect was followed
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if at == b.at {
		b.calls++
		if !b.repaired {
			if good = b.reply.make(good); good == nil {
				return nil, io.ErrUnexpectedEOF
			}
		}
	}
	if good.StatusCode/100 == 3 {
		good.Header.Set("Location", "/moved"+path)
	}
	return good, nil
}

// good names the endpoint and gives its usual answer.
func (b *border) good(method, path string) (at string, good *http.Response) {
	asJSON := func(status int, v any) *http.Response {
		body, _ := json.Marshal(v)
		return response(status, protocol.MediaJSON, body)
	}
	switch {
	case method == http.MethodPost:
		good = asJSON(http.StatusAccepted, b.says(protocol.Queued))
		good.Header.Set("Location", "/v1/reports/"+guid)
		return "submit", good
	case method == http.MethodDelete:
		return "delete", response(http.StatusNoContent, "", nil)
	case path == "/v1/catalog":
		good = asJSON(http.StatusOK, protocol.Catalog{Types: []protocol.ReportType{{ID: "new.v1"}}})
		good.Header.Set("ETag", `"8"`)
		return "catalog", good
	case path == "/v1/reports":
		old := protocol.Operation{ReportID: stranger, Generation: 2, State: protocol.Ready, Rev: 1, Results: []report.File{declared()}, UpdatedAt: time.Now().Add(-25 * time.Hour)}
		return "list", asJSON(http.StatusOK, protocol.Page{Operations: []protocol.Operation{old}})
	case strings.Contains(path, "/files/"):
		good = response(http.StatusOK, "application/pdf", document)
		good.Header.Set("ETag", `"strong"`)
		return "file", good
	}
	return "operation", asJSON(http.StatusOK, b.says(b.state))
}

// repair lets the endpoint answer well from now on.
func (b *border) repair() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.repaired = true
}

func (b *border) called() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.calls
}

// long is enough for a second try after the longest pause of SUBMIT, TRACK and
// FETCH, and for three generations.
const long = 11 * time.Minute

// outcomes checks, by endpoint, each outcome of the table.
func outcomes() map[string]func(*border) {
	return map[string]func(*border){
		"submit: PREPARING":       func(b *border) { b.after(long); b.ends(report.Preparing, "", 1) },
		"submit: REJECTED":        func(b *border) { b.after(long); b.ends(report.Rejected, b.reply.code, 1) },
		"submit: FAILED":          func(b *border) { b.after(long); b.ends(report.Failed, b.reply.code, 1) },
		"submit: next generation": func(b *border) { b.after(long); b.ends(report.Failed, protocol.CodeTombstoned, 1, 2) },
		"submit: waits": func(b *border) {
			b.after(long)
			b.stays(report.Submitting)
			b.repair()
			b.after(long)
			if r, posts := b.request(), slices.Compact(b.posted()); r.State != report.Preparing || !slices.Equal(posts, []int{1}) {
				b.t.Errorf("once it was repaired, it is %s after generations %v; want PREPARING in the first", r.State, posts)
			}
		},
		"operation: READY":  func(b *border) { b.after(long); b.ends(report.Stored, "", 1) },
		"operation: missed": func(b *border) { b.after(long); b.ends(report.Failed, "forgotten", 1, 2, 3) },
		"operation: waits":  func(b *border) { b.waits(report.Preparing) },
		"file: STORED":      func(b *border) { b.after(long); b.ends(report.Stored, "", 1) },
		"file: gone":        func(b *border) { b.after(long); b.ends(report.Failed, "forgotten", 1, 2, 3) },
		"file: refused": func(b *border) {
			b.after(long)
			b.ends(report.Failed, "verification", 1)
			if b.called() != 3 {
				b.t.Errorf("downloaded %d times, want 3", b.called())
			}
		},
		"file: waits":     func(b *border) { b.waits(report.Ready) },
		"delete: deleted": func(b *border) { b.cleans(); b.deletedOnce(1) },
		"delete: waits": func(b *border) {
			b.cleans()
			if b.called() < 2 || len(b.facts("cleaned_at_provider")) != 0 || len(b.facts("left_behind")) != 0 {
				b.t.Errorf("called %d times, the journal says cleaned %d and left behind %d times; want calls alone",
					b.called(), len(b.facts("cleaned_at_provider")), len(b.facts("left_behind")))
			}
			b.repair()
			before := b.called()
			b.rest(time.Hour)
			b.after(time.Minute)
			b.deletedOnce(before + 1)
		},
		"list: read": func(b *border) { b.hunts(true) },
		"list: waits": func(b *border) {
			b.hunts(false)
			b.repair()
			b.hunts(true)
		},
		"catalog: read":      func(b *border) { b.refreshes(`"8"`, true) },
		"catalog: unchanged": func(b *border) { b.refreshes(`"7"`, true) },
		"catalog: waits":     func(b *border) { b.refreshes(`"7"`, false) },
	}
}

// ends wants the request in a state, with the code of its failure, after these
// generations were posted.
func (b *border) ends(want report.State, code string, generations ...int) {
	b.t.Helper()
	r, got := b.request(), ""
	if r.Failure != nil {
		got = r.Failure.Code
	}
	if r.State != want || got != code || !slices.Equal(b.posted(), generations) {
		b.t.Errorf("it is %s(%s) after generations %v; want %s(%s) after %v", r.State, got, b.posted(), want, code, generations)
	}
}

// stays wants nothing decided, and the call made again.
func (b *border) stays(want report.State) {
	b.t.Helper()
	r := b.request()
	if r.State != want || !r.MissedAt.IsZero() || r.Lost != 0 || len(b.facts("refused")) != 0 {
		b.t.Errorf("it is %s(%+v), missed %v, lost %d, refused %d; want %s and nothing counted",
			r.State, r.Failure, !r.MissedAt.IsZero(), r.Lost, len(b.facts("refused")), want)
	}
	if b.called() < 2 {
		b.t.Errorf("called %d times in %s, want another try", b.called(), long)
	}
}

// waits wants the request in a state while the answer comes, and STORED in the
// same generation once the provider is repaired.
func (b *border) waits(state report.State) {
	b.t.Helper()
	b.after(long)
	b.stays(state)
	b.repair()
	b.after(long)
	b.ends(report.Stored, "", 1)
}

// cleans delivers the report and gives its DELETE an hour.
func (b *border) cleans() {
	b.t.Helper()
	b.after(2 * time.Minute)
	b.deliver()
	b.after(time.Second)
	b.rest(time.Hour)
	b.after(time.Minute)
}

func (b *border) deletedOnce(calls int) {
	b.t.Helper()
	if b.called() != calls || len(b.facts("cleaned_at_provider")) != 1 {
		b.t.Errorf("called %d times, the journal says cleaned %d times; want %d and once", b.called(), len(b.facts("cleaned_at_provider")), calls)
	}
}

// hunts searches for orphans, of which the list has one.
func (b *border) hunts(works bool) {
	b.t.Helper()
	err := b.station.HuntOrphans(b.t.Context())
	if got := len(b.cleaned()) == 1; got != works || (err == nil) != works {
		b.t.Errorf("deleted %v with error %v; want it deleted: %v", b.cleaned(), err, works)
	}
}

// refreshes asks for the catalog an hour after it was last confirmed.
func (b *border) refreshes(tag string, works bool) {
	b.t.Helper()
	b.update(func(tx ledger.Tx) error {
		return tx.PutCatalog(ledger.Catalog{ETag: `"7"`, Body: []byte(`{"types":[]}`), At: tx.Now()})
	})
	before := b.known()
	time.Sleep(time.Hour)
	err := b.station.RefreshCatalog(b.t.Context())
	got := b.known()
	if (err == nil) != works || got.ETag != tag || (tag == before.ETag) != bytes.Equal(got.Body, before.Body) {
		b.t.Errorf("error %v, the ledger has %s under %s; want %s", err, got.Body, got.ETag, tag)
	}
	if confirmed := got.At.Equal(time.Now()); confirmed != works || !works && !reflect.DeepEqual(got, before) {
		b.t.Errorf("confirmed: %v, want %v; the ledger has %+v, had %+v", confirmed, works, got, before)
	}
	var answered *report.Error
	if !works && !errors.As(err, &answered) {
		b.t.Error(fmt.Errorf("the error says nothing of the answer: %w", err))
	}
}
