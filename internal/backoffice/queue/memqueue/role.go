package memqueue

import (
	"context"
	"slices"
	"sync"
	"time"

	"peyk/internal/backoffice/event"
	"peyk/internal/backoffice/queue"
)

// role is one durable consumer: it outlives the calls of Consume that serve it.
// Its fields are guarded by the queue's lock.
type role struct {
	subjects []string
	waiting  []*delivery // to be delivered now, oldest first
	unacked  map[uint64]*delivery
	more     *sync.Cond // waiting grew, or a server stopped
}

// delivery is one event on its way to one role.
type delivery struct {
	entry
	attempt int
	again   *time.Timer // while unacked: brings it back
}

// Consume serves a role. See the contract in package queue.
func (q *Queue) Consume(ctx context.Context, name string, types []event.Type, h queue.Handler) (func(context.Context) error, error) {
	if err := queue.CheckRole(name, types); err != nil {
		return nil, err
	}
	q.mu.Lock()
	r := q.declare(name, types)
	q.mu.Unlock()

	ctx, cancel := context.WithCancel(ctx)
	s := &server{q: q, r: r, name: name, handle: h, done: make(chan struct{})}
	go s.run(ctx)
	return func(limit context.Context) error { return s.stop(limit, cancel) }, nil
}

func (q *Queue) declare(name string, types []event.Type) *role {
	r := q.roles[name]
	if r == nil {
		r = &role{unacked: make(map[uint64]*delivery), more: sync.NewCond(&q.mu)}
		q.roles[name] = r
	}
	fresh := r.subjects == nil
	r.subjects = r.subjects[:0]
	for _, t := range types {
		r.subjects = append(r.subjects, t.Subject())
	}
	if fresh {
		for _, e := range q.stream {
			r.offer(e)
		}
	}
	return r
}

func (r *role) offer(e entry) {
	if slices.Contains(r.subjects, e.subject) {
		r.waiting = append(r.waiting, &delivery{entry: e})
		r.more.Signal()
	}
}

func (r *role) forget() {
	for _, d := range r.unacked {
		d.again.Stop()
	}
	clear(r.unacked)
	r.waiting = nil
}

func (r *role) stats(name string, now time.Time) queue.RoleStats {
	s := queue.RoleStats{Role: name, Waiting: uint64(len(r.waiting)), Unacked: len(r.unacked)}
	for _, d := range r.waiting {
		s.OldestAge = max(s.OldestAge, now.Sub(d.at))
	}
	for _, d := range r.unacked {
		s.OldestAge = max(s.OldestAge, now.Sub(d.at))
		if d.attempt > 1 {
			s.Redelivered++
		}
	}
	return s
}

// server is one call of Consume.
type server struct {
	q       *Queue
	r       *role
	name    string
	handle  queue.Handler
	stopped bool // guarded by q.mu
	done    chan struct{}
}

// run hands out deliveries until stopped, then waits for the handlers.
func (s *server) run(ctx context.Context) {
	defer close(s.done)
	var running sync.WaitGroup
	defer running.Wait()
	free := make(chan struct{}, s.q.cfg.Handlers)
	for {
		free <- struct{}{}
		d, ok := s.take()
		if !ok {
			return
		}
		running.Go(func() {
			defer func() { <-free }()
			queue.Dispatch(ctx, s.name, d, s.handle, s.q.cfg.Park, s.q.cfg.Log)
		})
	}
}

// take waits for a delivery; false says that the server was stopped.
func (s *server) take() (queue.Delivery, bool) {
	s.q.mu.Lock()
	defer s.q.mu.Unlock()
	for len(s.r.waiting) == 0 && !s.stopped {
		s.r.more.Wait()
	}
	if s.stopped {
		s.r.more.Signal() // a waiting event is for another server
		return queue.Delivery{}, false
	}
	d := s.r.waiting[0]
	s.r.waiting = s.r.waiting[1:]
	d.attempt++
	s.r.unacked[d.sequence] = d
	d.again = time.AfterFunc(s.q.cfg.AckWait, func() { s.bringBack(d) })
	return s.envelope(d), true
}

// bringBack puts an unacked delivery among the waiting.
func (s *server) bringBack(d *delivery) {
	s.q.mu.Lock()
	defer s.q.mu.Unlock()
	if s.r.unacked[d.sequence] != d {
		return // acked or wiped meanwhile
	}
	delete(s.r.unacked, d.sequence)
	s.r.waiting = append(s.r.waiting, d)
	s.r.more.Signal()
}

// envelope is one attempt at the delivery. Called with the queue's lock held.
func (s *server) envelope(d *delivery) queue.Delivery {
	return queue.Delivery{
		Subject:  d.subject,
		Raw:      d.raw,
		Sequence: d.sequence,
		Attempt:  d.attempt,
		Ack: func(context.Context) error {
			s.q.mu.Lock()
			defer s.q.mu.Unlock()
			if s.r.unacked[d.sequence] == d {
				d.again.Stop()
				delete(s.r.unacked, d.sequence)
			}
			return nil
		},
		Nak: func(delay time.Duration) error {
			s.q.mu.Lock()
			defer s.q.mu.Unlock()
			if s.r.unacked[d.sequence] == d {
				d.again.Reset(delay)
			}
			return nil
		},
	}
}

// stop ends the intake and waits for running handlers; when limit ends first
// they are cancelled.
func (s *server) stop(limit context.Context, cancel context.CancelFunc) error {
	defer cancel()
	s.q.mu.Lock()
	s.stopped = true
	s.r.more.Broadcast()
	s.q.mu.Unlock()
	select {
	case <-s.done:
		return nil
	case <-limit.Done():
		return limit.Err()
	}
}
