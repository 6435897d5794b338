package app

import (
	"context"
	"errors"
	"fmt"

	"peyk/internal/protocol"
	"peyk/internal/provider/engine"
	"peyk/internal/provider/store"
	"peyk/internal/report"
)

// end is what becomes of a job, and the write that says so.
type end struct {
	name  string
	write func(context.Context) error
}

// judge decides what becomes of a job the engine is done with.
func (a *App) judge(ctx context.Context, job store.Job, r engine.Result, err error) end {
	if err == nil {
		return a.publish(job, r)
	}
	if e, stopped := a.stopped(ctx, job); stopped {
		return e
	}
	return a.refuse(job, err)
}

// stopped decides what becomes of a job that was told to stop.
func (a *App) stopped(ctx context.Context, job store.Job) (end, bool) {
	switch cause := context.Cause(ctx); {
	case errors.Is(cause, errDeleted):
		return end{"dropped", func(context.Context) error { return nil }}, true
	case errors.Is(cause, errStopping):
		return end{"put back", func(ctx context.Context) error { return a.Store.Release(ctx, job) }}, true
	case errors.Is(cause, errDeadline):
		return a.finish(job, protocol.Failed, protocol.OperationError{Code: "deadline", Detail: errDeadline.Error(), Stage: "prepare"}), true
	}
	return end{}, false
}

// publish makes the result the generation's one, unless it is too large.
func (a *App) publish(job store.Job, r engine.Result) end {
	var total int64
	docs := make([]store.Document, len(r.Documents))
	for i, d := range r.Documents {
		total += int64(len(d.Bytes))
		docs[i] = store.Document{Name: d.Name, MediaType: d.MediaType, Pages: d.Pages, Rows: d.Rows, Bytes: d.Bytes}
	}
	if job.MaxBytes > 0 && total > job.MaxBytes {
		return a.finish(job, protocol.Failed, tooLarge(fmt.Sprintf("the files have %d bytes, at most %d are wanted", total, job.MaxBytes)))
	}
	return end{string(protocol.Ready), func(ctx context.Context) error { return a.Store.Publish(ctx, job, docs, r.Sources) }}
}

func tooLarge(detail string) protocol.OperationError {
	return protocol.OperationError{Code: protocol.CodeTooLarge, Detail: detail, Stage: "render"}
}

func (a *App) finish(job store.Job, state protocol.State, e protocol.OperationError) end {
	return end{string(state), func(ctx context.Context) error { return a.Store.Finish(ctx, job, state, e) }}
}

// refuse is the table from the engine's errors to operations: where the request
// is at fault it is rejected, everything else failed. The cause stays in the
// log; the company reads the sentence.
func (a *App) refuse(job store.Job, err error) end {
	failure := protocol.OperationError{Code: report.CodeOf(err), Stage: "prepare"}
	if e := new(report.Error); errors.As(err, &e) {
		failure.Detail = e.Sentence
	}
	switch failure.Code {
	case "document-too-large":
		return a.finish(job, protocol.Failed, tooLarge(failure.Detail))
	case protocol.CodeInvalidParams, protocol.CodeExpression,
		"report-type-unknown", "format-unsupported", "locale-unsupported", "time-zone-unknown":
		return a.finish(job, protocol.Rejected, failure)
	}
	switch report.ClassOf(err) {
	case report.Transient, report.Throttled, report.Unknown:
		failure.Retriable = true
	}
	return a.finish(job, protocol.Failed, failure)
}

// settle writes the end. A store that cannot write is tried again until the
// service stops: its room stays taken, so little more is begun meanwhile. What
// could not be settled is found again at the next start.
func (a *App) settle(work context.Context, job store.Job, e end) {
	for {
		err := e.write(context.WithoutCancel(work))
		switch {
		case err == nil, errors.Is(err, store.ErrLost):
			return
		case work.Err() != nil, errors.Is(err, store.ErrClosed):
			a.Log.ErrorContext(work, "cannot settle a job before stopping", "generation", job.Generation, "error", err)
			return
		}
		a.Log.ErrorContext(work, "cannot settle a job", "generation", job.Generation, "end", e.name, "error", err)
		pause(work, storeRest)
	}
}
