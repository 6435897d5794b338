package app

import (
	"context"
	"errors"
	"sync"
	"time"

	"peyk/internal/protocol"
	"peyk/internal/provider/store"
)

// progressEvery is the rest between two commits of progress, and before the
// first: most jobs are done by then.
const progressEvery = time.Second

// teller tells the store how far a job is, but not at each step: every telling
// is a commit. The last step of a burst is told when the rest is over, for the
// next one may be minutes away.
type teller struct {
	write func(protocol.Progress)

	mu   sync.Mutex
	last protocol.Progress
	rest *time.Timer // runs until the next telling; nil: none is due
	over bool
}

func (a *App) teller(ctx context.Context, job store.Job, cancel context.CancelCauseFunc) *teller {
	return &teller{write: func(p protocol.Progress) {
		if err := a.Store.Progress(ctx, job, p); errors.Is(err, store.ErrLost) {
			cancel(errDeleted)
		}
	}}
}

// progress is the engine's.
func (t *teller) progress(done, total int, stage string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.last = protocol.Progress{Done: done, Total: total, Stage: stage}
	if t.rest == nil && !t.over {
		t.rest = time.AfterFunc(progressEvery, t.tell)
	}
}

// tell what is known at the end of a rest.
func (t *teller) tell() {
	t.mu.Lock()
	p, over := t.last, t.over
	t.rest = nil
	t.mu.Unlock()
	if !over {
		t.write(p)
	}
}

// stop tells nothing more: the end of the job says it all.
func (t *teller) stop() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.over = true
	if t.rest != nil {
		t.rest.Stop()
	}
}
