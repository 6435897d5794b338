package bench

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"syscall"
	"time"
)

// Paused is a world whose provider can be stopped in the middle of whatever it
// does, as one that is overloaded looks from outside.
type Paused interface {
	World
	Signal(process string, s syscall.Signal) error
}

// Drain lets so many requests wait for a provider that does not answer, then
// lets it answer, and measures the rate at which letters come while most still
// wait: over the first window of them.
func (l *Load) Drain(ctx context.Context, w *Running, waiting, window int) (Round, error) {
	paused, ok := w.World.(Paused)
	if !ok {
		return Round{}, fmt.Errorf("drain %s: its provider cannot be paused", w.Name())
	}
	if err := paused.Signal("provider", syscall.SIGSTOP); err != nil {
		return Round{}, err
	}
	before, _ := l.letters()
	if err := l.pileUp(ctx, w.Door, waiting); err != nil {
		return Round{}, errors.Join(fmt.Errorf("let %d requests wait: %w", waiting, err), paused.Signal("provider", syscall.SIGCONT))
	}
	meter, err := w.meter()
	if err != nil {
		return Round{}, err
	}
	began := time.Now()
	if err := paused.Signal("provider", syscall.SIGCONT); err != nil {
		return Round{}, err
	}
	last, err := l.until(ctx, before+window)
	if err != nil {
		return Round{}, fmt.Errorf("drain %d requests: %w", waiting, err)
	}
	whole := last.Sub(began)
	r := Round{
		World: fmt.Sprintf("%d waiting", waiting), Journeys: window, InFlight: waiting,
		Seconds: whole.Seconds(), Rate: float64(window) / whole.Seconds(),
	}
	r.Costs, err = meter.costs(window)
	return r, err
}

// pileUp asks for so many reports, many at a time.
func (l *Load) pileUp(ctx context.Context, d Door, n int) error {
	var askers sync.WaitGroup
	var mu sync.Mutex
	var failed error
	work := make(chan struct{}, n)
	for range n {
		work <- struct{}{}
	}
	close(work)
	for range 32 {
		askers.Go(func() {
			for range work {
				if err := l.ask(ctx, d, newGUID()); err != nil {
					mu.Lock()
					failed = errors.Join(failed, err)
					mu.Unlock()
					return
				}
			}
		})
	}
	askers.Wait()
	return failed
}

// until waits for so many letters in all, and gives the time of the last.
func (l *Load) until(ctx context.Context, letters int) (time.Time, error) {
	for began := time.Now(); ; {
		n, last := l.letters()
		if n >= letters {
			return last, nil
		}
		if last.After(began) {
			began = last
		}
		if time.Since(began) > letterTime {
			return last, fmt.Errorf("only %d of %d letters came", n, letters)
		}
		if err := pause(ctx, time.Millisecond); err != nil {
			return last, err
		}
	}
}

// Signal sends a signal to one of the processes.
func (e *Embedded) Signal(process string, s syscall.Signal) error {
	all, err := e.Processes()
	if err != nil {
		return err
	}
	for _, p := range all {
		if p.Name == process {
			return syscall.Kill(p.PID, s)
		}
	}
	return fmt.Errorf("signal the %s: there is none", process)
}
