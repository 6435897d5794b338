package queue

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"peyk/internal/backoffice/event"
)

const (
	streamName    = "PEYK"
	maxAge        = 7 * 24 * time.Hour
	maxBytes      = 1 << 30
	maxAckPending = 512
	askTimeout    = time.Second
)

// session is one connection to one life of the broker.
type session struct {
	conn  *nats.Conn
	js    jetstream.JetStream
	log   *slog.Logger
	over  context.Context // ends when the session is left
	end   context.CancelFunc
	fewer bool // events lie on fewer servers than they should; guarded by q.mu
}

func newSession(conn *nats.Conn, log *slog.Logger) (*session, error) {
	js, err := jetstream.New(conn)
	if err != nil {
		return nil, fmt.Errorf("open JetStream: %w", err)
	}
	s := &session{conn: conn, js: js, log: log}
	s.over, s.end = context.WithCancel(context.Background())
	return s, nil
}

// declare makes the stream as it should be; an existing one keeps its events.
// Where there are too few servers for that many replicas one has to do, until
// there are more: events that lie once are better than none.
func (s *session) declare(ctx context.Context, replicas int) error {
	on := func(n int) error {
		return s.insist(ctx, func(ctx context.Context) error {
			_, err := s.js.CreateOrUpdateStream(ctx, streamConfig(n))
			return err
		})
	}
	err := on(replicas)
	switch {
	case err == nil:
		s.fewer = false
	case replicas > 1 && tooFew(err):
		if !s.fewer {
			s.log.WarnContext(ctx, "too few servers for as many replicas as events should have", "replicas", replicas, "error", err)
		}
		s.fewer, err = true, on(1)
	}
	return wrapStream(err)
}

// restore makes the stream only if it is gone: an existing one may by now be as
// another, newer process wants it.
func (s *session) restore(ctx context.Context, replicas int) error {
	err := s.insist(ctx, func(ctx context.Context) error {
		_, err := s.js.Stream(ctx, streamName)
		return err
	})
	if !errors.Is(err, jetstream.ErrStreamNotFound) {
		return wrapStream(err)
	}
	return s.declare(ctx, replicas)
}

func wrapStream(err error) error {
	if err != nil {
		return fmt.Errorf("declare stream %s: %w", streamName, err)
	}
	return nil
}

func streamConfig(replicas int) jetstream.StreamConfig {
	return jetstream.StreamConfig{
		Name:       streamName,
		Subjects:   []string{event.SubjectPrefix + "*"},
		Retention:  jetstream.LimitsPolicy,
		Discard:    jetstream.DiscardOld,
		Storage:    jetstream.FileStorage,
		MaxAge:     maxAge,
		MaxBytes:   maxBytes,
		MaxMsgSize: event.MaxSize,
		Replicas:   replicas,
	}
}

// insist asks again and again until ctx ends or the connection is lost: what a
// cluster is asked while it elects a leader, it never answers.
func (s *session) insist(ctx context.Context, ask func(context.Context) error) error {
	for {
		try, cancel := context.WithTimeout(ctx, askTimeout)
		err := ask(try)
		cancel()
		if ctx.Err() != nil || !errors.Is(err, context.DeadlineExceeded) || !s.conn.IsConnected() {
			return err
		}
	}
}

// What JetStream says where a stream cannot have its replicas, by the numbers
// in its errors.json: too few servers, and no cluster at all.
const (
	noPeers   jetstream.ErrorCode = 10005
	noCluster jetstream.ErrorCode = 10074
)

func tooFew(err error) bool {
	var api *jetstream.APIError
	return errors.As(err, &api) && (api.ErrorCode == noPeers || api.ErrorCode == noCluster)
}

// declareRole makes the durable consumer of a role as it should be; an
// existing one keeps its place.
func (s *session) declareRole(ctx context.Context, role string, types []event.Type, ackWait time.Duration) (c jetstream.Consumer, err error) {
	cfg := jetstream.ConsumerConfig{
		Durable:       role,
		DeliverPolicy: jetstream.DeliverAllPolicy,
		AckPolicy:     jetstream.AckExplicitPolicy,
		AckWait:       ackWait,
		MaxAckPending: maxAckPending,
	}
	for _, t := range types {
		cfg.FilterSubjects = append(cfg.FilterSubjects, t.Subject())
	}
	err = s.insist(ctx, func(ctx context.Context) (err error) {
		c, err = s.js.CreateOrUpdateConsumer(ctx, streamName, cfg)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("declare consumer %s: %w", role, err)
	}
	return c, nil
}

// restoreRole makes the durable consumer of a role only if it is gone, as
// restore does.
func (s *session) restoreRole(ctx context.Context, role string, types []event.Type, ackWait time.Duration) (c jetstream.Consumer, err error) {
	err = s.insist(ctx, func(ctx context.Context) (err error) {
		c, err = s.js.Consumer(ctx, streamName, role)
		return err
	})
	if errors.Is(err, jetstream.ErrConsumerNotFound) {
		return s.declareRole(ctx, role, types, ackWait)
	}
	if err != nil {
		return nil, fmt.Errorf("look up consumer %s: %w", role, err)
	}
	return c, nil
}

func (s *session) publish(ctx context.Context, subject string, raw []byte) error {
	if !s.conn.IsConnected() { // it would wait for a way back, and the caller with it
		return nats.ErrDisconnected
	}
	ctx, cancel := context.WithTimeout(ctx, PublishTimeout)
	defer cancel()
	defer context.AfterFunc(s.over, cancel)() // what was asked on a lost connection is never answered
	// The library's own retries wait for a stream that is not there; mending
	// declares it instead.
	_, err := s.js.Publish(ctx, subject, raw, jetstream.WithRetryAttempts(0))
	return err
}
