package queue

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/nats-io/nats.go/jetstream"
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
	if r.Waiting == 0 && r.Unacked == 0 {
		return r, nil
	}
	for _, subject := range info.Config.FilterSubjects {
		m, err := stream.GetMsg(ctx, info.AckFloor.Stream+1, jetstream.WithGetMsgSubject(subject))
		if errors.Is(err, jetstream.ErrMsgNotFound) {
			continue
		}
		if err != nil {
			return r, err
		}
		r.OldestAge = max(r.OldestAge, now.Sub(m.Time))
	}
	return r, nil
}
