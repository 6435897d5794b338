package files

import (
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/uuid"
	"go.uber.org/goleak"

	"peyk/internal/protocol"
	"peyk/internal/protocol/protocoltest"
	"peyk/internal/provider/store"
	"peyk/internal/report"
	"peyk/internal/telemetry/logtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const content = "0123456789"

// shelf is a store with one report in each state, served over HTTP with every
// answer held against the contract.
type shelf struct {
	log                               *logtest.Log
	url                               string
	ready, preparing, failed, deleted string // GUIDs
}

func fill(t *testing.T) *shelf {
	t.Helper()
	s, err := store.Open(t.Context(), store.Config{
		Dir: t.TempDir(), Now: time.Now, NewID: uuid.NewString, Source: protocol.WebhookSource, Retention: time.Hour, Tombstone: time.Hour,
	})
	if err != nil {
		t.Fatal(err)
	}
	sh := &shelf{}
	claimed := func() (string, store.Job) {
		guid := uuid.Must(uuid.NewV7()).String()
		sub := protocol.Submission{SubmitRequest: protocol.SubmitRequest{ReportID: guid, Generation: 2, Parameters: map[string]json.RawMessage{}}}
		_, err := s.Submit(t.Context(), sub, 1)
		job, _, err2 := s.Claim(t.Context())
		if err := errors.Join(err, err2); err != nil {
			t.Fatal(err)
		}
		return guid, job
	}
	publish := func(job store.Job) error {
		return s.Publish(t.Context(), job, []store.Document{{Name: "a.pdf", MediaType: "application/pdf", Pages: 1, Rows: 1, Bytes: []byte(content)}}, nil)
	}
	var readyJob, failedJob, deletedJob store.Job
	sh.ready, readyJob = claimed()
	sh.failed, failedJob = claimed()
	sh.deleted, deletedJob = claimed()
	sh.preparing, _ = claimed()
	err = errors.Join(
		publish(readyJob), publish(deletedJob),
		s.Finish(t.Context(), failedJob, protocol.Failed, protocol.OperationError{Code: "x"}),
		s.Delete(t.Context(), sh.deleted, 2),
	)
	if err != nil {
		t.Fatal(err)
	}
	sh.log = logtest.New(t, "files")
	server := httptest.NewServer(protocoltest.New(t).Answers(Handler(s.Reader, []string{"secret"}, sh.log.Logger)))
	sh.url = server.URL
	t.Cleanup(func() { server.Close(); s.Close() })
	return sh
}

// get asks for a file and gives the answer with its body, or the problem's code.
func (sh *shelf) get(t *testing.T, path string, headers ...string) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, sh.url+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer secret")
	r.Header.Set("Accept-Encoding", "identity")
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	r.Close = true
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	var p protocol.Problem
	if resp.Header.Get("Content-Type") == protocol.MediaProblem && json.Unmarshal(body, &p) == nil {
		return resp, p.Code
	}
	return resp, string(body)
}

func path(guid, name, generation string) string {
	return "/v1/reports/" + guid + "/files/" + name + "?generation=" + generation
}

// Each record names the request that the file belongs to.
func TestLogsNameTheRequest(t *testing.T) {
	t.Parallel()
	sh := fill(t)
	sh.get(t, path(sh.ready, "a.pdf", "2"))
	sh.get(t, path(sh.preparing, "a.pdf", "2"))
	sh.log.About(sh.ready, "served")
	sh.log.About(sh.preparing, "refused")
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	sh := fill(t)
	never := uuid.Must(uuid.NewV7()).String()
	for what, c := range map[string]struct {
		path    string
		headers []string
		status  int
		code    string
	}{
		"no token":            {path(sh.ready, "a.pdf", "2"), []string{"Authorization", ""}, 401, "unauthenticated"},
		"wrong token":         {path(sh.ready, "a.pdf", "2"), []string{"Authorization", "Bearer x"}, 403, "forbidden"},
		"no generation":       {path(sh.ready, "a.pdf", ""), nil, 400, "malformed"},
		"no GUID":             {path("x", "a.pdf", "2"), nil, 400, "malformed"},
		"another request id":  {path(sh.ready, "a.pdf", "2"), []string{"Peyk-Request-Id", never}, 400, "malformed"},
		"never seen":          {path(never, "a.pdf", "2"), nil, 404, "report-unknown"},
		"a later generation":  {path(sh.ready, "a.pdf", "3"), nil, 404, "report-unknown"},
		"an older generation": {path(sh.ready, "a.pdf", "1"), nil, 410, "gone"},
		"another name":        {path(sh.ready, "b.pdf", "2"), nil, 404, "file-unknown"},
		"still preparing":     {path(sh.preparing, "a.pdf", "2"), nil, 409, "not-ready"},
		"failed":              {path(sh.failed, "a.pdf", "2"), nil, 410, "gone"},
		"deleted":             {path(sh.deleted, "a.pdf", "2"), nil, 410, "gone"},
		"behind the end":      {path(sh.ready, "a.pdf", "2"), []string{"Range", "bytes=10-"}, 416, "range-not-satisfiable"},
		"no such path":        {"/v1/reports/" + sh.ready, nil, 404, "not-found"},
	} {
		t.Run(what, func(t *testing.T) {
			resp, code := sh.get(t, c.path, c.headers...)
			if resp.StatusCode != c.status || code != c.code {
				t.Errorf("answered %d %s, want %d %s", resp.StatusCode, code, c.status, c.code)
			}
		})
	}
}

