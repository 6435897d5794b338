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
// serves now. It asks the server a few questions per role; once a second is
// often enough.
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
		if typ, ok := typeOf(subject); ok {
			r.Types = append(r.Types, TypeStats{Type: typ})
		}
	}
	if r.Waiting == 0 && r.Unacked == 0 {
		return r, nil
	}
	for i, subject := range subjectsOf(info) {
		m, err := stream.GetMsg(ctx, info.AckFloor.Stream+1, jetstream.WithGetMsgSubject(subject))
		if errors.Is(err, jetstream.ErrMsgNotFound) {
			continue
		}
		if err != nil {
			return r, err
		}
		r.OldestAge = max(r.OldestAge, now.Sub(m.Time))
		if i < len(r.Types) {
			r.Types[i].OldestAge = now.Sub(m.Time)
			if r.Types[i].Waiting, err = waiting(ctx, stream, info.Delivered.Stream+1, subject); err != nil {
				return r, err
			}
		}
	}
	return r, nil
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

func typeOf(subject string) (event.Type, bool) {
	for _, t := range event.Types() {
		if t.Subject() == subject {
			return t, true
		}
	}
	return "", false
}
