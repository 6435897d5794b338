package queue

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"peyk/internal/backoffice/event"
)

// PublishTimeout bounds one attempt to publish, and the waiting for one mending.
// Publish makes at most three attempts: as it is, after stream and consumers
// were declared anew, on another session.
const PublishTimeout = 2 * time.Second

// mendTimeout bounds one mending: declaring anew and, if that fails, beginning
// on a fresh directory or a fresh connection.
const mendTimeout = 10 * time.Second

// JetStream is the queue on NATS JetStream. It holds the one broker of this
// process, reached through one session at a time; a session that fails is
// replaced under the consumers' feet.
type JetStream struct {
	cfg    Config
	broker broker

	session atomic.Pointer[session] // nil while the queue is down
	down    atomic.Pointer[error]   // why
	trouble chan *session           // sessions somebody met an error on
	changed chan struct{}           // the way to servers outside was lost or found
	ended   chan struct{}           // the watch has ended
	life    context.Context         // until Close: of the watch and of mending
	stop    context.CancelFunc      // ends it

	mu        sync.Mutex // one mending at a time; guards what follows
	declared  bool       // the stream was made as this process wants it
	consumers map[*consumer]struct{}
	taps      map[*tap]struct{}
}

// ErrDown is what publishing fails with while there is no session. The queue
// goes on trying to come back by itself.
var ErrDown = errors.New("queue is down")

// Open begins a session and to watch over it. With a server of its own it
// starts that; a directory the server cannot start on is set aside. Servers
// outside may be down: it then returns all the same, after trying each once,
// and the queue comes up when they do. Only a wrong configuration fails.
func Open(ctx context.Context, cfg Config) (*JetStream, error) {
	if err := cfg.settle(); err != nil {
		return nil, err
	}
	q := &JetStream{
		cfg:       cfg,
		trouble:   make(chan *session, 1),
		changed:   make(chan struct{}, 1),
		ended:     make(chan struct{}),
		consumers: make(map[*consumer]struct{}),
		taps:      make(map[*tap]struct{}),
	}
	q.broker = cfg.broker(q.look)
	q.life, q.stop = context.WithCancel(context.WithoutCancel(ctx))
	if err := q.begin(ctx); err != nil {
		q.stop()
		q.broker.shutdown()
		return nil, fmt.Errorf("open queue %s: %w", q.broker, err)
	}
	go q.watch()
	return q, nil
}

// begin opens the first session.
func (q *JetStream) begin(ctx context.Context) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, mendTimeout/2)
	defer cancel()
	s, err := q.connect(ctx)
	if err != nil {
		q.cfg.Log.WarnContext(ctx, "queue does not start", "at", q.broker, "error", err)
		if q.cfg.External != nil {
			q.leave(err)
			return nil
		}
		if s, err = q.connectAnew(ctx); err != nil {
			return err
		}
	}
	q.session.Store(s)
	return nil
}

// Publish puts the event on the queue. It fails only after mending did not help,
// took too long or ctx ended, and goes on then without the caller; an event of
// no known type, or with a GUID that is none, fails at once.
func (q *JetStream) Publish(ctx context.Context, e event.Event) error {
	raw, err := event.Encode(e)
	if err != nil {
		return err
	}
	if err := q.PublishRaw(ctx, e.Type.Subject(), raw); err != nil {
		return fmt.Errorf("publish %s: %w", e.ID(), err)
	}
	return nil
}

// PublishRaw puts any bytes on a subject of the stream. Stations have no use
// for it: it is for putting back what was parked, and for tests.
func (q *JetStream) PublishRaw(ctx context.Context, subject string, raw []byte) error {
	var failed error
	for _, remedy := range []func(*session) error{q.mend, q.renew, nil} {
		s := q.session.Load()
		if s == nil {
			return errors.Join(failed, q.whyDown())
		}
		err := s.publish(ctx, subject, raw)
		if err == nil {
			return nil
		}
		failed = errors.Join(failed, err)
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			q.notice(s) // the caller cannot wait for the mending
		}
		if ctx.Err() != nil || remedy == nil {
			return failed
		}
		if err := heal(ctx, s, remedy); err != nil {
			return errors.Join(failed, err)
		}
	}
	return failed
}

// heal applies the remedy. Once begun it is finished, whatever becomes of the
// caller: only the waiting for it is bounded.
func heal(ctx context.Context, s *session, remedy func(*session) error) error {
	ctx, cancel := context.WithTimeout(ctx, PublishTimeout)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- remedy(s) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return fmt.Errorf("%w: it is still being mended: %w", ErrDown, ctx.Err())
	}
}

func (q *JetStream) whyDown() error {
	if why := q.down.Load(); why != nil {
		return fmt.Errorf("%w: %w", ErrDown, *why)
	}
	return ErrDown // came back meanwhile: the next call will see it
}

// Ready tells whether the queue can be used now, and why not. It asks the
// server, so give it a context with a deadline.
func (q *JetStream) Ready(ctx context.Context) error {
	s := q.session.Load()
	if s == nil {
		return q.whyDown()
	}
	if err := q.broker.intact(); err != nil {
		return err
	}
	if _, err := s.js.Stream(ctx, streamName); err != nil {
		return fmt.Errorf("look up stream %s: %w", streamName, err)
	}
	return nil
}

// Close ends the session, and the server if it is our own. Stop the consumers
// first: what is being handled now can no longer be acked.
func (q *JetStream) Close(ctx context.Context) error {
	q.stop()
	select {
	case <-q.ended:
	case <-ctx.Done():
		return fmt.Errorf("close queue: %w", ctx.Err())
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.leave(errors.New("closed"))
	q.broker.shutdown()
	return nil
}