func TestRanges(t *testing.T) {
	t.Parallel()
	sh := fill(t)
	whole, body := sh.get(t, path(sh.ready, "a.pdf", "2"))
	etag := whole.Header.Get("ETag")
	if body != content || whole.Header.Get("Accept-Ranges") != "bytes" || whole.Header.Get("Content-Type") != "application/pdf" ||
		whole.ContentLength != int64(len(content)) {
		t.Fatalf("the whole is %q with %v", body, whole.Header)
	}
	for what, c := range map[string]struct {
		headers []string
		status  int
		body    string
		at      string
	}{
		"from the middle":          {[]string{"Range", "bytes=4-", "If-Range", etag}, 206, "456789", "bytes 4-9/10"},
		"a part":                   {[]string{"Range", "bytes=2-3"}, 206, "23", "bytes 2-3/10"},
		"the end":                  {[]string{"Range", "bytes=-2"}, 206, "89", "bytes 8-9/10"},
		"beyond the end":           {[]string{"Range", "bytes=8-99"}, 206, "89", "bytes 8-9/10"},
		"of another file":          {[]string{"Range", "bytes=4-", "If-Range", `"other"`}, 200, content, ""},
		"under a weak ETag":        {[]string{"Range", "bytes=4-", "If-Range", "W/" + etag}, 200, content, ""},
		"several":                  {[]string{"Range", "bytes=0-1,4-5"}, 200, content, ""},
		"of another unit":          {[]string{"Range", "pages=1-2"}, 200, content, ""},
		"unchanged":                {[]string{"If-None-Match", etag}, 304, "", ""},
		"behind the end, resuming": {[]string{"Range", "bytes=10-", "If-Range", etag}, 416, "range-not-satisfiable", "bytes */10"},
	} {
		t.Run(what, func(t *testing.T) {
			resp, body := sh.get(t, path(sh.ready, "a.pdf", "2"), c.headers...)
			if resp.StatusCode != c.status || body != c.body || resp.Header.Get("Content-Range") != c.at {
				t.Errorf("answered %d %q at %q", resp.StatusCode, body, resp.Header.Get("Content-Range"))
			}
			if c.status < 300 {
				if sum, err := protocol.ParseReprDigest(resp.Header.Get(protocol.HeaderReprDigest)); err != nil || `"`+sum+`"` != etag {
					t.Errorf("digest %q, %v, under ETag %s", sum, err, etag)
				}
			}
		})
	}
}

// The company's client resumes a file of this service.
func TestClientResumes(t *testing.T) {
	t.Parallel()
	sh := fill(t)
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	c, err := protocol.NewClient(sh.url, sh.url, protocol.StaticToken("secret"), &http.Client{Transport: protocoltest.New(t).Transport(transport)})
	if err != nil {
		t.Fatal(err)
	}
	want := protocol.FileRequest{GUID: sh.ready, Name: "a.pdf", Generation: 2, Limit: int64(len(content))}
	first, err := c.File(t.Context(), want)
	if err != nil {
		t.Fatal(err)
	}
	begin := make([]byte, 4)
	_, err = io.ReadFull(first.Body, begin)
	first.Body.Close()
	if err != nil {
		t.Fatal(err)
	}
	want.Offset, want.IfRange = 4, first.ETag
	rest, err := c.File(t.Context(), want)
	if err != nil {
		t.Fatal(err)
	}
	defer rest.Body.Close()
	end, err := io.ReadAll(rest.Body)
	if err != nil || string(begin)+string(end) != content || rest.Size != 10 || rest.SHA256 != first.SHA256 {
		t.Errorf("got %q and %q of %d, %v", begin, end, rest.Size, err)
	}
	want.Generation = 3
	if _, err := c.File(t.Context(), want); report.CodeOf(err) != protocol.CodeReportUnknown {
		t.Errorf("file of a later generation: %v", err)
	}
}

func TestHealth(t *testing.T) {
	t.Parallel()
	w := httptest.NewRecorder()
	Handler(nil, nil, slog.New(slog.DiscardHandler)).ServeHTTP(w, httptest.NewRequest("GET", "/healthz", nil))
	if w.Code != http.StatusNoContent {
		t.Errorf("answered %d", w.Code)
	}
}
