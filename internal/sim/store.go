package sim

import (
	"context"
	"errors"
	"slices"
	"time"

	"peyk/internal/backoffice/ledger"
	"peyk/internal/report"
)

// store is the ledger as one process reaches it.
type store struct {
	w    *World
	proc *process
}

// Update may fail before anything is kept, or after everything is.
func (s *store) Update(ctx context.Context, fn func(ledger.Tx) error) error {
	v := s.w.enter(commit, "")
	if err := ctx.Err(); err != nil {
		return err
	}
	if !v.effect {
		return v.fault.err()
	}
	var own error
	err := s.w.ledger.Update(ctx, func(tx ledger.Tx) error {
		own = fn(tx)
		return own
	})
	if err != nil && own == nil {
		s.w.broken = errors.Join(s.w.broken, err)
	}
	s.w.commits++
	return s.w.leave(v, err)
}

// View may fail.
func (s *store) View(ctx context.Context, fn func(ledger.View) error) error {
	v := s.w.enter(view, "")
	if err := ctx.Err(); err != nil {
		return err
	}
	if !v.effect {
		return v.fault.err()
	}
	return s.w.leave(v, s.w.ledger.View(ctx, fn))
}

// standing is what the world itself sees in the ledger: when the stations'
// sweeps would find something, and what people could act upon.
type standing struct {
	commits  int
	due      map[ledger.Kind]time.Time
	trigger  time.Time // when trigger's sweep would find something
	gateway  time.Time
	trace    time.Time
	requests []*report.Request
}

// look reads the ledger, once after each commit.
func (w *World) look() *standing {
	if w.seen != nil && w.seen.commits == w.commits {
		return w.seen
	}
	s := &standing{commits: w.commits, due: map[ledger.Kind]time.Time{}}
	err := w.ledger.View(context.Background(), func(v ledger.View) error {
		for _, k := range kinds() {
			at, ok, err := v.NextDue([]ledger.Kind{k})
			if err != nil {
				return err
			}
			if ok {
				s.due[k] = at
			}
		}
		for _, guid := range w.guids {
			if r, err := v.Request(guid); err == nil {
				s.requests = append(s.requests, r)
			}
		}
		return s.departures(v, w)
	})
	if err != nil {
		panic(err) // the world's own reading is no point: it cannot fail
	}
	for _, r := range s.requests {
		s.deadlines(r)
	}
	w.seen = s
	return s
}

func kinds() []ledger.Kind {
	return []ledger.Kind{ledger.Submit, ledger.Track, ledger.Fetch, ledger.ProviderDelete, ledger.Announce, ledger.Email, ledger.Purge}
}

func sooner(t *time.Time, at time.Time) {
	if !at.IsZero() && (t.IsZero() || at.Before(*t)) {
		*t = at
	}
}

func (s *standing) deadlines(r *report.Request) {
	switch r.State.Owner() {
	case report.Trigger:
		sooner(&s.trigger, r.Deadline)
	case report.Gateway:
		sooner(&s.gateway, r.Deadline)
	case report.Trace:
		sooner(&s.trace, r.Deadline)
	}
	if !r.State.Terminal() && r.LateAt.IsZero() {
		sooner(&s.trace, r.ExpectedBy)
	}
}

// departures makes trigger look at once when somebody left something behind.
func (s *standing) departures(v ledger.View, w *World) error {
	for _, p := range w.people {
		if p.gone.IsZero() {
			continue
		}
		if slices.ContainsFunc(s.requests, func(r *report.Request) bool {
			return r.Asked.Owner == p.name && r.State.Cancellable() && !r.WasStored
		}) {
			s.trigger = p.gone
		}
	}
	return nil
}
