package sim

import (
	"context"
	"errors"
	"time"

	"peyk/internal/backoffice/event"
	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/task"
	"peyk/internal/report"
)

// crew does the work of a role in one process: the real desk, in lanes and with
// heartbeats of the world's.
type crew struct {
	w     *World
	proc  *process
	role  report.Role
	desk  *task.Desk
	lanes map[ledger.Kind]*lane
	busy  []*running
	alone bool // a parked task is being tried
}

// lane holds the free slots of a kind.
type lane struct {
	kind  ledger.Kind
	free  int
	lag   time.Duration // how much later than due the sweep looks
	woken bool          // it should look at once, the next time too
}

// running is a task under its lease.
type running struct {
	task.Held
	cancel context.CancelCauseFunc
	beat   time.Time // when the lease is prolonged next
}

// Enter takes a free slot.
func (c *crew) Enter(k ledger.Kind) bool {
	l, ok := c.lanes[k]
	if !ok || l.free == 0 {
		return false
	}
	l.free--
	return true
}

// Leave gives it back.
func (c *crew) Leave(k ledger.Kind) { c.lanes[k].free++ }

// wake has the sweep of a kind look now.
func (c *crew) wake(k ledger.Kind) {
	if l, ok := c.lanes[k]; ok {
		l.lag, l.woken = 0, true
	}
}

// sweep leases what is due while the lane has free slots.
func (c *crew) sweep(t *thread, l *lane) {
	for {
		if l.lag = 0; !l.woken {
			l.lag = time.Duration(c.w.plan.int(int(task.Rest)))
		}
		l.woken = false
		t.await(func() time.Time {
			at := c.w.look().due[l.kind]
			if l.free == 0 || at.IsZero() {
				return time.Time{}
			}
			return at.Add(l.lag)
		})
		want := l.free
		if want == 0 {
			continue
		}
		l.free = 0
		got, err := c.desk.Lease(context.Background(), l.kind, ledger.Wanted{Kinds: []ledger.Kind{l.kind}, Limit: want}, task.Cause{})
		l.free += want - len(got)
		c.launch(got)
		if err != nil || len(got) == 0 {
			c.w.sleep(t, 100*time.Millisecond)
		}
	}
}

// handle is what a message wakes: lease the named task, then acknowledge.
func (c *crew) handle(k ledger.Kind, e event.Event, sequence uint64) error {
	if !c.Enter(k) {
		c.wake(k)
		return nil
	}
	got, err := c.desk.Lease(context.Background(), k, ledger.Wanted{Key: ledger.Key{GUID: e.GUID, Kind: k}, Limit: 1}, task.Cause{Sequence: sequence})
	if len(got) == 0 {
		c.Leave(k)
	}
	c.launch(got)
	return err
}

func (c *crew) launch(all []task.Held) {
	for _, h := range all {
		c.w.spawn(c.proc, string(c.role)+" "+string(h.Kind), func(t *thread) {
			c.run(t, h)
			c.Leave(h.Kind)
		})
	}
}

// run does a task as the task runner does.
func (c *crew) run(t *thread, h task.Held) {
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	r := &running{Held: h, cancel: cancel, beat: c.w.clock.now().Add(task.LeaseTime / 3)}
	c.busy = append(c.busy, r)
	if h.Alone {
		c.w.mark("parked task tried alone")
		c.w.wait(t, 365*24*time.Hour, func() bool { return !c.alone })
		c.alone = true
		defer func() { c.alone = false }()
	}
	res := c.desk.Do(ctx, h)
	t.mustLive() // the desk takes a death for a panic
	c.rest(r)
	if errors.Is(context.Cause(ctx), ledger.ErrLost) {
		c.w.mark("lease lost at a heartbeat")
		return
	}
	out, err := c.desk.Settle(context.Background(), h, res, c)
	if errors.Is(err, ledger.ErrLost) {
		c.w.mark("lease lost at settling")
	}
	if err != nil {
		return
	}
	c.launch(out.Taken)
	for _, k := range out.Next {
		c.wake(k.Kind)
	}
	c.desk.Follow(context.Background(), out)
	c.wake(h.Kind)
}

// rest ends the heartbeat of a task.
func (c *crew) rest(r *running) {
	for i, b := range c.busy {
		if b == r {
			c.busy = append(c.busy[:i], c.busy[i+1:]...)
			return
		}
	}
}

// beat prolongs the leases of what runs.
func (c *crew) beat(t *thread) {
	for {
		t.await(func() (first time.Time) {
			for _, r := range c.busy {
				if first.IsZero() || r.beat.Before(first) {
					first = r.beat
				}
			}
			return first
		})
		for _, r := range append([]*running(nil), c.busy...) {
			if r.beat.After(c.w.clock.now()) {
				continue
			}
			r.beat = c.w.clock.now().Add(task.LeaseTime / 3)
			if err := c.desk.Extend(context.Background(), r.Held); errors.Is(err, ledger.ErrLost) {
				c.rest(r)
				r.cancel(err)
			}
		}
	}
}
