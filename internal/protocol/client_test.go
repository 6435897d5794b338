package protocol_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"peyk/internal/protocol"
	"peyk/internal/report"
)

const guid = "0198c1de-7a3b-7c54-9a0e-2f6d8b1c4e5f"

// operationJSON is an operation a truthful provider would give.
const operationJSON = `{"report_id":"` + guid + `","generation":1,"state":"preparing","rev":2}`

// answer is one canned answer of a provider.
type answer struct {
	status  int
	headers map[string]string
	body    string
}

func (a answer) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	for name, value := range a.headers {
		w.Header().Set(name, value)
	}
	w.WriteHeader(a.status)
	_, _ = io.WriteString(w, a.body)
}

func jsonAnswer(status int, body string) answer {
	return answer{status, map[string]string{"Content-Type": "application/json", "Location": "/x", "ETag": `"e"`}, body}
}

func clientFor(t *testing.T, h http.Handler) *protocol.Client {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	c, err := protocol.NewClient(server.URL, server.URL, protocol.StaticToken("secret"), server.Client())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func submission() protocol.SubmitRequest {
	return protocol.SubmitRequest{
		ReportID: guid, Generation: 1, Type: "sales.v1", Parameters: map[string]json.RawMessage{},
		Formats: []string{"pdf"}, Locale: "tr", TimeZone: "Europe/Istanbul",
	}
}

// calls are the calls of the client, each wrapped to give only its error.
var calls = map[string]func(context.Context, *protocol.Client) error{
	"catalog": func(ctx context.Context, c *protocol.Client) error { _, err := c.Catalog(ctx, `"e"`); return err },
	"submit":  func(ctx context.Context, c *protocol.Client) error { _, err := c.Submit(ctx, submission()); return err },
	"operation": func(ctx context.Context, c *protocol.Client) error {
		_, err := c.Operation(ctx, guid, "")
		return err
	},
	"operations": func(ctx context.Context, c *protocol.Client) error {
		_, err := c.Operations(ctx, time.Unix(0, 0), "")
		return err
	},
	"delete": func(ctx context.Context, c *protocol.Client) error { return c.Delete(ctx, guid, 1) },
	"file": func(ctx context.Context, c *protocol.Client) error {
		b, err := c.File(ctx, protocol.FileRequest{GUID: guid, Name: "a.pdf", Generation: 1, Limit: 10})
		if err != nil {
			return err
		}
		defer b.Body.Close()
		_, err = io.ReadAll(b.Body)
		return err
	},
}

func TestEveryRequestCarriesItsHeaders(t *testing.T) {
	t.Parallel()
	for name, call := range calls {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got http.Header
			c := clientFor(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				got = r.Header.Clone()
				w.WriteHeader(http.StatusTeapot)
			}))
			if err := call(t.Context(), c); report.ClassOf(err) != report.Permanent || report.CodeOf(err) != "http-418" {
				t.Errorf("418 is %v", err)
			}
			want := map[string]string{"Authorization": "Bearer secret", "Accept-Encoding": "identity", protocol.HeaderRequestID: guid}
			if name == "catalog" || name == "operations" {
				want[protocol.HeaderRequestID] = "" // about no one report
			}
			if name == "submit" {
				want[protocol.HeaderIdempotencyKey] = `"` + guid + `.1"`
				want["Prefer"] = "respond-async"
			}
			for header, value := range want {
				if got.Get(header) != value {
					t.Errorf("%s: %q, want %q", header, got.Get(header), value)
				}
			}
		})
	}
}

