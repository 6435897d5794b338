package protocol

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"peyk/internal/report"
)

// MaxRetryAfter is the longest a provider can make the company wait.
const MaxRetryAfter = time.Hour

// classify says what to do about an answer that is not the wanted one. Beyond
// the table: every other 4xx is permanent, every other 5xx transient, and
// everything below 400 breaks the contract.
func classify(status int) report.Class {
	switch status {
	case http.StatusRequestTimeout, // 408
		http.StatusConflict, // 409: in progress, or not ready yet
		http.StatusTooEarly, // 425
		http.StatusServiceUnavailable:
		return report.Transient // 503: throttled if it brings a Retry-After
	case http.StatusTooManyRequests:
		return report.Throttled
	}
	switch {
	case status >= 500:
		return report.Transient
	case status >= 400:
		return report.Permanent
	}
	return report.Lying
}

// refused turns an unwanted answer into an error; the caller closes the body.
func refused(act string, resp *http.Response) error {
	if resp.StatusCode < 400 {
		return lie(act, fmt.Sprintf("unexpected status %d", resp.StatusCode))
	}
	problem := readProblem(resp)
	e := &report.Error{
		Class:    classify(resp.StatusCode),
		Code:     problem.Code,
		Sentence: sentence(problem.Code),
		Cause:    fmt.Errorf("%s: %w", act, problem),
	}
	wait, asked := retryAfter(resp.Header)
	if asked && resp.StatusCode == http.StatusServiceUnavailable {
		e.Class = report.Throttled
	}
	if e.Class == report.Throttled {
		e.RetryAfter = wait
	}
	return e
}

// codeSyntax is what a provider's code must look like to be passed on.
var codeSyntax = regexp.MustCompile(`^[a-z][a-z0-9-]{0,63}$`)

// readProblem reads the problem of an error answer as far as there is one. Its
// status is always the one of the answer, its code always well-formed.
func readProblem(resp *http.Response) *Problem {
	var p Problem
	if mediaType(resp.Header) == MediaProblem {
		body, err := io.ReadAll(io.LimitReader(resp.Body, MaxAnswerBody))
		if err == nil && json.Unmarshal(body, &p) != nil {
			p = Problem{}
		}
	}
	p.Status = resp.StatusCode
	if !codeSyntax.MatchString(p.Code) {
		p.Code = "http-" + strconv.Itoa(resp.StatusCode)
	}
	return &p
}

// unreached is an answer that never came, or not whole.
func unreached(act string, err error) error {
	code := "provider-unreachable"
	var netErr net.Error
	if errors.Is(err, context.DeadlineExceeded) || errors.As(err, &netErr) && netErr.Timeout() {
		code = "provider-timeout"
	}
	return &report.Error{
		Class: report.Transient, Code: code, Sentence: sentence(code),
		Cause: fmt.Errorf("%s: %w", act, err),
	}
}

// lie is an answer that breaks the contract.
func lie(act, how string) error {
	return &report.Error{
		Class: report.Lying, Code: "contract-broken", Sentence: sentence("contract-broken"),
		Cause: fmt.Errorf("%s: %s", act, how),
	}
}

// retryAfter reads the delay form of Retry-After (RFC 9110, 10.2.3), capped at
// MaxRetryAfter. The date form is not part of the contract: it would need the
// two clocks to agree.
func retryAfter(h http.Header) (time.Duration, bool) {
	s := strings.TrimSpace(h.Get("Retry-After"))
	if s == "" || strings.Trim(s, "0123456789") != "" {
		return 0, false
	}
	seconds, err := strconv.ParseInt(s, 10, 64)
	if err != nil || seconds > int64(MaxRetryAfter/time.Second) {
		return MaxRetryAfter, true // more digits than a number holds is a long time too
	}
	return time.Duration(seconds) * time.Second, true
}

// sentence is what the person concerned is told, by code.
func sentence(code string) string {
	switch code {
	case "provider-unreachable", "provider-timeout", CodeUnavailable, CodeInternal:
		return "The provider of the report cannot be reached at the moment; we keep trying."
	case CodeThrottled:
		return "The provider of the report is busy; we keep trying."
	case "token-unavailable", CodeUnauthenticated, CodeForbidden:
		return "The provider does not accept our credentials; the operator has to look at them."
	case "contract-broken":
		return "The provider gave an answer that cannot be right; nothing of it was used."
	case CodeInvalidParams, CodeMalformed:
		return "The provider does not accept what was asked for."
	case CodeExpression:
		return "The provider rejected an expression in what was asked for."
	case CodeReportUnknown, CodeFileUnknown, CodeGone, CodeTombstoned:
		return "The provider no longer has the report."
	case CodeNotReady, CodeInProgress:
		return "The provider is still preparing the report."
	}
	return "The provider refused the request."
}
