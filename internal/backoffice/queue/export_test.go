package queue

import (
	"context"
	"errors"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// DeleteStream takes the stream away, as an administrator could. The queue may
// notice, and leave the session, before the answer is here.
func (q *JetStream) DeleteStream(ctx context.Context) {
	_ = q.session.Load().js.DeleteStream(ctx, streamName)
}

// DeleteRole takes a role's consumer away. A queue that noticed, and healed,
// before the answer came has closed the connection it was to come by.
func (q *JetStream) DeleteRole(ctx context.Context, role string) error {
	err := q.session.Load().js.DeleteConsumer(ctx, streamName, role)
	if errors.Is(err, nats.ErrConnectionClosed) {
		return nil
	}
	return err
}

// AddRole makes a role that nobody serves, as a former version might have left it.
func (q *JetStream) AddRole(ctx context.Context, role string, subjects ...string) error {
	_, err := q.session.Load().js.CreateConsumer(ctx, streamName, jetstream.ConsumerConfig{
		Durable: role, AckPolicy: jetstream.AckExplicitPolicy, FilterSubjects: subjects,
	})
	return err
}

// KillServer ends the embedded server as if it had broken down.
func (q *JetStream) KillServer() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.broker.(*embedded).srv.Kill()
}

// Disconnect ends the session's connection.
func (q *JetStream) Disconnect() { q.session.Load().conn.Close() }

// Serving is how many calls of Consume take in events now.
func (q *JetStream) Serving() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.consumers)
}

// Insist asks as the present session does.
func (q *JetStream) Insist(ctx context.Context, ask func(context.Context) error) error {
	return q.session.Load().insist(ctx, ask)
}
