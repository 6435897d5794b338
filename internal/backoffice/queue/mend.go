package queue

import (
	"context"
	"errors"
	"time"
)

// sayAgain is how often a queue that stays down for the same reason is said to
// be.
const sayAgain = time.Minute

// watch mends what nobody waits for: a directory that went away, servers that
// did, a consumer that met trouble, a restart that failed.
func (q *JetStream) watch() {
	defer close(q.ended)
	tick := time.NewTicker(q.cfg.CheckEvery)
	defer tick.Stop()
	var said string
	var at time.Time
	for {
		var err error
		select {
		case <-q.life.Done():
			return
		case s := <-q.trouble:
			err = q.mend(s)
		case <-q.changed:
			err = q.check()
		case <-tick.C:
			err = q.check()
		}
		switch {
		case err == nil:
			said = ""
		case q.life.Err() == nil && (err.Error() != said || q.cfg.Now().Sub(at) > sayAgain):
			said, at = err.Error(), q.cfg.Now()
			q.cfg.Log.ErrorContext(q.life, "queue is down, trying again", "error", err)
		}
	}
}

// notice tells the watch of trouble on a session; one word of it is enough.
func (q *JetStream) notice(s *session) {
	select {
	case q.trouble <- s:
	default:
	}
}

// look tells the watch that the way to the servers was lost or found.
func (q *JetStream) look() {
	select {
	case q.changed <- struct{}{}:
	default:
	}
}

// check begins another session where there is none, or where the one there is
// lost its ground.
func (q *JetStream) check() error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if s := q.session.Load(); s != nil {
		err := q.broker.intact()
		if err == nil {
			q.complete(s)
			return nil
		}
		q.cfg.Log.WarnContext(q.life, "queue lost its ground", "error", err)
	}
	return q.restart()
}

// complete gives events the replicas they lacked, once there are servers for
// them. Until then they lie where they do.
func (q *JetStream) complete(s *session) {
	if !s.fewer {
		return
	}
	ctx, cancel := context.WithTimeout(q.life, mendTimeout/2)
	defer cancel()
	switch err := s.declare(ctx, q.cfg.replicas()); {
	case err != nil:
		q.cfg.Log.DebugContext(ctx, "replicas are still lacking", "error", err)
	case !s.fewer:
		q.cfg.Log.InfoContext(ctx, "events lie on as many servers as they should", "replicas", q.cfg.replicas())
	}
}

// mend gets the queue going again after an error on the session by declaring
// stream and consumers anew; if that fails, by another session. Whoever comes
// second finds it done.
func (q *JetStream) mend(broken *session) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.session.Load() != broken {
		return nil
	}
	err := q.broker.intact()
	if err == nil {
		err = q.declareAnew(broken)
	}
	if err == nil {
		return nil
	}
	q.cfg.Log.WarnContext(q.life, "declaring the queue anew did not help", "error", err)
	return q.restart()
}

// renew gives up the session, on which declaring anew was not enough.
func (q *JetStream) renew(broken *session) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.session.Load() != broken {
		return nil
	}
	return q.restart()
}

func (q *JetStream) declareAnew(s *session) error {
	ctx, cancel := context.WithTimeout(q.life, mendTimeout/2)
	defer cancel()
	if err := s.restore(ctx, q.cfg.replicas()); err != nil {
		return err
	}
	if err := q.broker.settled(); err != nil {
		return err
	}
	return q.attachAll(ctx, s)
}

// restart leaves the session and begins another: with a server of our own on a
// fresh directory, with servers outside on a fresh connection, unless the one
// there is has only just come back.
func (q *JetStream) restart() error {
	if q.life.Err() != nil {
		return q.life.Err()
	}
	ctx, cancel := context.WithTimeout(q.life, mendTimeout)
	defer cancel()
	q.leave(errors.New("restarting"))
	s, err := q.connectAnew(ctx)
	if err == nil {
		err = q.attachAll(ctx, s)
	}
	if err != nil {
		q.down.Store(&err)
		return err
	}
	q.session.Store(s)
	q.down.Store(nil)
	q.cfg.Log.WarnContext(ctx, "queue began anew", "at", q.broker)
	return nil
}

// leave ends the session, and with it what is being published. A queue that is
// down already keeps its reason.
func (q *JetStream) leave(why error) {
	q.down.CompareAndSwap(nil, &why)
	if s := q.session.Swap(nil); s != nil {
		s.end()
	}
}

// connectAnew connects after what was there did not work.
func (q *JetStream) connectAnew(ctx context.Context) (*session, error) {
	if err := q.broker.renew(); err != nil {
		return nil, err
	}
	return q.connect(ctx)
}

// connect begins a session on a connection of the broker.
func (q *JetStream) connect(ctx context.Context) (*session, error) {
	conn, err := q.broker.connect()
	if err != nil {
		return nil, err
	}
	s, err := newSession(conn, q.cfg.Log)
	if err != nil {
		return nil, err
	}
	declare := s.declare
	if q.declared {
		declare = s.restore
	}
	if err := declare(ctx, q.cfg.replicas()); err != nil {
		return nil, err
	}
	q.declared = true
	return s, q.broker.settled()
}

// attachAll lets every consumer and tap begin on the session.
func (q *JetStream) attachAll(ctx context.Context, s *session) error {
	for c := range q.consumers {
		if err := c.attach(ctx, s); err != nil {
			return err
		}
	}
	for t := range q.taps {
		if err := t.attach(ctx, s); err != nil {
			return err
		}
	}
	return nil
}
