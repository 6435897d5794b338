package app

import (
	"context"
	"errors"
	"time"

	"peyk/internal/protocol"
	"peyk/internal/provider/store"
)

// How soon it is worth looking again, in seconds: some times before it is ready,
// for people watch how far it is.
const (
	leastLook = 5
	mostLook  = 60
	looks     = 4
)

// stand adds to an operation that is not at its end what only the moment knows:
// its place in the line, and when it should be ready.
func (a *App) stand(ctx context.Context, o *protocol.Operation) error {
	if o.State.Ended() {
		return nil
	}
	p, err := a.Store.Pace(ctx, o.ReportID, o.Generation)
	if errors.Is(err, store.ErrUnknown) {
		return nil // deleted between the two looks
	}
	if err != nil {
		return err
	}
	if p.Typical == 0 {
		p.Typical = time.Duration(o.ETASeconds) * time.Second
	}
	switch {
	case o.State == protocol.PendingReview:
		o.ETASeconds = 0 // nobody knows when the audit is back
	case p.Typical == 0 && o.State == protocol.Preparing:
		o.ETASeconds = 0 // nobody knows yet how long its type takes
	case o.State == protocol.Queued:
		place := p.Ahead + 1
		o.Progress = &protocol.Progress{Stage: protocol.StageWaiting, Position: place}
		if o.ETASeconds = 0; p.Typical > 0 {
			o.ETASeconds = seconds(p.Typical + p.Typical*time.Duration(place)/time.Duration(a.Workers))
		}
	case o.State == protocol.Preparing:
		if !p.Began.IsZero() {
			o.ETASeconds = seconds(p.Typical - a.Now().Sub(p.Began))
		}
	}
	return nil
}

// seconds rounds up: what is not over takes a second at least.
func seconds(d time.Duration) int {
	return max(int((d+time.Second-1)/time.Second), 1)
}

// lookAfter is when it is worth looking again, in seconds.
func lookAfter(o protocol.Operation) int {
	switch {
	case o.ETASeconds == 0 && o.State == protocol.Preparing:
		return 2 * leastLook // it may be ready any moment
	case o.ETASeconds == 0 && !o.State.Ended():
		return mostLook
	}
	return min(max(o.ETASeconds/looks, leastLook), mostLook)
}
