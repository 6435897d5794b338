package telemetry

import (
	"context"
	"errors"
	"iter"
	"net/http"
	"strings"

	"peyk/internal/protocol"
)

// Serving names the role that serves an HTTP request and, where a segment of its
// path is a GUID, the request for a report it is about. The path is read itself, as
// what is refused before it reaches a route is about the same report.
func Serving(r *http.Request, role string) *http.Request {
	ctx := WithRole(r.Context(), role)
	for segment := range strings.SplitSeq(r.URL.Path, "/") {
		if protocol.CheckGUID(segment) == nil {
			return r.WithContext(WithGUID(ctx, segment))
		}
	}
	return r.WithContext(ctx)
}

// about is an error in the work on one request.
type about struct {
	guid  string
	cause error
}

func (e *about) Error() string { return e.cause.Error() }
func (e *about) Unwrap() error { return e.cause }

// About names the request an error is about, for who logs it; nil stays nil.
func About(guid string, err error) error {
	if err == nil {
		return nil
	}
	return &about{guid, err}
}

// Of gives the context with the request that an error is about, if it names one.
func Of(ctx context.Context, err error) context.Context {
	var e *about
	if errors.As(err, &e) {
		return WithGUID(ctx, e.guid)
	}
	return ctx
}

// joined are the errors of work on several requests.
type joined []error

func (j joined) Error() string {
	texts := make([]string, len(j))
	for i, err := range j {
		texts[i] = err.Error()
	}
	return strings.Join(texts, "\n")
}

func (j joined) Unwrap() []error { return j }

// Join is errors.Join, for errors that Each takes apart again.
func Join(errs ...error) error {
	var some joined
	for _, err := range errs {
		if err != nil {
			some = append(some, err)
		}
	}
	if some == nil {
		return nil
	}
	return some
}

// Each yields each error that was joined by Join, with the context of the request
// it is about, so that each is logged in a record of its own.
func Each(ctx context.Context, err error) iter.Seq2[context.Context, error] {
	return func(yield func(context.Context, error) bool) { each(ctx, err, yield) }
}

func each(ctx context.Context, err error, yield func(context.Context, error) bool) bool {
	some, ok := err.(joined) //nolint:errorlint // only the outermost is taken apart
	if !ok {
		return err == nil || yield(Of(ctx, err), err)
	}
	for _, err := range some {
		if !each(ctx, err, yield) {
			return false
		}
	}
	return true
}
