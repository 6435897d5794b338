package queue

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"peyk/internal/backoffice/event"
)

// Stats looks at the queue: at every role it ever had, also those nobody
// serves now. Of an idle role it asks the server one question, of a type that
// events wait of one for each, up to TypeMost; once a second is often enough.
func (q *JetStream) Stats(ctx context.Context) (Stats, error) {
	s := q.session.Load()
	if s == nil {
		return Stats{}, q.whyDown()
	}
	stream, err := s.js.Stream(ctx, streamName)
	if err != nil {
		return Stats{}, fmt.Errorf("look up stream %s: %w", streamName, err)
	}
	state := stream.CachedInfo().State
	out := Stats{Depth: state.Msgs, Bytes: state.Bytes}
	lister := stream.ListConsumers(ctx)
	for info := range lister.Info() {
		r, err := roleStats(ctx, stream, info, q.cfg.Now())
		if err != nil {
			return Stats{}, fmt.Errorf("look at role %s: %w", info.Name, err)
		}
		out.Roles = append(out.Roles, r)
	}
	if err := lister.Err(); err != nil {
		return Stats{}, fmt.Errorf("list consumers of %s: %w", streamName, err)
	}
	slices.SortFunc(out.Roles, ByRole)
	return out, nil
}

func roleStats(ctx context.Context, stream jetstream.Stream, info *jetstream.ConsumerInfo, now time.Time) (RoleStats, error) {
	r := RoleStats{
		Role:        info.Name,
		Waiting:     info.NumPending,
		Unacked:     info.NumAckPending,
		Redelivered: info.NumRedelivered,
	}
	for _, subject := range subjectsOf(info) {
		t, err := typeStats(ctx, stream, info, subject, now)
		if err != nil {
			return r, err
		}
		r.OldestAge = max(r.OldestAge, t.OldestAge)
		if t.Type != "" {
			r.Types = append(r.Types, t)
		}
	}
	return r, nil
}

// typeStats looks at the events on a subject that a role is not done with. A
// subject of a former version has no type.
func typeStats(ctx context.Context, stream jetstream.Stream, info *jetstream.ConsumerInfo, subject string, now time.Time) (t TypeStats, err error) {
	for _, typ := range event.Types() {
		if typ.Subject() == subject {
			t.Type = typ
		}
	}
	if info.NumPending == 0 && info.NumAckPending == 0 {
		return t, nil
	}
	m, err := stream.GetMsg(ctx, info.AckFloor.Stream+1, jetstream.WithGetMsgSubject(subject))
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return t, nil
	}
	if err != nil {
		return t, err
	}
	t.OldestAge = now.Sub(m.Time)
	if info.NumPending > 0 {
		t.Waiting, err = waiting(ctx, stream, info.Delivered.Stream+1, subject)
	}
	return t, err
}

// waiting counts the events on a subject from a place in the stream on.
func waiting(ctx context.Context, stream jetstream.Stream, from uint64, subject string) (n int, err error) {
	for n < TypeMost {
		m, err := stream.GetMsg(ctx, from, jetstream.WithGetMsgSubject(subject))
		if errors.Is(err, jetstream.ErrMsgNotFound) {
			return n, nil
		}
		if err != nil {
			return n, err
		}
		n, from = n+1, m.Sequence+1
	}
	return n, nil
}

func subjectsOf(info *jetstream.ConsumerInfo) []string {
	if len(info.Config.FilterSubjects) == 0 && info.Config.FilterSubject != "" {
		return []string{info.Config.FilterSubject}
	}
	return info.Config.FilterSubjects
}
