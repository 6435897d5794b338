package sim

import (
	"errors"
	"fmt"
	"strconv"
	"time"
)

// kind is a kind of point: what is touched there. Which errors are legal
// depends on it.
type kind string

// The kinds of points.
const (
	commit  kind = "commit"  // a transaction of the ledger
	view    kind = "view"    // a reading of the ledger
	publish kind = "publish" // an event put on the queue
	ack     kind = "ack"     // a message taken off the queue
	call    kind = "call"    // an HTTP call to the provider
	body    kind = "body"    // a file's bytes on their way
	put     kind = "put"     // bytes into local storage
	open    kind = "open"    // bytes from local storage
	remove  kind = "remove"  // bytes out of local storage
	gate    kind = "gate"    // the document gate
	address kind = "address" // SMTP up to RCPT
	deliver kind = "deliver" // SMTP from DATA on
	answer  kind = "answer"  // an HTTP answer of ours on its way to who asked
)

// fault is how an operation is reported to have failed; "" is success.
type fault string

// verdict is what happens at a point.
type verdict struct {
	crash  bool          // the process dies there
	effect bool          // the operation takes effect
	fault  fault         // how it is reported, if the process lives
	rest   time.Duration // the thread stays away so long first
	stall  bool          // its whole process does, heartbeats and all
}

// fine is the verdict of a world in order.
func fine() verdict { return verdict{effect: true} }

// point is one operation about to happen.
type point struct {
	name string // of the thread and the operation, e.g. "gateway SUBMIT: call POST"
	kind kind
	proc *process
}

// plan decides: who goes on, and what happens at each point.
type plan interface {
	pick(n int) int        // which of n ready threads goes on
	at(p point) verdict    // what happens at a point
	int(n int) int         // a number below n, for whatever else is left to chance
	chance(p float64) bool // happens with probability p
}

// enter is how every operation begins: others go first, then the plan speaks.
// An operation that takes no effect returns at once with its error; one that
// does is finished with leave.
func (w *World) enter(k kind, what string) verdict {
	t := w.current
	t.pass()
	name := t.name + ": " + string(k)
	if what != "" {
		name += " " + what
	}
	v := w.plan.at(point{name: name, kind: k, proc: t.proc})
	if v.stall {
		w.stall(t.proc)
		t.pass()
	}
	if v.rest > 0 {
		w.sleep(t, v.rest)
	}
	if v.crash && !v.effect {
		w.crash(t.proc)
		t.mustLive()
	}
	if v.fault != "" {
		met := "fault " + string(k) + " " + string(v.fault)
		if v.effect {
			met += withEffect
		}
		w.mark(met)
	}
	return v
}

// leave ends an operation that took effect: the process may die before it
// hears of it, or hear that it failed.
func (w *World) leave(v verdict, err error) error {
	t := w.current
	w.clock.tick()
	if v.crash {
		w.crash(t.proc)
		t.mustLive()
	}
	if v.fault != "" && err == nil {
		return v.fault.err()
	}
	return err
}

// err is the fault as an error of the storage kind.
func (f fault) err() error {
	if errno, ok := errnos()[f]; ok {
		return fmt.Errorf("%s: %w", f, errno)
	}
	return errors.New(string(f))
}

// ordinal names the nth occurrence of a point in a run.
func ordinal(name string, n int) string { return name + " #" + strconv.Itoa(n) }