func TestClasses(t *testing.T) {
	t.Parallel()
	problem := func(status int, code, retryAfter string) answer {
		return answer{status, map[string]string{"Content-Type": "application/problem+json", "Retry-After": retryAfter},
			fmt.Sprintf(`{"title":"t","status":200,"code":%q,"detail":"because"}`, code)}
	}
	for _, c := range []struct {
		answer answer
		class  report.Class
		code   string
		wait   time.Duration
	}{
		{problem(400, "malformed", ""), report.Permanent, "malformed", 0},
		{problem(401, "unauthenticated", ""), report.Permanent, "unauthenticated", 0},
		{problem(403, "forbidden", ""), report.Permanent, "forbidden", 0},
		{problem(408, "slow", ""), report.Transient, "slow", 0},
		{problem(409, "not-ready", "5"), report.Transient, "not-ready", 0},
		{problem(413, "too-large", ""), report.Permanent, "too-large", 0},
		{problem(422, "invalid-parameters", ""), report.Permanent, "invalid-parameters", 0},
		{problem(425, "too-early", ""), report.Transient, "too-early", 0},
		{problem(429, "throttled", "7"), report.Throttled, "throttled", 7 * time.Second},
		{problem(429, "throttled", ""), report.Throttled, "throttled", 0},
		{problem(500, "internal", ""), report.Transient, "internal", 0},
		{problem(502, "Bad Code\r\n", ""), report.Transient, "http-502", 0},
		{problem(503, "unavailable", "12"), report.Throttled, "unavailable", 12 * time.Second},
		{problem(503, "unavailable", "315360000"), report.Throttled, "unavailable", time.Hour}, // ten years
		{problem(503, "unavailable", strings.Repeat("9", 40)), report.Throttled, "unavailable", time.Hour},
		{problem(503, "unavailable", "-1"), report.Transient, "unavailable", 0},
		{problem(503, "unavailable", "Fri, 31 Dec 2036 23:59:59 GMT"), report.Transient, "unavailable", 0},
		{answer{504, nil, "<html>"}, report.Transient, "http-504", 0},
		{answer{500, map[string]string{"Content-Type": "application/problem+json"}, "{"}, report.Transient, "http-500", 0},
		{answer{302, map[string]string{"Location": "http://169.254.169.254/"}, ""}, report.Lying, "contract-broken", 0},
		{answer{201, nil, ""}, report.Lying, "contract-broken", 0},
	} {
		for name, call := range calls {
			err := call(t.Context(), clientFor(t, c.answer))
			var e *report.Error
			if !errors.As(err, &e) {
				t.Fatalf("%s answered %d: %v is no report.Error", name, c.answer.status, err)
			}
			if e.Class != c.class || e.Code != c.code || e.RetryAfter != c.wait || e.Sentence == "" {
				t.Errorf("%s answered %d: class %s, code %s, wait %s, sentence %q; want %s, %s, %s",
					name, c.answer.status, e.Class, e.Code, e.RetryAfter, e.Sentence, c.class, c.code, c.wait)
			}
			var p *protocol.Problem
			if errors.As(err, &p) != (c.answer.status >= 400) || p != nil && p.Status != c.answer.status {
				t.Errorf("%s answered %d: problem %+v", name, c.answer.status, p)
			}
		}
	}
}

