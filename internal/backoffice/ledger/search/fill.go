package search

import (
	"context"
	"log/slog"
	"time"
)

// Filler brings requests of an older ledger into the index, newest first, while
// the ledger is at work.
type Filler struct {
	Some   func(context.Context) (n int, more bool, err error) // the next few, in one transaction
	Logger *slog.Logger

	stop  context.CancelFunc
	ended chan struct{}
}

// idle is the pause after an error.
const idle = time.Second

// Start begins in the background.
func (f *Filler) Start() {
	var ctx context.Context
	ctx, f.stop = context.WithCancel(context.Background())
	f.ended = make(chan struct{})
	go func() {
		defer close(f.ended)
		f.run(ctx)
	}()
}

// Stop waits until the piece at hand is done. What is left is done after the
// next start. A nil Filler has nothing to stop.
func (f *Filler) Stop() {
	if f != nil {
		f.stop()
		<-f.ended
	}
}

// run rests after each piece as long as it took: the other half of the time is
// for what people wait for.
func (f *Filler) run(ctx context.Context) {
	began, filled := time.Now(), 0
	for {
		at := time.Now()
		n, more, err := f.Some(ctx)
		if ctx.Err() != nil {
			return
		}
		rest := time.Since(at)
		if err != nil {
			f.Logger.WarnContext(ctx, "older requests could not be made ready for searching", "error", err)
			rest = idle
		} else if !more {
			f.Logger.InfoContext(ctx, "older requests are ready for searching", "requests", filled+n, "took", time.Since(began))
			return
		}
		filled += n
		if !pause(ctx, rest) {
			return
		}
	}
}

func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// Ended is closed when the Filler has nothing more to do, or was stopped; that
// of a nil Filler is nil.
func (f *Filler) Ended() <-chan struct{} {
	if f == nil {
		return nil
	}
	return f.ended
}
