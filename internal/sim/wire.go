package sim

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"peyk/internal/protocol"
	"peyk/internal/sim/check"
)

// wire is the internet between the company and the provider.
type wire struct{ w *World }

// lateCall is a request that arrives after its sender gave it up.
type lateCall struct {
	at   time.Time
	req  *http.Request
	body []byte
}

// RoundTrip carries one call there and its answer back.
func (x *wire) RoundTrip(req *http.Request) (*http.Response, error) {
	var sent []byte
	if req.Body != nil {
		sent, _ = io.ReadAll(req.Body) // from memory
		req.Body.Close()
	}
	v := x.w.enter(call, verb(req))
	if err := req.Context().Err(); err != nil {
		return nil, err
	}
	if v.fault == "late" {
		x.w.provider.delay(req, sent)
		return nil, fault("ETIMEDOUT").err()
	}
	if !v.effect {
		return spoiled(v.fault, req, nil)
	}
	resp := x.w.provider.serve(req, sent)
	if v.crash {
		return nil, x.w.leave(v, nil)
	}
	if v.fault != "" {
		return spoiled(v.fault, req, resp)
	}
	x.w.clock.tick()
	if resp.StatusCode < 300 && strings.Contains(req.URL.Path, "/files/") {
		resp.Body = x.w.file(req, resp.Body)
	}
	return resp, nil
}

func verb(req *http.Request) string {
	switch {
	case strings.Contains(req.URL.Path, "/files/"):
		return "GET file"
	case req.Method == http.MethodGet && strings.HasSuffix(req.URL.Path, "/reports"):
		return "LIST"
	case strings.HasSuffix(req.URL.Path, "/catalog"):
		return "GET catalog"
	}
	return req.Method
}

// spoiled is what the caller gets instead of the answer.
func spoiled(f fault, req *http.Request, resp *http.Response) (*http.Response, error) {
	if resp != nil {
		resp.Body.Close()
	}
	code, retry, _ := strings.Cut(string(f), " ")
	status, err := strconv.Atoi(code)
	switch {
	case err == nil:
		bad := respond(req, status, "text/html", []byte("<h1>"+code+"</h1>"))
		if retry != "" {
			bad.Header.Set("Retry-After", "7")
		}
		return bad, nil
	case f == "garbage":
		return respond(req, http.StatusOK, protocol.MediaJSON, []byte(`{"report_id": 7`)), nil
	case f == "nothing":
		return respond(req, http.StatusOK, "", nil), nil
	}
	return nil, f.err()
}

func respond(req *http.Request, status int, media string, content []byte) *http.Response {
	h := http.Header{}
	if media != "" {
		h.Set("Content-Type", media)
	}
	return &http.Response{
		StatusCode: status, Status: strconv.Itoa(status), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: h, Body: io.NopCloser(bytes.NewReader(content)), ContentLength: int64(len(content)), Request: req,
	}
}

func respondJSON(req *http.Request, status int, v any) *http.Response {
	content, err := json.Marshal(v)
	if err != nil {
		panic(err) // the protocol's own types
	}
	return respond(req, status, protocol.MediaJSON, content)
}

func respondProblem(req *http.Request, p *protocol.Problem) *http.Response {
	resp := respondJSON(req, p.Status, p)
	resp.Header.Set("Content-Type", protocol.MediaProblem)
	return resp
}

// delay keeps a request back.
func (p *provider) delay(req *http.Request, sent []byte) {
	p.w.mark("late " + req.Method)
	p.late = append(p.late, lateCall{p.w.clock.now().Add(time.Duration(p.w.plan.int(600)) * time.Second), req, sent})
}

// runLate lets late requests arrive; nobody waits for their answers.
func (p *provider) runLate(t *thread) {
	for {
		t.await(func() (at time.Time) {
			for _, l := range p.late {
				sooner(&at, l.at)
			}
			return at
		})
		kept := p.late[:0]
		for _, l := range p.late {
			if l.at.After(p.w.clock.now()) {
				kept = append(kept, l)
				continue
			}
			p.serve(l.req, l.body).Body.Close()
		}
		p.late = kept
	}
}

// serve is the provider's whole API.
func (p *provider) serve(req *http.Request, sent []byte) *http.Response {
	path := strings.Split(strings.TrimPrefix(req.URL.Path, "/v1/"), "/")
	switch {
	case path[0] == "catalog":
		if req.Header.Get("If-None-Match") == catalogETag {
			return respond(req, http.StatusNotModified, "", nil)
		}
		resp := respond(req, http.StatusOK, protocol.MediaJSON, p.w.lab.catalog)
		resp.Header.Set("ETag", catalogETag)
		return resp
	case req.Method == http.MethodPost:
		return p.servePost(req, sent)
	case len(path) == 1:
		return respondJSON(req, http.StatusOK, p.list())
	case req.Method == http.MethodDelete:
		if p.w.script.stubborn(p.w, path[1]) {
			return respondProblem(req, protocol.NewProblem(http.StatusInternalServerError, protocol.CodeInternal, "it does not go away"))
		}
		n, _ := strconv.Atoi(req.URL.Query().Get("generation"))
		p.remove(path[1], n)
		return respond(req, http.StatusNoContent, "", nil)
	case len(path) == 2:
		return p.serveOperation(req, path[1])
	}
	return p.serveFile(req, path[1], path[3])
}

