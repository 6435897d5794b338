package queue

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"peyk/internal/backoffice/event"
	"peyk/internal/telemetry"
)

const (
	// pullExpiry is how long one pull request waits at the server.
	pullExpiry = 10 * time.Second
	// pullHeartbeat is how often the server says that it still does; when it
	// missed two, the consumer stopped delivering.
	pullHeartbeat = 2 * time.Second
)

// consumer is one call of Consume. It outlives sessions.
type consumer struct {
	q       *JetStream
	role    string
	types   []event.Type
	handle  Handler
	ctx     context.Context // of the handlers
	free    chan struct{}   // a token per handler that may run
	running sync.WaitGroup  // handlers

	pull     jetstream.ConsumeContext // of the present session; guarded by q.mu, as is what follows
	declared bool                     // the role was made as this process wants it
}

// Consume gives the role's events to the handler until stop is called. The
// handlers' context is ctx. Stop ends the intake, lets running handlers finish
// and, when its own context ends first, cancels them and returns without
// waiting longer.
//
// Consume fails only for a role or type that cannot be; while the queue is
// down, consuming begins when it is back.
func (q *JetStream) Consume(ctx context.Context, role string, types []event.Type, h Handler) (stop func(context.Context) error, err error) {
	if err := CheckRole(role, types); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(telemetry.WithRole(ctx, role))
	c := &consumer{
		q: q, role: role, types: slices.Clone(types), handle: h,
		ctx: ctx, free: make(chan struct{}, q.cfg.Handlers),
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.consumers[c] = struct{}{}
	if s := q.session.Load(); s != nil {
		ctx, cancel := context.WithTimeout(ctx, mendTimeout/2)
		defer cancel()
		if err := c.attach(ctx, s); err != nil {
			q.cfg.Log.WarnContext(ctx, "consumer does not start yet", "error", err)
			q.notice(s)
		}
	}
	return func(limit context.Context) error { return c.stop(limit, cancel) }, nil
}

// attach begins to pull on the session. Called with q.mu held.
func (c *consumer) attach(ctx context.Context, s *session) error {
	if c.pull != nil {
		c.pull.Drain() // what it fetched already is handled
		c.pull = nil
	}
	declare := s.declareRole
	if c.declared {
		declare = s.restoreRole
	}
	con, err := declare(ctx, c.role, c.types, c.q.cfg.AckWait)
	if err != nil {
		return err
	}
	c.declared = true
	c.pull, err = con.Consume(c.deliver,
		jetstream.PullMaxMessages(2*c.q.cfg.Handlers),
		jetstream.PullExpiry(pullExpiry),
		jetstream.PullHeartbeat(pullHeartbeat),
		jetstream.ConsumeErrHandler(func(pull jetstream.ConsumeContext, err error) { c.trouble(s, pull, err) }))
	return err
}

// trouble hears of everything that went wrong while pulling: what ended it, and
// what leaves it without heartbeats. Of a pull that was left already, it is no
// news.
func (c *consumer) trouble(s *session, pull jetstream.ConsumeContext, err error) {
	c.q.mu.Lock()
	stale := c.pull != pull
	c.q.mu.Unlock()
	if stale {
		return
	}
	c.q.cfg.Log.WarnContext(c.ctx, "consumer met trouble", "error", err)
	c.q.notice(s)
}

// deliver hands one message to a handler of its own, waiting for a free one:
// what is not taken stays at the server, for others.
func (c *consumer) deliver(m jetstream.Msg) {
	select {
	case c.free <- struct{}{}:
	case <-c.ctx.Done():
		return
	}
	c.running.Go(func() {
		defer func() { <-c.free }()
		Dispatch(c.ctx, c.role, delivery(m), c.handle, c.q.cfg.Park, c.q.cfg.Log)
	})
}

func delivery(m jetstream.Msg) Delivery {
	d := Delivery{
		Subject: m.Subject(),
		Raw:     m.Data(),
		Ack:     func(context.Context) error { return m.Ack() },
		Nak:     m.NakWithDelay,
	}
	if meta, err := m.Metadata(); err == nil { // fails only for what is no JetStream message
		d.Sequence, d.Attempt = meta.Sequence.Stream, int(meta.NumDelivered)
	}
	return d
}

func (c *consumer) stop(limit context.Context, cancel context.CancelFunc) error {
	defer cancel()
	done := make(chan struct{})
	go func() {
		defer close(done)
		if pull := c.leave(); pull != nil {
			<-pull.Closed()
		}
		c.running.Wait()
	}()
	select {
	case <-done:
		return nil
	case <-limit.Done():
		return errors.Join(errors.New("handlers of "+c.role+" still run"), limit.Err())
	}
}

// leave ends the intake. What was fetched already is handled, not left to
// AckWait; but not while the queue is down, when nothing could be acked.
func (c *consumer) leave() jetstream.ConsumeContext {
	c.q.mu.Lock()
	defer c.q.mu.Unlock()
	delete(c.q.consumers, c)
	pull := c.pull
	c.pull = nil
	switch {
	case pull == nil:
	case c.q.session.Load() == nil:
		pull.Stop()
	default:
		pull.Drain()
	}
	return pull
}
