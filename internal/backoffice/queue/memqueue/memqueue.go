// Package memqueue is the queue's twin in memory, for tests and simulations.
//
// Promise: it keeps the contract of package queue and passes queuetest. Inside
// a testing/synctest bubble its clock is the bubble's.
//
// Limits: nothing is kept beyond the process and nothing ever expires.
//
// Failure: Wipe loses everything, as the real one may; Break makes publishing
// fail until it is called with nil.
package memqueue

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"

	"peyk/internal/backoffice/event"
	"peyk/internal/backoffice/queue"
)

// Config says how the twin behaves. Park and Log must be given.
type Config struct {
	Park     queue.Park
	Log      *slog.Logger
	AckWait  time.Duration // 0: 30 s
	Handlers int           // per call of Consume; 0: 32
}

// Queue is a queue in memory.
type Queue struct {
	cfg Config

	mu     sync.Mutex
	broken error
	closed bool
	stream []entry // rising sequences
	last   uint64
	roles  map[string]*role
	taps   map[*tap]struct{}
}

// ErrClosed is what publishing on a closed queue fails with.
var ErrClosed = errors.New("queue is closed")

type entry struct {
	sequence uint64
	subject  string
	raw      []byte
	at       time.Time
}

type tap struct{ see func(event.Event) }

// New makes an empty queue.
func New(cfg Config) *Queue {
	if cfg.AckWait == 0 {
		cfg.AckWait = 30 * time.Second
	}
	if cfg.Handlers == 0 {
		cfg.Handlers = 32
	}
	return &Queue{cfg: cfg, roles: make(map[string]*role), taps: make(map[*tap]struct{})}
}

// Publish puts the event on the queue.
func (q *Queue) Publish(ctx context.Context, e event.Event) error {
	raw, err := event.Encode(e)
	if err != nil {
		return err
	}
	return q.PublishRaw(ctx, e.Type.Subject(), raw)
}

// PublishRaw puts any bytes on any subject, as a stranger with access to the
// real queue could.
func (q *Queue) PublishRaw(ctx context.Context, subject string, raw []byte) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return ErrClosed
	}
	if q.broken != nil {
		return q.broken
	}
	q.last++
	e := entry{sequence: q.last, subject: subject, raw: slices.Clone(raw), at: time.Now()}
	q.stream = append(q.stream, e)
	for _, r := range q.roles {
		r.offer(e)
	}
	q.showTaps(raw)
	return nil
}

// showTaps calls the taps under the lock: they see events in order.
func (q *Queue) showTaps(raw []byte) {
	e, err := event.Decode(raw)
	if err != nil {
		return
	}
	for t := range q.taps {
		t.see(e)
	}
}

// Tap shows the events published from now on, one after the other, until ctx
// ends. The function must not call the queue.
func (q *Queue) Tap(ctx context.Context, see func(event.Event)) error {
	t := &tap{see: see}
	q.mu.Lock()
	q.taps[t] = struct{}{}
	q.mu.Unlock()
	context.AfterFunc(ctx, func() {
		q.mu.Lock()
		delete(q.taps, t)
		q.mu.Unlock()
	})
	return nil
}

// Wipe forgets every event and who had seen it, as when the directory of the
// real queue is removed. Handlers already running go on.
func (q *Queue) Wipe() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.stream, q.last = nil, 0
	for _, r := range q.roles {
		r.forget()
	}
}

// Break makes publishing fail with err; nil mends it.
func (q *Queue) Break(err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.broken = err
}

// Ready tells whether publishing would fail, and why.
func (q *Queue) Ready(context.Context) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return ErrClosed
	}
	return q.broken
}

// Stats looks at the queue.
func (q *Queue) Stats(context.Context) (queue.Stats, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	s := queue.Stats{Depth: uint64(len(q.stream))}
	for _, e := range q.stream {
		s.Bytes += uint64(len(e.raw))
	}
	for name, r := range q.roles {
		s.Roles = append(s.Roles, r.stats(name, time.Now()))
	}
	slices.SortFunc(s.Roles, queue.ByRole)
	return s, nil
}

// Close stops publishing. Consumers are stopped by their own stop functions.
func (q *Queue) Close(context.Context) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	return nil
}
