package bench

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// Round is one measurement of one world.
type Round struct {
	World    string    `json:"world"`
	Journeys int       `json:"journeys"`
	InFlight int       `json:"in_flight"`
	Seconds  float64   `json:"seconds"` // from the first request until the last one is delivered and cleaned away
	Rate     float64   `json:"journeys_per_second"`
	Latency  Latencies `json:"latency"` // from the request to its letter
	Costs
}

// Pace says how journeys are asked for.
type Pace struct {
	Journeys int
	InFlight int
	Think    time.Duration // between a letter and the next request
	Unseen   bool          // look only at the last ones, so that a profile shows no looking
}

// Journeys runs a round: each of Pace.InFlight askers has one journey under way.
func (l *Load) Journeys(ctx context.Context, w *Running, p Pace) (Round, error) {
	meter, err := w.meter()
	if err != nil {
		return Round{}, err
	}
	began := time.Now()
	took, guids, err := l.drive(ctx, w.Door, p)
	if err != nil {
		return Round{}, fmt.Errorf("journeys through %s: %w", w.Name(), err)
	}
	// The last in are the last out, but for as many as were under way.
	if err := l.await(ctx, w.Door, guids[max(0, len(guids)-2*p.InFlight):]); err != nil {
		return Round{}, fmt.Errorf("journeys through %s: %w", w.Name(), err)
	}
	whole := time.Since(began)
	r := Round{
		World: w.Name(), Journeys: p.Journeys, InFlight: p.InFlight, Seconds: whole.Seconds(),
		Rate: float64(p.Journeys) / whole.Seconds(), Latency: sumUp(took),
	}
	if r.Costs, err = meter.costs(p.Journeys); err != nil {
		return r, err
	}
	if p.Unseen {
		return r, nil
	}
	return r, l.await(ctx, w.Door, guids)
}

// drive runs the journeys and gives what each took, and the GUIDs as they ended.
func (l *Load) drive(ctx context.Context, d Door, p Pace) (took []time.Duration, guids []string, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var mu sync.Mutex
	left, askers := p.Journeys, sync.WaitGroup{}
	next := func() bool {
		mu.Lock()
		defer mu.Unlock()
		left--
		return left >= 0
	}
	for range min(p.InFlight, p.Journeys) {
		askers.Go(func() {
			for next() {
				guid, latency, failed := l.journey(ctx, d)
				mu.Lock()
				took, guids = append(took, latency), append(guids, guid)
				mu.Unlock()
				if failed == nil && p.Think > 0 {
					failed = pause(ctx, p.Think)
				}
				if failed != nil {
					mu.Lock()
					err = errors.Join(err, failed)
					mu.Unlock()
					cancel()
					return
				}
			}
		})
	}
	askers.Wait()
	return took, guids, err
}