func (p *provider) servePost(req *http.Request, sent []byte) *http.Response {
	again := req.Clone(req.Context())
	again.Body = io.NopCloser(bytes.NewReader(sent))
	s, problem := protocol.ReadSubmit(nil, again)
	if problem != nil {
		return respondProblem(req, problem)
	}
	o, problem := p.submit(s)
	if problem != nil {
		return respondProblem(req, problem)
	}
	resp := respondJSON(req, http.StatusAccepted, o.Operation)
	resp.Header.Set("Location", "/v1/reports/"+s.ReportID)
	return resp
}

func (p *provider) list() protocol.Page {
	page := protocol.Page{Operations: []protocol.Operation{}}
	for _, guid := range p.order {
		if o := p.dossiers[guid].top(); o != nil {
			page.Operations = append(page.Operations, o.Operation)
		}
	}
	return page
}

func (p *provider) serveOperation(req *http.Request, guid string) *http.Response {
	o, problem := p.operation(guid)
	if problem != nil {
		return respondProblem(req, problem)
	}
	p.note(check.Asked, guid, o.Generation, nil)
	resp := respondJSON(req, http.StatusOK, o)
	resp.Header.Set("ETag", o.ETag())
	return resp
}

func (p *provider) serveFile(req *http.Request, guid, name string) *http.Response {
	generation, _ := strconv.Atoi(req.URL.Query().Get("generation"))
	content, problem := p.file(guid, generation, name)
	if problem != nil {
		return respondProblem(req, problem)
	}
	sum := sha256.Sum256(content)
	etag, status, whole := strconv.Quote(hex.EncodeToString(sum[:])), http.StatusOK, len(content)
	from := 0
	if _, err := fmt.Sscanf(req.Header.Get("Range"), "bytes=%d-", &from); err == nil && req.Header.Get("If-Range") == etag && from < whole {
		status, content = http.StatusPartialContent, content[from:]
	}
	resp := respond(req, status, "application/pdf", content)
	resp.Header.Set("ETag", etag)
	if status == http.StatusPartialContent {
		resp.Header.Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, whole-1, whole))
		p.w.mark("download resumed")
	}
	return resp
}

// file sends the bytes as the dice say: whole, broken off, or wrong.
func (w *World) file(req *http.Request, sound io.ReadCloser) io.ReadCloser {
	content, _ := io.ReadAll(sound) // from memory
	path := strings.Split(req.URL.Path, "/")
	generation, _ := strconv.Atoi(req.URL.Query().Get("generation"))
	return &fileBody{w: w, left: content, guid: path[3], name: path[5], generation: generation, part: req.Header.Get("Range") != ""}
}

// fileBody is the bytes of a file on their way: two pieces, a point before each.
type fileBody struct {
	w          *World
	left       []byte
	sent       []byte
	guid, name string
	generation int
	part       bool
}

// Read gives half of what is left, and the rest the next time.
func (f *fileBody) Read(buf []byte) (int, error) {
	if len(f.left) == 0 {
		return 0, io.EOF
	}
	v := f.w.enter(body, "")
	piece := f.left
	if len(f.sent) == 0 && len(piece) > 1 {
		piece = piece[:len(piece)/2]
	}
	if len(piece) > len(buf) {
		piece = piece[:len(buf)]
	}
	switch v.fault {
	case "short":
		f.left = nil
		return 0, io.EOF
	case "flipped":
		piece = bytes.Clone(piece)
		piece[0] ^= 1
	case "longer":
		f.left = append(bytes.Clone(f.left), "and more"...)
	case "":
	default:
		f.left = nil
		return 0, v.fault.err()
	}
	n := copy(buf, piece)
	f.sent = append(f.sent, piece[:n]...)
	f.left = f.left[n:]
	v.fault = ""
	if err := f.w.leave(v, nil); err != nil {
		return 0, err
	}
	if len(f.left) == 0 && !f.part {
		sum := sha256.Sum256(f.sent)
		f.w.provider.note(check.Served, f.guid, f.generation, map[string]string{f.name: hex.EncodeToString(sum[:])})
	}
	return n, nil
}

// Close ends it.
func (f *fileBody) Close() error { return nil }
