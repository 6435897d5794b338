package app

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"peyk/internal/protocol"
	"peyk/internal/provider/engine"
	"peyk/internal/provider/store"
	"peyk/internal/report"
)

// progressEvery is the rest between two commits of progress.
const progressEvery = time.Second

// storeRest is the rest after the store failed.
const storeRest = time.Second

// Why a job under way is told to stop.
var (
	errDeleted  = errors.New("the report was deleted")
	errStopping = errors.New("the service is stopping")
	errDeadline = errors.New("the deadline has passed")
)

// dispatch gives queued jobs to workers until ctx ends, then waits for them.
func (a *App) dispatch(ctx context.Context) {
	work, stop := context.WithCancelCause(context.WithoutCancel(ctx))
	defer stop(nil)
	defer context.AfterFunc(ctx, func() { time.AfterFunc(a.Drain, func() { stop(errStopping) }) })()

	slots := make(chan struct{}, a.Workers)
	begun := make(chan struct{}, a.Workers+unsettled)
	var jobs sync.WaitGroup
	defer jobs.Wait()
	for {
		for _, room := range []chan struct{}{begun, slots} {
			select {
			case room <- struct{}{}:
			case <-ctx.Done():
				return
			}
		}
		job, ok := a.next(ctx)
		if !ok {
			return
		}
		jobs.Go(func() {
			defer func() { <-begun }()
			a.prepare(work, job, func() { <-slots })
		})
	}
}

// unsettled is how many jobs may wait for the store to write down their end
// while others are prepared in their place: a worker computes, and need not wait
// for a disk.
const unsettled = 6

// next waits for a job that can be claimed; false when ctx ends.
func (a *App) next(ctx context.Context) (store.Job, bool) {
	for ctx.Err() == nil {
		job, found, err := a.Store.Claim(ctx)
		switch {
		case found:
			return job, true
		case err != nil && ctx.Err() == nil:
			a.Log.ErrorContext(ctx, "cannot claim a job", "error", err)
			pause(ctx, storeRest)
		case err == nil:
			select {
			case <-a.Store.Queued():
			case <-ctx.Done():
			}
		}
	}
	return store.Job{}, false
}

// prepare makes one report and settles its job; made is called in between.
func (a *App) prepare(work context.Context, job store.Job, made func()) {
	ctx, cancel := context.WithCancelCause(work)
	defer cancel(nil)
	if !job.Deadline.IsZero() {
		timer := time.AfterFunc(job.Deadline.Sub(a.Now()), func() { cancel(errDeadline) })
		defer timer.Stop()
	}
	name := run{job.ReportID, job.Generation}
	a.mu.Lock()
	a.running[name] = cancel
	a.mu.Unlock()
	defer func() {
		a.mu.Lock()
		delete(a.running, name)
		a.mu.Unlock()
	}()

	began := a.Now()
	result, err := a.make(ctx, job, cancel)
	made()
	end := a.judge(ctx, job, result, err)
	a.settle(work, job, end)
	a.Log.InfoContext(ctx, "prepared", "guid", job.ReportID, "generation", job.Generation, "attempt", job.Attempt,
		"end", end.name, "took", a.Now().Sub(began), "error", err)
}

// make runs the engine. A panic is an error of this job alone.
func (a *App) make(ctx context.Context, job store.Job, cancel context.CancelCauseFunc) (result engine.Result, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &report.Error{Class: report.Poison, Code: protocol.CodeInternal, Cause: fmt.Errorf("panic: %v\n%s", v, debug.Stack())}
		}
	}()
	if t, ok := a.reportType(job.Type); !ok || job.TypeVersion != "" && job.TypeVersion != t.Version {
		return result, &report.Error{
			Class: report.Permanent, Code: protocol.CodeInvalidParams,
			Sentence: "The report type changed after the request was accepted.",
		}
	}
	return a.Engine.Run(ctx, engine.Job{
		GUID: job.ReportID, Generation: job.Generation, Type: job.Type, Parameters: job.Parameters,
		Locale: job.Locale, TimeZone: job.TimeZone, RequestedBy: job.RequestedBy, RequestedAt: job.RequestedAt,
		AsOf: a.Now(), Formats: job.Formats, MaxBytes: job.MaxBytes,
	}, a.progress(ctx, job, cancel))
}

// progress tells the store how far a job is, but not at each step: every
// telling is a commit.
func (a *App) progress(ctx context.Context, job store.Job, cancel context.CancelCauseFunc) engine.Progress {
	last := a.Now()
	return func(done, total int, stage string) {
		now := a.Now()
		if now.Sub(last) < progressEvery {
			return
		}
		last = now
		err := a.Store.Progress(ctx, job, protocol.Progress{Done: done, Total: total, Stage: stage})
		if errors.Is(err, store.ErrLost) {
			cancel(errDeleted)
		}
	}
}

// cancel stops the jobs of a report up to a generation.
func (a *App) cancel(guid string, generation int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for name, stop := range a.running {
		if name.guid == guid && name.generation <= generation {
			stop(errDeleted)
		}
	}
}
