package task

import (
	"context"
	"errors"
	"time"

	"peyk/internal/backoffice/ledger"
)

// aBreath keeps a sweep from spinning when others took what was due.
const aBreath = 100 * time.Millisecond

// heartbeat prolongs the lease until stop is called. A lost lease cancels the
// effect.
func (r *Runner) heartbeat(ctx context.Context, h Held, cancel context.CancelCauseFunc) (stop func()) {
	ctx, end := context.WithCancel(ctx)
	var beat func()
	timer := make(chan *time.Timer, 1)
	beat = func() {
		err := r.desk.Extend(ctx, h)
		if errors.Is(err, ledger.ErrLost) {
			cancel(err)
			return
		}
		if t, ok := <-timer; ok {
			t.Reset(r.desk.Config.Lease / 3)
			timer <- t
		}
	}
	timer <- time.AfterFunc(r.desk.Config.Lease/3, beat)
	return func() {
		end()
		t := <-timer
		t.Stop()
		close(timer)
	}
}

// sweep leases what is due while the lane has free slots, and rests when
// nothing is.
func (r *Runner) sweep(l *lane) {
	for {
		if d := r.untilDue(l); d > 0 && !r.rest(l, d) {
			return
		}
		select {
		case l.slots <- struct{}{}:
		case <-r.intake.Done():
			return
		}
		n := 1 + l.grab(l.Slots-1)
		leases, err := r.desk.Lease(r.intake, l.Kind, ledger.Wanted{Kinds: []ledger.Kind{l.Kind}, Limit: n}, Cause{})
		for range n - len(leases) {
			<-l.slots
		}
		r.launch(leases)
		if err != nil && r.intake.Err() == nil {
			r.desk.Log.ErrorContext(r.intake, "sweep failed", "kind", l.Kind, "error", err)
		}
		if len(leases) == 0 && !r.rest(l, aBreath) {
			return
		}
	}
}

// rest waits for d or until something may be due earlier; false: the runner
// stops.
func (r *Runner) rest(l *lane, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-l.wake:
	case <-r.intake.Done():
		return false
	}
	return true
}

// untilDue is the time to the next due task, at most a rest.
func (r *Runner) untilDue(l *lane) time.Duration {
	d := r.desk.Rest
	err := r.desk.Store.View(r.intake, func(v ledger.View) error {
		due, ok, err := v.NextDue([]ledger.Kind{l.Kind})
		if ok && err == nil {
			d = min(d, due.Sub(v.Now()))
		}
		return err
	})
	if err != nil && !errors.Is(err, context.Canceled) {
		r.desk.Log.WarnContext(r.intake, "next due time unknown; resting", "kind", l.Kind, "error", err)
	}
	return d
}