func TestLies(t *testing.T) {
	t.Parallel()
	other := strings.Replace(operationJSON, "0198", "0199", 1)
	ready := func(results string) string {
		return strings.Replace(operationJSON, `"preparing"`, `"ready","results":[`+results+`]`, 1)
	}
	file := `{"name":"a.pdf","media_type":"application/pdf","size":1,"sha256":"` + strings.Repeat("a", 64) + `","rows":1}`
	for what, c := range map[string]struct {
		call   string
		answer answer
	}{
		"another report":          {"operation", jsonAnswer(200, other)},
		"another report in 202":   {"submit", jsonAnswer(202, other)},
		"202 without Location":    {"submit", answer{202, map[string]string{"Content-Type": "application/json"}, operationJSON}},
		"202 as 200":              {"submit", jsonAnswer(200, operationJSON)},
		"304 unasked":             {"operation", answer{304, nil, ""}},
		"HTML":                    {"operation", answer{200, map[string]string{"Content-Type": "text/html"}, operationJSON}},
		"no content type":         {"operation", answer{200, map[string]string{"Content-Type": ""}, operationJSON}},
		"no JSON":                 {"operation", jsonAnswer(200, "<html>")},
		"half":                    {"operation", jsonAnswer(200, operationJSON[:20])},
		"two values":              {"operation", jsonAnswer(200, operationJSON+operationJSON)},
		"too long":                {"operation", jsonAnswer(200, operationJSON+strings.Repeat(" ", protocol.MaxAnswerBody))},
		"too deep":                {"operation", jsonAnswer(200, strings.Repeat(`[`, 100_000))},
		"compressed":              {"operation", answer{200, map[string]string{"Content-Type": "application/json", "Content-Encoding": "gzip"}, "\x1f\x8b"}},
		"generation 0":            {"operation", jsonAnswer(200, strings.Replace(operationJSON, `"generation":1`, `"generation":0`, 1))},
		"rev 0":                   {"operation", jsonAnswer(200, strings.Replace(operationJSON, `"rev":2`, `"rev":0`, 1))},
		"no state":                {"operation", jsonAnswer(200, strings.Replace(operationJSON, `preparing`, ``, 1))},
		"ready without files":     {"operation", jsonAnswer(200, ready(""))},
		"one name twice":          {"operation", jsonAnswer(200, ready(file+","+file))},
		"a path as name":          {"operation", jsonAnswer(200, ready(strings.Replace(file, "a.pdf", "../a.pdf", 1)))},
		"no digest":               {"operation", jsonAnswer(200, ready(strings.Replace(file, "aaa", "", 1)))},
		"digest in capitals":      {"operation", jsonAnswer(200, ready(strings.Replace(file, strings.Repeat("a", 64), strings.Repeat("A", 64), 1)))},
		"negative size":           {"operation", jsonAnswer(200, ready(strings.Replace(file, `"size":1`, `"size":-1`, 1)))},
		"list with a bad GUID":    {"operations", jsonAnswer(200, `{"operations":[{"report_id":"x","generation":1,"state":"ready","rev":1}]}`)},
		"file longer than told":   {"file", answer{200, nil, "12345678901"}},
		"weak ETag on a file":     {"file", answer{200, map[string]string{"ETag": `W/"a"`}, "1"}},
		"file with a bad digest":  {"file", answer{200, map[string]string{"Repr-Digest": "sha-256=x"}, "1"}},
		"206 to a whole file":     {"file", answer{206, map[string]string{"Content-Range": "bytes 0-0/1"}, "1"}},
		"file compressed unasked": {"file", answer{200, map[string]string{"Content-Encoding": "br"}, "1"}},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			if err := calls[c.call](t.Context(), clientFor(t, c.answer)); report.ClassOf(err) != report.Lying {
				t.Errorf("%v, want a lie", err)
			}
		})
	}
}

func TestTruths(t *testing.T) {
	t.Parallel()
	for what, c := range map[string]struct {
		call   string
		answer answer
	}{
		"a state of tomorrow":  {"operation", jsonAnswer(200, strings.Replace(operationJSON, "preparing", "on_hold", 1))},
		"a field of tomorrow":  {"operation", jsonAnswer(200, strings.Replace(operationJSON, `"rev"`, `"mood":"fine","rev"`, 1))},
		"a higher generation":  {"submit", jsonAnswer(202, strings.Replace(operationJSON, `"generation":1`, `"generation":2`, 1))},
		"catalog not modified": {"catalog", answer{304, nil, ""}},
		"deleted":              {"delete", answer{204, nil, ""}},
		"deleted long ago":     {"delete", answer{404, nil, ""}},
		"deleted before":       {"delete", answer{410, nil, ""}},
		"charset":              {"operation", answer{200, map[string]string{"Content-Type": "application/json; charset=utf-8"}, operationJSON}},
		"an empty file":        {"file", answer{200, nil, ""}},
		"a file to its limit":  {"file", answer{200, nil, "1234567890"}},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			if err := calls[c.call](t.Context(), clientFor(t, c.answer)); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestNoAnswer(t *testing.T) {
	t.Parallel()
	hung := make(chan struct{})
	c := clientFor(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-hung }))
	defer close(hung)
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	cut := clientFor(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", "100")
		_, _ = io.WriteString(w, operationJSON[:30])
		panic(http.ErrAbortHandler)
	}))
	gone := httptest.NewServer(nil)
	gone.Close()
	nobody, err := protocol.NewClient(gone.URL, gone.URL, protocol.StaticToken("t"), &http.Client{})
	if err != nil {
		t.Fatal(err)
	}
	for code, call := range map[string]func() error{
		"provider-timeout":     func() error { return calls["submit"](ctx, c) },
		"provider-unreachable": func() error { return calls["submit"](t.Context(), nobody) },
	} {
		if err := call(); report.ClassOf(err) != report.Transient || report.CodeOf(err) != code {
			t.Errorf("%v, want transient %s", err, code)
		}
	}
	if err := calls["operation"](t.Context(), cut); report.ClassOf(err) != report.Transient {
		t.Errorf("an answer cut in the middle: %v", err)
	}
	secretless, err := protocol.NewClient(gone.URL, gone.URL, func(context.Context) (string, error) { return "", errors.New("no secret") }, &http.Client{})
	if err != nil {
		t.Fatal(err)
	}
	if err := calls["submit"](t.Context(), secretless); report.CodeOf(err) != "token-unavailable" {
		t.Errorf("without a token: %v", err)
	}
}

