package sim

import "time"

// step lets one thread go on to its next point. Where none is ready the clock
// moves on to when the first will be; false: nothing will ever happen again.
func (w *World) step() bool {
	w.reap()
	w.runnable = w.runnable[:0]
	var first time.Time
	now := w.clock.now()
	for _, t := range w.threads {
		at := t.ready()
		if at.IsZero() {
			continue
		}
		if !at.After(now) {
			w.runnable = append(w.runnable, t)
		}
		if first.IsZero() || at.Before(first) {
			first = at
		}
	}
	if len(w.runnable) == 0 {
		if first.IsZero() || first.After(w.horizon) {
			return false
		}
		w.clock.until(first)
		return true
	}
	w.run(w.runnable[w.plan.pick(len(w.runnable))])
	w.steps++
	return true
}

func (w *World) run(t *thread) {
	w.current = t
	w.clock.tick()
	t.resume()
	w.current = nil
}

// reap takes out what has ended and unwinds what belongs to a dead process.
func (w *World) reap() {
	kept := w.threads[:0]
	for _, t := range w.threads {
		if !t.ended && t.dead() {
			w.current = t
			t.stop()
			w.current = nil
			t.ended = true
		}
		if !t.ended {
			kept = append(kept, t)
		}
	}
	clear(w.threads[len(kept):])
	w.threads = kept
}

// settle runs the world until nothing is left to do before the horizon, or for
// at most so many steps; false: it did not come to rest.
func (w *World) settle(most int) bool {
	for range most {
		if !w.step() {
			return true
		}
	}
	return false
}

// close unwinds every thread that still waits, and lets go of the ledger.
func (w *World) close() {
	for _, t := range w.threads {
		if !t.ended {
			w.current = t
			t.stop()
		}
	}
	w.threads, w.current = nil, nil
	_ = w.ledger.Close() // its world is over
}
