package app

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"peyk/internal/protocol"
	"peyk/internal/provider/engine"
	"peyk/internal/provider/store"
	"peyk/internal/telemetry"
)

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
			a.lookAgain(ctx)
		}
	}
	return store.Job{}, false
}

// lookAgain waits until there may be something to claim: something was queued,
// somebody ended, or a job that was put aside is due.
func (a *App) lookAgain(ctx context.Context) {
	rest := idle
	next, err := a.Store.NextReview(ctx)
	switch {
	case err != nil && ctx.Err() == nil:
		a.Log.ErrorContext(ctx, "cannot find the next review", "error", err)
		rest = storeRest
	case !next.IsZero():
		// What is due already waits for a last try to end, which tells.
		rest = min(max(next.Sub(a.Now()), leastReview), idle)
	}
	timer := time.NewTimer(rest)
	defer timer.Stop()
	select {
	case <-a.Store.Queued():
	case <-timer.C:
	case <-ctx.Done():
	}
}

// prepare makes one report and settles its job; made is called in between.
func (a *App) prepare(work context.Context, job store.Job, made func()) {
	work = telemetry.WithGUID(work, job.ReportID)
	ctx, cancel := context.WithCancelCause(work)
	defer cancel(nil)
	if !job.Deadline.IsZero() {
		left := job.Deadline.Sub(a.Now())
		if left <= 0 { // at once: a timer may come after the end
			cancel(errDeadline)
		}
		timer := time.AfterFunc(left, func() { cancel(errDeadline) })
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
	end, err := a.attempt(ctx, job, cancel)
	made()
	a.settle(work, job, end)
	level := slog.LevelInfo
	if end.name == string(protocol.PendingReview) {
		level = slog.LevelDebug // said once, when it began
	}
	a.Log.Log(ctx, level, "prepared", "generation", job.Generation, "attempt", job.Attempt,
		"end", end.name, "took", a.Now().Sub(began), "error", err)
}

// make runs the engine. A panic is an error of this job alone.
func (a *App) make(ctx context.Context, job store.Job, order engine.Job, cancel context.CancelCauseFunc) (result engine.Result, err error) {
	defer survive(&err)
	t := a.teller(ctx, job, cancel)
	defer t.stop()
	return a.Engine.Run(ctx, order, t.progress)
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
