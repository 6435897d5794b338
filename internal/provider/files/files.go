// Package files is the reporting file service, step 9 of the journey: it serves
// the bytes of finished reports, and nothing else.
//
// Promise: it keeps the contract of package protocol for
// GET /v1/reports/{guid}/files/{name}: one range at a time, a strong ETag that
// is the file's SHA-256, Repr-Digest with every byte served, problems as
// problem+json. It reads the store the reporting app writes, and can be a
// process of its own.
//
// Limits: it counts on the published bytes never changing and does not hash
// them anew. Several ranges in one request are answered with the whole file, as
// RFC 9110, 14.2 allows. Plain HTTP, for loopback.
//
// Failure: a file the store should have and has not is 410, so that the
// company asks for a next generation instead of waiting; a store that cannot be
// read is 500.
package files

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"peyk/internal/protocol"
	"peyk/internal/provider/store"
	"peyk/internal/telemetry"
)

// Store finds published files. *store.Reader is one.
type Store interface {
	File(ctx context.Context, guid string, generation int, name string) (store.StoredFile, error)
}

// Handler answers the file call of the contract for bearers of one of the
// tokens, and GET /healthz without a token.
func Handler(s Store, tokens []string, log *slog.Logger) http.Handler {
	v1 := http.NewServeMux()
	v1.Handle("GET /v1/reports/{guid}/files/{name}", &service{store: s, log: log})
	all := http.NewServeMux()
	all.Handle("/", protocol.RequireBearer(tokens, protocol.Problems(v1)))
	all.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusNoContent)
	})
	return all
}

// role is this service's name in the logs.
const role = "files"

type service struct {
	store Store
	log   *slog.Logger
}

// ServeHTTP answers and logs, once.
func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	r = telemetry.Serving(r, role)
	began := &counting{ResponseWriter: w}
	err := s.serve(began, r)
	attrs := []any{"name", r.PathValue("name"), "range", r.Header.Get("Range")}
	if err == nil {
		s.log.InfoContext(r.Context(), "served", append(attrs, "status", began.status, "bytes", began.bytes)...)
		return
	}
	p := problemOf(err)
	s.log.InfoContext(r.Context(), "refused", append(attrs, "status", p.Status, "code", p.Code, "error", err)...)
	protocol.WriteProblem(w, p)
}

func (s *service) serve(w *counting, r *http.Request) error {
	guid, p := protocol.PathReport(r)
	if p != nil {
		return p
	}
	generation, p := protocol.QueryGeneration(r)
	if p != nil {
		return p
	}
	f, err := s.store.File(r.Context(), guid, generation, r.PathValue("name"))
	if err != nil {
		return err
	}
	defer f.Content.Close()
	digest, err := protocol.FormatReprDigest(f.SHA256)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", f.MediaType)
	h.Set("ETag", `"`+f.SHA256+`"`)
	h.Set(protocol.HeaderReprDigest, digest)
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	if wanted := r.Header.Get("Range"); !strings.HasPrefix(wanted, "bytes=") || strings.Contains(wanted, ",") {
		r.Header.Del("Range") // another unit must be ignored, several ranges may be (RFC 9110, 14.2)
	}
	w.size = f.Size
	http.ServeContent(w, r, "", time.Time{}, f.Content)
	return nil
}

// problemOf is the table from the store's refusals to answers.
func problemOf(err error) *protocol.Problem {
	var p *protocol.Problem
	switch {
	case errors.As(err, &p):
		return p
	case errors.Is(err, store.ErrUnknown):
		return protocol.NewProblem(http.StatusNotFound, protocol.CodeReportUnknown, "no report of this GUID and generation is known here")
	case errors.Is(err, store.ErrNoFile):
		return protocol.NewProblem(http.StatusNotFound, protocol.CodeFileUnknown, "the report has no file of this name")
	case errors.Is(err, store.ErrNotReady):
		p := protocol.NewProblem(http.StatusConflict, protocol.CodeNotReady, "the report is still being prepared")
		p.RetryAfter = 5
		return p
	case errors.Is(err, store.ErrGone):
		return protocol.NewProblem(http.StatusGone, protocol.CodeGone, "the files of this generation are gone, or never came to be")
	}
	return protocol.NewProblem(http.StatusInternalServerError, protocol.CodeInternal, "the file could not be read; try again")
}

// counting counts what is served, and turns the 416 of http.ServeContent, which
// is plain text, into a problem.
type counting struct {
	http.ResponseWriter
	size    int64 // of the whole file
	status  int
	bytes   int64
	refused bool // what ServeContent writes from now on is the text of its 416
}

func (c *counting) WriteHeader(status int) {
	c.status = status
	if status == http.StatusRequestedRangeNotSatisfiable {
		c.refused = true
		c.Header().Set("Content-Range", "bytes */"+strconv.FormatInt(c.size, 10))
		protocol.WriteProblem(c.ResponseWriter, protocol.NewProblem(status, protocol.CodeRange, "the file has %d bytes", c.size))
		return
	}
	c.ResponseWriter.WriteHeader(status)
}

func (c *counting) Write(p []byte) (int, error) {
	if c.refused {
		return len(p), nil
	}
	n, err := c.ResponseWriter.Write(p)
	c.bytes += int64(n)
	return n, err
}
