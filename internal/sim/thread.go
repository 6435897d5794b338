package sim

import (
	"iter"
	"time"
)

// thread is one line of work in the world. It runs alone until its next point
// and then waits to be picked again.
type thread struct {
	name string
	proc *process // whose end is its end; nil: it belongs to no process
	born int      // incarnation of proc it belongs to

	from time.Time        // it does not go on before
	due  func() time.Time // if not nil, asked besides: zero is never

	resume func() (struct{}, bool)
	stop   func()
	yield  func(struct{}) bool
	ended  bool
}

// killed unwinds a thread whose process died. It is a panic and not an error:
// no code of a dead process runs on.
type killed struct{}

// spawn adds a thread that begins when it is first picked.
func (w *World) spawn(p *process, name string, body func(t *thread)) *thread {
	t := &thread{name: name, proc: p, from: w.clock.now()}
	if p != nil {
		t.born = p.incarnation
	}
	t.resume, t.stop = iter.Pull(func(yield func(struct{}) bool) {
		t.yield = yield
		defer func() {
			t.ended = true
			if r := recover(); r != nil {
				if _, dead := r.(killed); !dead {
					panic(r)
				}
			}
		}()
		body(t)
	})
	w.threads = append(w.threads, t)
	return t
}

// dead reports whether the thread's process is gone, or another of its name
// runs by now.
func (t *thread) dead() bool {
	return t.proc != nil && (!t.proc.alive || t.born != t.proc.incarnation)
}

// mustLive ends the thread here if its process is dead.
func (t *thread) mustLive() {
	if t.dead() {
		panic(killed{})
	}
}

// pass lets others go first.
func (t *thread) pass() {
	t.mustLive()
	if !t.yield(struct{}{}) {
		panic(killed{})
	}
	t.mustLive()
}

// await lets others go until due says so, asked again whenever somebody looks;
// zero is never.
func (t *thread) await(due func() time.Time) {
	t.due = due
	t.pass()
	t.due = nil
}

// sleep lets others go for at least d.
func (w *World) sleep(t *thread, d time.Duration) {
	t.from = w.clock.now().Add(d)
	t.pass()
}

// wait lets others go until cond holds, at most for d; it reports whether it
// holds.
func (w *World) wait(t *thread, d time.Duration, cond func() bool) bool {
	until := w.clock.now().Add(d)
	t.await(func() time.Time {
		if cond() {
			return w.clock.now()
		}
		return until
	})
	return cond()
}

// ready is when the thread may go on; zero is never.
func (t *thread) ready() time.Time {
	if t.proc != nil && t.proc.stalled.After(t.from) {
		t.from = t.proc.stalled
	}
	if t.due == nil {
		return t.from
	}
	at := t.due()
	if at.IsZero() || at.After(t.from) {
		return at
	}
	return t.from
}