func TestResume(t *testing.T) {
	t.Parallel()
	const etag = `"abc"`
	partial := func(etag, contentRange string) answer {
		return answer{206, map[string]string{"ETag": etag, "Content-Range": contentRange}, "890"}
	}
	for what, c := range map[string]struct {
		answer answer
		offset int64 // -1: a lie
	}{
		"from where it stopped":     {partial(etag, "bytes 7-9/10"), 7},
		"from the beginning":        {answer{200, map[string]string{"ETag": `"new"`}, "1234567890"}, 0},
		"another file":              {partial(`"new"`, "bytes 7-9/10"), -1},
		"no ETag":                   {answer{206, map[string]string{"Content-Range": "bytes 7-9/10"}, "890"}, -1},
		"from elsewhere":            {partial(etag, "bytes 6-9/10"), -1},
		"not to the end":            {partial(etag, "bytes 7-8/10"), -1},
		"of unknown size":           {partial(etag, "bytes 7-9/*"), -1},
		"of a larger file":          {partial(etag, "bytes 7-10/11"), -1},
		"with noise in the numbers": {partial(etag, "bytes 7-9/10, 0-1"), -1},
		"without Content-Range":     {partial(etag, ""), -1},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			client := clientFor(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Header.Get("Range") != "bytes=7-" || r.Header.Get("If-Range") != etag {
					t.Errorf("asked with Range %q, If-Range %q", r.Header.Get("Range"), r.Header.Get("If-Range"))
				}
				c.answer.ServeHTTP(w, r)
			}))
			b, err := client.File(t.Context(), protocol.FileRequest{GUID: guid, Name: "a.pdf", Generation: 1, Offset: 7, IfRange: etag, Limit: 10})
			if c.offset < 0 {
				if report.ClassOf(err) != report.Lying {
					t.Errorf("%v, want a lie", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			defer b.Body.Close()
			rest, err := io.ReadAll(b.Body)
			if err != nil || b.Offset != c.offset || b.Size != 10 || string(rest) != "1234567890"[c.offset:] {
				t.Errorf("%q from %d of %d, %v", rest, b.Offset, b.Size, err)
			}
		})
	}
}

// A body without a length that goes on and on is read to its limit, and a byte.
func TestEndlessFile(t *testing.T) {
	t.Parallel()
	c := clientFor(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			if _, err := io.WriteString(w, strings.Repeat("x", 1000)); err != nil {
				return
			}
			_ = http.NewResponseController(w).Flush()
		}
	}))
	b, err := c.File(t.Context(), protocol.FileRequest{GUID: guid, Name: "a.pdf", Generation: 1, Limit: 2500})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Body.Close()
	n, err := io.Copy(io.Discard, b.Body)
	if n != 2500 || report.ClassOf(err) != report.Lying || b.Size != -1 {
		t.Errorf("read %d of %d bytes, %v", n, b.Size, err)
	}
	if again, err := b.Body.Read(make([]byte, 10)); again != 0 || report.ClassOf(err) != report.Lying {
		t.Errorf("reading on gives %d bytes, %v", again, err)
	}
}

func TestNewClientRefuses(t *testing.T) {
	t.Parallel()
	for _, base := range []string{"", "ftp://x", "http://", "http://u:p@x", "http://x?q", "http://x#f", "::"} {
		if _, err := protocol.NewClient(base, "http://x", nil, &http.Client{}); err == nil {
			t.Errorf("NewClient(%q) lets it through", base)
		}
		if _, err := protocol.NewClient("http://x", base, nil, &http.Client{}); err == nil {
			t.Errorf("NewClient(…, %q) lets it through", base)
		}
	}
}
