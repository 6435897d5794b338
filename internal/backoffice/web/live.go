package web

import (
	"context"
	"fmt"
	"sync"

	"peyk/internal/backoffice/event"
)

// live spreads events to the streams of open pages.
type live struct {
	ctx     context.Context
	stop    context.CancelFunc
	mu      sync.Mutex
	streams map[chan string]struct{}
	running sync.WaitGroup
}

func newLive(source Live) (*live, error) {
	ctx, stop := context.WithCancel(context.Background())
	l := &live{ctx: ctx, stop: stop, streams: map[chan string]struct{}{}}
	if source == nil {
		return l, nil
	}
	if err := source.Tap(ctx, l.spread); err != nil {
		stop()
		return nil, fmt.Errorf("tap the queue: %w", err)
	}
	return l, nil
}

// spread tells every stream which request to look at. One that is behind misses
// it and finds out by its next look.
func (l *live) spread(e event.Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for c := range l.streams {
		select {
		case c <- e.GUID:
		default:
		}
	}
}

// join registers a stream; it is refused once the station closes.
func (l *live) join() (guids chan string, leave func(), ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ctx.Err() != nil {
		return nil, nil, false
	}
	guids = make(chan string, 32)
	l.streams[guids] = struct{}{}
	l.running.Add(1)
	return guids, func() {
		l.mu.Lock()
		delete(l.streams, guids)
		l.mu.Unlock()
		l.running.Done()
	}, true
}

func (l *live) close(ctx context.Context) error {
	l.mu.Lock()
	l.stop()
	l.mu.Unlock()
	ended := make(chan struct{})
	go func() {
		l.running.Wait()
		close(ended)
	}()
	select {
	case <-ended:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("close web: live pages still open: %w", ctx.Err())
	}
}
