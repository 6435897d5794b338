package sim

import (
	"context"
	"time"

	"peyk/internal/backoffice/event"
	"peyk/internal/backoffice/ledger"
	"peyk/internal/report"
)

// ackWait is how long a message is left to who was given it.
const ackWait = 30 * time.Second

// message is an event on its way to one role.
type message struct {
	event.Event
	role     report.Role
	kind     ledger.Kind
	sequence uint64
	at       time.Time // not delivered before
}

// queue holds what was published and not acknowledged. It loses, repeats and
// reorders; nothing may depend on it but speed.
type queue struct {
	w        *World
	sequence uint64
	waiting  []*message
}

// publisher is the queue as a process reaches it.
type publisher struct {
	w    *World
	proc *process
}

// Publish may fail, lose the event in silence, or take it twice.
func (p *publisher) Publish(_ context.Context, e event.Event) error {
	v := p.w.enter(publish, string(e.Type))
	if v.fault == "lost" {
		return nil
	}
	if !v.effect {
		return v.fault.err()
	}
	late := time.Duration(0)
	if v.fault == "delayed" { // others overtake it
		late = time.Duration(p.w.plan.int(30_000)) * time.Millisecond
	}
	p.w.queue.take(e, late)
	if v.fault == "twice" {
		p.w.queue.take(e, late)
	}
	if v.fault == "twice" || v.fault == "delayed" {
		v.fault = ""
	}
	return p.w.leave(v, nil)
}

func (q *queue) take(e event.Event, late time.Duration) {
	q.sequence++
	for _, role := range []report.Role{report.Gateway, report.Trace} {
		if k, ok := hears(role, e.Type); ok {
			at := q.w.clock.now().Add(late)
			q.waiting = append(q.waiting, &message{Event: e, role: role, kind: k, sequence: q.sequence, at: at})
		}
	}
}

// wipe is the loss of the whole queue.
func (q *queue) wipe() {
	q.w.mark("queue wiped")
	q.waiting, q.sequence = nil, 0
}

// run delivers what lies there.
func (q *queue) run(t *thread) {
	for {
		t.await(q.first)
		for _, m := range q.waiting {
			if m.at.After(q.w.clock.now()) {
				continue
			}
			m.at = q.w.clock.now().Add(ackWait)
			if p := q.w.serving(m.role); p != nil {
				q.w.spawn(p, string(m.role)+" hears "+string(m.Type), func(*thread) { q.deliver(p, m) })
			}
		}
	}
}

func (q *queue) first() (at time.Time) {
	for _, m := range q.waiting {
		sooner(&at, m.at)
	}
	return at
}

func (q *queue) deliver(p *process, m *message) {
	if err := p.crews[m.role].handle(m.kind, m.Event, m.sequence); err != nil {
		m.at = q.w.clock.now().Add(time.Second)
		return
	}
	v := q.w.enter(ack, "")
	if v.effect {
		q.done(m)
	}
	_ = q.w.leave(v, nil) // an ack that is lost brings the message again
}

func (q *queue) done(m *message) {
	for i, x := range q.waiting {
		if x == m {
			q.waiting = append(q.waiting[:i:i], q.waiting[i+1:]...)
			return
		}
	}
}
