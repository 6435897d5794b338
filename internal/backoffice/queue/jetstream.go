package queue

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"peyk/internal/backoffice/event"
)

// PublishTimeout bounds one attempt to publish. Publish makes at most three: as
// it is, after stream and consumers were declared anew, on a fresh directory.
const PublishTimeout = 2 * time.Second

// mendTimeout bounds one mending: declaring anew and, for the embedded server,
// starting on a fresh directory.
const mendTimeout = 10 * time.Second

// Config says where the queue lives. Dir, Park, Log and Now must be given.
type Config struct {
	Dir  string // the embedded server's own; made if missing
	Park Park
	Log  *slog.Logger
	Now  func() time.Time

	AckWait    time.Duration // 0: 30 s
	Handlers   int           // at once per call of Consume; 0: 32
	CheckEvery time.Duration // how often the directory is looked at; 0: 1 s
}

func (c *Config) settle() error {
	if c.Dir == "" || c.Park == nil || c.Log == nil || c.Now == nil {
		return errors.New("queue: Dir, Park, Log and Now must be given")
	}
	if c.AckWait == 0 {
		c.AckWait = 30 * time.Second
	}
	if c.Handlers == 0 {
		c.Handlers = 32
	}
	if c.CheckEvery == 0 {
		c.CheckEvery = time.Second
	}
	return nil
}

// JetStream is the queue on NATS JetStream. It holds the one broker of this
// process, reached through one session at a time; a session that fails is
// replaced under the consumers' feet.
type JetStream struct {
	cfg    Config
	broker *embedded

	session atomic.Pointer[session] // nil while the queue is down
	trouble chan *session           // sessions somebody met an error on
	ended   chan struct{}           // the watch has ended
	stop    context.CancelFunc      // ends the watch

	mu        sync.Mutex // one mending at a time; guards what follows
	down      error      // why session is nil
	consumers map[*consumer]struct{}
	taps      map[*tap]struct{}
}

// ErrDown is what publishing fails with while there is no session. The queue
// goes on trying to come back by itself.
var ErrDown = errors.New("queue is down")

// Open starts the embedded server, declares the stream and begins to watch
// over both. A directory the server cannot start on is set aside.
func Open(ctx context.Context, cfg Config) (*JetStream, error) {
	if err := cfg.settle(); err != nil {
		return nil, err
	}
	q := &JetStream{
		cfg:       cfg,
		broker:    newEmbedded(cfg),
		trouble:   make(chan *session, 1),
		ended:     make(chan struct{}),
		consumers: make(map[*consumer]struct{}),
		taps:      make(map[*tap]struct{}),
	}
	s, err := q.connect(ctx)
	if err != nil {
		cfg.Log.WarnContext(ctx, "queue does not start on its directory", "dir", cfg.Dir, "error", err)
		if s, err = q.connectAfresh(ctx); err != nil {
			return nil, fmt.Errorf("open queue %s: %w", cfg.Dir, err)
		}
	}
	q.session.Store(s)
	watching, stop := context.WithCancel(context.WithoutCancel(ctx))
	q.stop = stop
	go q.watch(watching)
	return q, nil
}

// Publish puts the event on the queue. It fails only after mending did not help
// or ctx ended, which then goes on without the caller; an event of no known type, or with a GUID that is none, fails at once.
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
	for _, remedy := range []func(context.Context, *session) error{q.mend, q.renew, nil} {
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
		if err := remedy(ctx, s); err != nil {
			return errors.Join(failed, err)
		}
	}
	return failed
}

func (q *JetStream) whyDown() error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.down == nil { // came back meanwhile: the next call will see it
		return ErrDown
	}
	return fmt.Errorf("%w: %w", ErrDown, q.down)
}

// Ready tells whether the queue can be used now, and why not. It asks the
// server, so give it a context with a deadline.
func (q *JetStream) Ready(ctx context.Context) error {
	s := q.session.Load()
	if s == nil {
		return q.whyDown()
	}
	if _, err := s.js.Stream(ctx, streamName); err != nil {
		return fmt.Errorf("look up stream %s: %w", streamName, err)
	}
	return q.broker.intact()
}

// Close ends the session and the server. Stop the consumers first: what is
// being handled now can no longer be acked.
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
