package bench

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// AcceptReport is how fast requests are answered 202 that come at their own
// pace, whether or not the ones before were answered.
type AcceptReport struct {
	World   string    `json:"world"`
	Rate    int       `json:"rate"` // requests a second
	Seconds float64   `json:"seconds"`
	Latency Latencies `json:"latency"`    // from the time a request was meant to be sent to its 202
	Behind  float64   `json:"behind_ms"`  // the most any request was sent too late by the load itself
	Letters float64   `json:"letters_ps"` // letters a second meanwhile
}

// schedule gives the times requests are meant to be sent: evenly, from the
// first on.
func schedule(began time.Time, rate int, length time.Duration) []time.Time {
	times := make([]time.Time, int(length.Seconds()*float64(rate)))
	for i := range times {
		times[i] = began.Add(time.Duration(i) * time.Second / time.Duration(rate))
	}
	return times
}

// Accept sends requests by the clock. A latency counts from the time a request
// was meant to be sent, so that whoever is slow cannot slow down his judge.
func (l *Load) Accept(ctx context.Context, w *Running, rate int, length time.Duration) (AcceptReport, error) {
	before, _ := l.letters()
	var mu sync.Mutex
	var failed error
	var took []time.Duration
	var behind time.Duration
	var all sync.WaitGroup
	began := time.Now()
	guids := make([]string, 0, rate)
	for _, at := range schedule(began, rate, length) {
		if err := pause(ctx, time.Until(at)); err != nil {
			return AcceptReport{}, err
		}
		late, guid := time.Since(at), newGUID()
		guids = append(guids, guid)
		all.Go(func() {
			err := l.ask(ctx, w.Door, guid)
			mu.Lock()
			defer mu.Unlock()
			took, behind, failed = append(took, time.Since(at)), max(behind, late), errors.Join(failed, err)
		})
	}
	all.Wait()
	whole := time.Since(began)
	after, _ := l.letters()
	if failed != nil {
		return AcceptReport{}, fmt.Errorf("ask %s at %d a second: %w", w.Name(), rate, failed)
	}
	return AcceptReport{
		World: w.Name(), Rate: rate, Seconds: whole.Seconds(), Latency: sumUp(took), Behind: millis(behind),
		Letters: float64(after-before) / whole.Seconds(),
	}, l.settle(ctx, w, guids)
}

// settle waits until every request that was accepted is delivered and cleaned
// away, however long that takes as long as letters come.
func (l *Load) settle(ctx context.Context, w *Running, guids []string) error {
	for _, guid := range guids {
		for {
			err := l.await(ctx, w.Door, []string{guid})
			_, last := l.letters()
			if err == nil {
				break
			}
			if ctx.Err() != nil || time.Since(last) > letterTime {
				return err
			}
		}
	}
	return nil
}
