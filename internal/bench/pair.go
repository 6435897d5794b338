package bench

import (
	"context"
	"fmt"
)

// Pair is how one world did against another, round by round.
type Pair struct {
	Over   string    `json:"over"`
	Under  string    `json:"under"`
	Ratios []float64 `json:"ratios"` // of rates
	Median float64   `json:"median"`
}

// PairUp divides each round of over by the round of under that ran beside it.
func PairUp(over, under string, rounds []Round) *Pair {
	p := &Pair{Over: over, Under: under}
	var of []float64
	for _, r := range rounds {
		switch r.World {
		case over:
			of = append(of, r.Rate)
		case under:
			p.Ratios = append(p.Ratios, r.Rate)
		}
	}
	for i := range p.Ratios {
		p.Ratios[i] = of[i] / p.Ratios[i]
	}
	p.Median = median(p.Ratios)
	return p
}

// InTurn runs so many rounds of each world, one after the other, the first
// after a warm-up of its own. Which begins changes from pair to pair.
func (l *Load) InTurn(ctx context.Context, rounds int, p Pace, warm int, worlds ...*Running) ([]Round, error) {
	for _, w := range worlds {
		if _, err := l.Journeys(ctx, w, Pace{Journeys: warm, InFlight: p.InFlight, Unseen: p.Unseen}); err != nil {
			return nil, fmt.Errorf("warm up: %w", err)
		}
	}
	var out []Round
	for i := range rounds {
		for k := range worlds {
			w := worlds[(i+k)%len(worlds)]
			r, err := l.Journeys(ctx, w, p)
			if err != nil {
				return out, err
			}
			out = append(out, r)
		}
	}
	return out, nil
}
