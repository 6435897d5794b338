package queue

import (
	"context"
	"fmt"

	"github.com/nats-io/nats.go"

	"peyk/internal/backoffice/event"
)

// tapBuffer is how many events a slow tap may lag before it misses some.
const tapBuffer = 4096

// tap is one call of Tap: a plain subscription, which costs the server no
// state and needs none, for a tap only knows "now". It outlives sessions.
type tap struct {
	see func(event.Event)
	sub *nats.Subscription // of the present session; guarded by q.mu
}

// Tap shows the events published from now on, one after the other, until ctx
// ends. It may miss some: a page that must be right asks the ledger. While the
// queue is down it waits until it is back.
func (q *JetStream) Tap(ctx context.Context, see func(event.Event)) error {
	t := &tap{see: see}
	q.mu.Lock()
	defer q.mu.Unlock()
	if s := q.session.Load(); s != nil {
		if err := t.attach(ctx, s); err != nil {
			q.cfg.Log.WarnContext(ctx, "tap does not start yet", "error", err)
			q.notice(s)
		}
	}
	q.taps[t] = struct{}{}
	context.AfterFunc(ctx, func() { q.untap(t) })
	return nil
}

// attach begins to listen on the session. Called with q.mu held.
func (t *tap) attach(ctx context.Context, s *session) error {
	if t.sub != nil {
		_ = t.sub.Unsubscribe() // fails when its session is gone, which is as good
	}
	sub, err := s.conn.Subscribe(event.SubjectPrefix+"*", func(m *nats.Msg) {
		if e, err := event.Decode(m.Data); err == nil { // the rest is the consumers' to park
			t.see(e)
		}
	})
	if err != nil {
		return fmt.Errorf("tap the queue: %w", err)
	}
	t.sub = sub
	if err := sub.SetPendingLimits(tapBuffer, tapBuffer*1024); err != nil {
		return fmt.Errorf("tap the queue: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, PublishTimeout)
	defer cancel()
	return s.conn.FlushWithContext(ctx) // from here on nothing published is missed
}

func (q *JetStream) untap(t *tap) {
	q.mu.Lock()
	defer q.mu.Unlock()
	delete(q.taps, t)
	if t.sub != nil {
		_ = t.sub.Unsubscribe() // fails when its session is gone, which is as good
	}
}
