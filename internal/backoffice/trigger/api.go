package trigger

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"unicode/utf8"

	"peyk/internal/backoffice/access"
	"peyk/internal/backoffice/ledger"
	"peyk/internal/protocol"
	"peyk/internal/report"
	"peyk/internal/telemetry"
)

// MaxBody bounds a request's body, in bytes.
const MaxBody = 64 << 10

// ActAsHeader names the account a service's or a demo's token acts for.
const ActAsHeader = "Peyk-Act-As"

// call is one authenticated call.
type call struct {
	*http.Request
	who   ledger.Account
	token ledger.Token // that it came with
}

func (c call) guid() string { return c.PathValue("guid") }

// about is the call with the request for a report that its body names.
func (c call) about(guid string) call {
	c.Request = c.WithContext(telemetry.WithGUID(c.Context(), guid))
	return c
}

// answer is a status with a body; problems travel as errors.
type answer struct {
	status   int
	body     any
	location string
}

func ok(body any) (answer, error) { return answer{status: http.StatusOK, body: body}, nil }

// authenticate finds out who calls. A bearer token is the only credential: no
// cookie reaches this door, so no page of another site can press its buttons.
func (s *Station) authenticate(r *http.Request) (call, error) {
	bearer, found := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !found || bearer == "" {
		return call{}, protocol.NewProblem(http.StatusUnauthorized, protocol.CodeUnauthenticated, "a bearer token is needed")
	}
	c, stale := call{Request: r}, false
	err := s.Store.View(r.Context(), func(v ledger.View) (err error) {
		c.who, c.token, err = access.Authenticate(r.Context(), v, bearer, r.Header.Get(ActAsHeader))
		stale = err == nil && access.Stale(c.token, v.Now())
		return err
	})
	if errors.Is(err, access.ErrUnauthenticated) {
		return call{}, protocol.NewProblem(http.StatusUnauthorized, protocol.CodeUnauthenticated, "the token is not valid here")
	}
	if errors.Is(err, access.ErrForbidden) {
		return call{}, protocol.NewProblem(http.StatusForbidden, protocol.CodeForbidden, "the token does not act for that name")
	}
	if stale {
		s.touch(r.Context(), c.token)
	}
	return c, err
}

// fail turns an error into a problem: the sentence goes out, the cause is
// logged, once.
func (s *Station) fail(w http.ResponseWriter, r *http.Request, err error) {
	p := problemOf(err)
	switch p.Status {
	case http.StatusUnauthorized:
		w.Header().Set("WWW-Authenticate", "Bearer")
	case http.StatusMethodNotAllowed:
		w.Header().Set("Allow", http.MethodPost) // RFC 9110, 15.5.6
	}
	level := s.Log.DebugContext
	if p.Status >= http.StatusInternalServerError {
		level = s.Log.ErrorContext
	}
	level(telemetry.Of(r.Context(), err), "refused", "method", r.Method, "path", r.URL.Path,
		"status", p.Status, "code", p.Code, "error", err)
	protocol.WriteProblem(w, p)
}

// problemOf is the table from errors to answers.
func problemOf(err error) *protocol.Problem {
	var p *protocol.Problem
	var refused *report.Refusal
	switch {
	case errors.As(err, &p):
		return p
	case errors.Is(err, ledger.ErrNotFound):
		return protocol.NewProblem(http.StatusNotFound, protocol.CodeReportUnknown, "there is no such request")
	case errors.As(err, &refused):
		return protocol.NewProblem(http.StatusConflict, "not-possible", "%s", refused.Why)
	case errors.Is(err, ledger.ErrConflict):
		return protocol.NewProblem(http.StatusConflict, "moved-on", "it has moved on since you looked; look again")
	case errors.Is(err, context.Canceled):
		return protocol.NewProblem(http.StatusServiceUnavailable, protocol.CodeUnavailable, "the call was broken off")
	}
	p = protocol.NewProblem(http.StatusServiceUnavailable, protocol.CodeUnavailable,
		"the request could not be recorded just now; send it again, the GUID keeps it one")
	p.RetryAfter = 5
	return p
}

// decode reads a strict JSON body: one value, known fields, bounded.
func decode(r *http.Request, into any) error {
	body, err := io.ReadAll(io.LimitReader(r.Body, MaxBody+1))
	if err != nil {
		return protocol.NewProblem(http.StatusBadRequest, protocol.CodeMalformed, "the body broke off")
	}
	if len(body) > MaxBody {
		return protocol.NewProblem(http.StatusRequestEntityTooLarge, protocol.CodeTooLarge, "a body may have %d bytes", MaxBody)
	}
	if len(body) == 0 {
		body = []byte("{}")
	}
	d := json.NewDecoder(strings.NewReader(string(body)))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return protocol.NewProblem(http.StatusBadRequest, protocol.CodeMalformed, "the body is no JSON of this call: %v", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return protocol.NewProblem(http.StatusBadRequest, protocol.CodeMalformed, "there is something behind the JSON body")
	}
	if hasNUL(body) {
		return protocol.NewProblem(http.StatusBadRequest, protocol.CodeMalformed, "the body holds the character U+0000, which is no text")
	}
	return nil
}

// hasNUL reports whether a text of the JSON body, however deep, holds U+0000: not
// every ledger keeps it.
func hasNUL(body []byte) bool {
	if !bytes.Contains(body, []byte(`\u0000`)) {
		return false
	}
	d := json.NewDecoder(bytes.NewReader(body))
	for {
		t, err := d.Token()
		if err != nil {
			return false // its end: it was read once
		}
		if text, ok := t.(string); ok && strings.ContainsRune(text, 0) {
			return true
		}
	}
}

// findable refuses addresses with signs that no ledger keeps: nothing is found by
// them.
func findable(r *http.Request) error {
	switch {
	case !ledger.ValidText(r.PathValue("guid")):
		return ledger.ErrNotFound
	case !ledger.ValidText(r.URL.Path):
		return protocol.NewProblem(http.StatusNotFound, protocol.CodeNotFound, "there is no such address")
	}
	return nil
}

// checkReason refuses a reason nobody would read to its end.
func checkReason(text string) error {
	if utf8.RuneCountInString(text) <= report.MaxReason {
		return nil
	}
	return protocol.NewProblem(http.StatusBadRequest, protocol.CodeMalformed, "a reason may have %d characters", report.MaxReason)
}
