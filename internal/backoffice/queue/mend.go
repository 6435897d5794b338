package queue

import (
	"context"
	"errors"
	"time"

	"github.com/nats-io/nats.go"
)

// watch mends what nobody waits for: a directory that went away, a consumer
// that met trouble, a restart that failed.
func (q *JetStream) watch(ctx context.Context) {
	defer close(q.ended)
	tick := time.NewTicker(q.cfg.CheckEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case s := <-q.trouble:
			q.report(ctx, q.mend(ctx, s))
		case <-tick.C:
			q.report(ctx, q.check(ctx))
		}
	}
}

func (q *JetStream) report(ctx context.Context, err error) {
	if err != nil && ctx.Err() == nil {
		q.cfg.Log.ErrorContext(ctx, "queue is down, trying again", "error", err)
	}
}

// notice tells the watch of trouble on a session; one word of it is enough.
func (q *JetStream) notice(s *session) {
	select {
	case q.trouble <- s:
	default:
	}
}

// check restarts a queue that is down or whose directory is no longer the one
// it writes to.
func (q *JetStream) check(ctx context.Context) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if s := q.session.Load(); s != nil {
		err := q.broker.intact()
		if s.conn.IsClosed() {
			err = nats.ErrConnectionClosed
		}
		if err == nil {
			return nil
		}
		q.cfg.Log.WarnContext(ctx, "queue lost its ground", "error", err)
	}
	return q.restart(ctx)
}

// mend gets the queue going again after an error on the session by declaring
// stream and consumers anew; if that fails, on a fresh directory. Whoever comes
// second finds it done.
func (q *JetStream) mend(ctx context.Context, broken *session) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.session.Load() != broken {
		return nil
	}
	err := q.broker.intact()
	if err == nil {
		err = q.declareAnew(ctx, broken)
	}
	if err == nil {
		return nil
	}
	q.cfg.Log.WarnContext(ctx, "declaring the queue anew did not help", "error", err)
	return q.restart(ctx)
}

// renew gives up the session, on which declaring anew was not enough.
func (q *JetStream) renew(ctx context.Context, broken *session) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.session.Load() != broken {
		return nil
	}
	return q.restart(ctx)
}

func (q *JetStream) declareAnew(ctx context.Context, s *session) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), mendTimeout/2)
	defer cancel()
	if err := s.declare(ctx); err != nil {
		return err
	}
	if err := q.broker.remember(); err != nil {
		return err
	}
	return q.attachAll(ctx, s)
}

// restart leaves the session and begins another on a fresh directory. Once begun
// it is finished whatever becomes of the caller.
func (q *JetStream) restart(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), mendTimeout)
	defer cancel()
	q.leave(errors.New("restarting"))
	s, err := q.connectAfresh(ctx)
	if err != nil {
		q.down = err
		return err
	}
	if err := q.attachAll(ctx, s); err != nil {
		s.conn.Close()
		q.down = err
		return err
	}
	q.down = nil
	q.session.Store(s)
	q.cfg.Log.WarnContext(ctx, "queue restarted on a fresh directory", "dir", q.cfg.Dir)
	return nil
}

// leave ends the session, and with it what is being published and fetched.
func (q *JetStream) leave(why error) {
	q.down = why
	if s := q.session.Swap(nil); s != nil {
		s.conn.Close()
	}
}

// connectAfresh connects on a fresh directory.
func (q *JetStream) connectAfresh(ctx context.Context) (*session, error) {
	q.broker.shutdown()
	if err := q.broker.setAside(); err != nil {
		return nil, err
	}
	return q.connect(ctx)
}

// connect starts the broker and a session on it.
func (q *JetStream) connect(ctx context.Context) (*session, error) {
	if err := q.broker.start(); err != nil {
		return nil, err
	}
	conn, err := q.broker.connect()
	if err != nil {
		return nil, err
	}
	s, err := newSession(ctx, conn)
	if err != nil {
		return nil, err
	}
	if err := q.broker.remember(); err != nil {
		conn.Close()
		return nil, err
	}
	return s, nil
}

// attachAll lets every consumer and tap begin on the session.
func (q *JetStream) attachAll(ctx context.Context, s *session) error {
	for c := range q.consumers {
		if err := c.attach(ctx, s); err != nil {
			return err
		}
	}
	for t := range q.taps {
		if err := t.attach(s); err != nil {
			return err
		}
	}
	return nil
}
