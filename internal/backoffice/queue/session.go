package queue

import (
	"context"
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
)

// session is one connection to one life of the broker.
type session struct {
	conn *nats.Conn
	js   jetstream.JetStream
}

// newSession takes over the connection: it is closed when that fails.
func newSession(ctx context.Context, conn *nats.Conn) (*session, error) {
	js, err := jetstream.New(conn)
	if err != nil {
		conn.Close()
		return nil, fmt.Errorf("open JetStream: %w", err)
	}
	s := &session{conn: conn, js: js}
	if err := s.declare(ctx); err != nil {
		conn.Close()
		return nil, err
	}
	return s, nil
}

// declare makes the stream as it should be; an existing one keeps its events.
func (s *session) declare(ctx context.Context) error {
	_, err := s.js.CreateOrUpdateStream(ctx, jetstream.StreamConfig{
		Name:       streamName,
		Subjects:   []string{event.SubjectPrefix + "*"},
		Retention:  jetstream.LimitsPolicy,
		Discard:    jetstream.DiscardOld,
		Storage:    jetstream.FileStorage,
		MaxAge:     maxAge,
		MaxBytes:   maxBytes,
		MaxMsgSize: event.MaxSize,
	})
	if err != nil {
		return fmt.Errorf("declare stream %s: %w", streamName, err)
	}
	return nil
}

// declareRole makes the durable consumer of a role as it should be; an
// existing one keeps its place.
func (s *session) declareRole(ctx context.Context, role string, types []event.Type, ackWait time.Duration) (jetstream.Consumer, error) {
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
	c, err := s.js.CreateOrUpdateConsumer(ctx, streamName, cfg)
	if err != nil {
		return nil, fmt.Errorf("declare consumer %s: %w", role, err)
	}
	return c, nil
}

func (s *session) publish(ctx context.Context, subject string, raw []byte) error {
	ctx, cancel := context.WithTimeout(ctx, PublishTimeout)
	defer cancel()
	// The library's own retries wait for a stream that is not there; mending
	// declares it instead.
	_, err := s.js.Publish(ctx, subject, raw, jetstream.WithRetryAttempts(0))
	return err
}

// natsLog gives the server's lines to slog. What it calls fatal is an error
// here: the queue decides what to do about it.
type natsLog struct{ log *slog.Logger }

func (l natsLog) Noticef(format string, v ...any) { l.log.Debug(fmt.Sprintf(format, v...)) }
func (l natsLog) Warnf(format string, v ...any)   { l.log.Warn(fmt.Sprintf(format, v...)) }
func (l natsLog) Fatalf(format string, v ...any)  { l.log.Error(fmt.Sprintf(format, v...)) }
func (l natsLog) Errorf(format string, v ...any)  { l.log.Error(fmt.Sprintf(format, v...)) }
func (l natsLog) Debugf(format string, v ...any)  { l.log.Debug(fmt.Sprintf(format, v...)) }
func (l natsLog) Tracef(string, ...any)           {}
