package protocol

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
)

// Problem is an error answer: RFC 9457 with a stable code, and, for invalid
// parameters, where in the body they are.
type Problem struct {
	Type     string          `json:"type,omitempty"` // a URI; empty means about:blank (RFC 9457, 4.2.1)
	Title    string          `json:"title"`
	Status   int             `json:"status"`
	Detail   string          `json:"detail,omitempty"`
	Instance string          `json:"instance,omitempty"`
	Code     string          `json:"code"`             // one of the codes below, or one of a later version
	Errors   []ProblemDetail `json:"errors,omitempty"` // with invalid-parameters

	// RetryAfter goes into the header of that name, in whole seconds; 0: no header.
	RetryAfter int `json:"-"`
}

// ProblemDetail points at one part of the request body.
type ProblemDetail struct {
	Pointer string `json:"pointer"` // JSON Pointer (RFC 6901) into the body, e.g. /parameters/count
	Detail  string `json:"detail"`
}

// The codes of problems, stable for the life of v1.
const (
	CodeMalformed        = "malformed"              // 400
	CodeUnauthenticated  = "unauthenticated"        // 401
	CodeForbidden        = "forbidden"              // 403
	CodeNotFound         = "not-found"              // 404: no such path
	CodeReportUnknown    = "report-unknown"         // 404
	CodeFileUnknown      = "file-unknown"           // 404
	CodeMethodNotAllowed = "method-not-allowed"     // 405
	CodeInProgress       = "in-progress"            // 409: the same key is being worked on this moment
	CodeNotReady         = "not-ready"              // 409: the file does not exist yet
	CodeTombstoned       = "tombstoned"             // 410: this generation was deleted or superseded
	CodeGone             = "gone"                   // 410: the file existed or will never exist
	CodeTooLarge         = "too-large"              // 413
	CodeUnsupportedMedia = "unsupported-media-type" // 415
	CodeRange            = "range-not-satisfiable"  // 416
	CodeInvalidParams    = "invalid-parameters"     // 422
	CodeExpression       = "expression-rejected"    // 422
	CodeKeyReused        = "idempotency-key-reused" // 422: same key, another body
	CodeThrottled        = "throttled"              // 429
	CodeInternal         = "internal"               // 500
	CodeUnavailable      = "unavailable"            // 503
)

// NewProblem fills in the standard title of status.
func NewProblem(status int, code, format string, args ...any) *Problem {
	return &Problem{
		Title:  http.StatusText(status),
		Status: status,
		Code:   code,
		Detail: fmt.Sprintf(format, args...),
	}
}

// Error is the log's view.
func (p *Problem) Error() string {
	if p.Detail == "" {
		return fmt.Sprintf("%d %s", p.Status, p.Code)
	}
	return fmt.Sprintf("%d %s: %s", p.Status, p.Code, p.Detail)
}

// WriteProblem answers with p as application/problem+json. Headers set before
// stay, but those that described another body.
func WriteProblem(w http.ResponseWriter, p *Problem) {
	h := w.Header()
	for _, name := range []string{"Content-Length", "Content-Encoding", "ETag", "Last-Modified", HeaderReprDigest} {
		h.Del(name)
	}
	if p.RetryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(p.RetryAfter))
	}
	writeBody(w, p.Status, MediaProblem, p)
}

// WriteJSON answers with v as application/json.
func WriteJSON(w http.ResponseWriter, status int, v any) { writeBody(w, status, MediaJSON, v) }

// writeBody encodes before it sends the status, so that a body that cannot be
// encoded is a 500 and not half an answer.
func writeBody(w http.ResponseWriter, status int, mediaType string, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		status, mediaType = http.StatusInternalServerError, MediaProblem
		body = []byte(`{"title":"Internal Server Error","status":500,"code":"internal"}`)
	}
	h := w.Header()
	h.Set("Content-Type", mediaType)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(body) // the reader is gone: nobody is left to tell
}
