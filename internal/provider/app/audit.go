package app

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"peyk/internal/protocol"
	"peyk/internal/provider/engine"
	"peyk/internal/provider/store"
	"peyk/internal/report"
)

const (
	auditTime   = 10 * time.Second // what takes longer is down
	leastReview = time.Second      // the rest after an audit that could not be had
	mostReview  = time.Minute
	mostReviews = 20 // some quarter of an hour: what is away that long a person should hear of
)

// errAuditSlow ends an audit that gives no answer.
var errAuditSlow = errors.New("the audit gave no answer in time")

// attempt audits a job and, if it may run, runs it.
func (a *App) attempt(ctx context.Context, job store.Job, cancel context.CancelCauseFunc) (end, error) {
	if e, stopped := a.stopped(ctx, job); stopped {
		return e, context.Cause(ctx)
	}
	order := a.order(job)
	if err := a.audit(ctx, job, order); err != nil {
		return a.audited(ctx, job, err), err
	}
	if job.Reviews > 0 {
		a.Log.InfoContext(ctx, "the audit is back: the request is prepared", "generation", job.Generation, "tries", job.Reviews+1)
		a.reviewed(ctx, job, cancel)
	}
	result, err := a.make(ctx, job, order, cancel)
	return a.judge(ctx, job, result, err), err
}

// order is the job as the engine knows it.
func (a *App) order(job store.Job) engine.Job {
	return engine.Job{
		GUID: job.ReportID, Generation: job.Generation, Type: job.Type, Parameters: job.Parameters,
		Locale: job.Locale, TimeZone: job.TimeZone, RequestedBy: job.RequestedBy, RequestedAt: job.RequestedAt,
		AsOf: a.Now(), Formats: job.Formats, MaxBytes: job.MaxBytes,
	}
}

// audit asks whether a job may run. A panic is an error of this job alone.
func (a *App) audit(ctx context.Context, job store.Job, order engine.Job) (err error) {
	defer survive(&err)
	if t, ok := a.reportType(job.Type); !ok || job.TypeVersion != "" && job.TypeVersion != t.Version {
		return &report.Error{
			Class: report.Permanent, Code: protocol.CodeInvalidParams,
			Sentence: "The report type changed after the request was accepted.",
		}
	}
	ctx, cancel := context.WithTimeoutCause(ctx, auditTime, errAuditSlow)
	defer cancel()
	return a.Engine.Audit(ctx, order)
}

// audited decides what becomes of a job whose audit did not pass: what it
// refused is rejected; if it could not be had, nothing runs, and the job waits
// without a worker until it is asked for again.
func (a *App) audited(ctx context.Context, job store.Job, err error) end {
	if e, stopped := a.stopped(ctx, job); stopped {
		return e
	}
	switch report.ClassOf(err) {
	case report.Permanent:
		failure := protocol.OperationError{Code: report.CodeOf(err), Stage: "audit"}
		if e := new(report.Error); errors.As(err, &e) {
			failure.Detail = e.Sentence
		}
		return a.finish(job, protocol.Rejected, failure)
	case report.Poison:
		return a.refuse(job, err) // it panicked, and would again
	}
	if job.Reviews >= mostReviews {
		return a.refuse(job, err)
	}
	if job.Reviews == 0 { // once, not per try
		a.Log.WarnContext(ctx, "the audit cannot be had: the request waits for it", "generation", job.Generation, "error", err)
	}
	rest := min(max(a.jitter(leastReview<<min(job.Reviews, 6)), leastReview), mostReview)
	next := a.Now().Add(rest)
	return end{string(protocol.PendingReview), func(ctx context.Context) error { return a.Store.Review(ctx, job, next) }}
}

// reviewed shows a job that had to wait for its audit as preparing.
func (a *App) reviewed(ctx context.Context, job store.Job, cancel context.CancelCauseFunc) {
	err := a.Store.Reviewed(ctx, job)
	switch {
	case errors.Is(err, store.ErrLost):
		cancel(errDeleted)
	case err != nil && ctx.Err() == nil: // it only looks as if it waited still
		a.Log.ErrorContext(ctx, "cannot write down that an audit passed", "generation", job.Generation, "error", err)
	}
}

// survive makes a panic the error of who panicked.
func survive(err *error) {
	if v := recover(); v != nil {
		*err = &report.Error{Class: report.Poison, Code: protocol.CodeInternal, Cause: fmt.Errorf("panic: %v\n%s", v, debug.Stack())}
	}
}
