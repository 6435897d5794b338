package task

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"peyk/internal/backoffice/event"
	"peyk/internal/backoffice/ledger"
	"peyk/internal/telemetry"
)

// Runner runs the works of one role: a desk in goroutines, with a lane of slots
// for each kind.
type Runner struct {
	desk  *Desk
	lanes lanes

	alone sync.Mutex // held by the one parked task that is tried

	mu      sync.Mutex
	stopped bool
	ctx     context.Context // ends when the grace of a stop is over
	intake  context.Context // ends when a stop begins
	close   context.CancelFunc
	cancel  context.CancelFunc
	running sync.WaitGroup
}

// lane holds the slots of one kind.
type lane struct {
	Work
	slots chan struct{}
	wake  chan struct{} // the sweep should look now
}

// lanes are the Room of a runner.
type lanes map[ledger.Kind]*lane

// Enter takes a slot of the kind, if there is such a lane and one is free.
func (ls lanes) Enter(k ledger.Kind) bool {
	l, ok := ls[k]
	return ok && l.grab(1) == 1
}

// Leave gives the slot back.
func (ls lanes) Leave(k ledger.Kind) { <-ls[k].slots }

// New makes a runner; nothing runs before Start.
func New(c Config, works ...Work) *Runner {
	r := &Runner{desk: NewDesk(c, works...), lanes: lanes{}}
	r.ctx, r.cancel = context.WithCancel(telemetry.WithRole(context.Background(), string(c.Role)))
	r.intake, r.close = context.WithCancel(r.ctx)
	for _, w := range works {
		r.lanes[w.Kind] = &lane{Work: w, slots: make(chan struct{}, w.Slots), wake: make(chan struct{}, 1)}
	}
	return r
}

// Start begins to sweep every lane.
func (r *Runner) Start() {
	for _, l := range r.lanes {
		r.spawn(func() { r.sweep(l) })
	}
}

// Stop takes nothing in any more, waits for what runs, and cancels it when ctx
// ends; what was cancelled hands its lease back.
func (r *Runner) Stop(ctx context.Context) error {
	r.mu.Lock()
	r.stopped = true
	r.mu.Unlock()
	r.close()
	idle := make(chan struct{})
	go func() { r.running.Wait(); close(idle) }()
	select {
	case <-idle:
		r.cancel()
		return nil
	case <-ctx.Done():
	}
	r.cancel()
	<-idle
	return fmt.Errorf("stop the tasks of %s: %w", r.desk.Role, ctx.Err())
}

// spawn runs f unless the runner is stopping, and says whether it does.
func (r *Runner) spawn(f func()) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.stopped {
		return false
	}
	r.running.Add(1)
	go func() { defer r.running.Done(); f() }()
	return true
}

// Take leases the named task and runs it under the lease in the background. It
// returns once the lease is committed, or there is nothing to lease, or every
// slot of the kind is taken, and then the sweep will find the task as soon as
// one is free. In each case the message that named it may be acknowledged.
func (r *Runner) Take(ctx context.Context, k ledger.Key, c Cause) error {
	l, ok := r.lanes[k.Kind]
	if !ok {
		return fmt.Errorf("take %s of %s: %s has no such work", k.Kind, k.GUID, r.desk.Role)
	}
	if r.intake.Err() != nil {
		return fmt.Errorf("take %s of %s: stopping", k.Kind, k.GUID)
	}
	if l.grab(1) == 0 {
		r.Wake(k.Kind)
		return nil
	}
	leases, err := r.desk.Lease(ctx, k.Kind, ledger.Wanted{Key: k, Limit: 1}, c)
	if err != nil || len(leases) == 0 {
		<-l.slots
		return err
	}
	r.launch(leases)
	return nil
}

// Wake makes the sweep of a kind look now instead of when its rest is over.
func (r *Runner) Wake(k ledger.Kind) {
	if l, ok := r.lanes[k]; ok {
		select {
		case l.wake <- struct{}{}:
		default:
		}
	}
}

// grab takes up to n slots that are free right now.
func (l *lane) grab(n int) (got int) {
	for got < n {
		select {
		case l.slots <- struct{}{}:
			got++
		default:
			return got
		}
	}
	return got
}

// launch runs each lease in a slot that its caller already holds.
func (r *Runner) launch(all []Held) {
	for _, h := range all {
		run := func() { defer r.lanes.Leave(h.Kind); r.run(h) }
		if !r.spawn(run) {
			r.handBack(h)
			r.lanes.Leave(h.Kind)
		}
	}
}

// handBack ends a lease whose work was not begun: another may take it at once.
func (r *Runner) handBack(h Held) {
	ctx := telemetry.WithGUID(context.WithoutCancel(r.ctx), h.GUID)
	_, err := r.desk.Settle(ctx, h, Later(0, nil), full{})
	if err != nil && !errors.Is(err, ledger.ErrLost) {
		r.desk.Log.WarnContext(ctx, "lease not handed back; it will run out", "kind", h.Kind, "error", err)
	}
}

// run does one leased task and settles it. The lease is kept up while the task
// waits to run alone, too.
func (r *Runner) run(h Held) {
	l := h.Lease
	ctx, cancel := context.WithCancelCause(telemetry.WithGUID(r.ctx, h.GUID))
	defer cancel(nil)
	stop := r.heartbeat(ctx, h, cancel)
	unlock := r.lockAlone(l.Alone)
	defer unlock()
	res := r.desk.Do(ctx, h)
	stop()
	if errors.Is(context.Cause(ctx), ledger.ErrLost) {
		r.desk.Log.WarnContext(ctx, "lease lost; another will finish it", "kind", l.Kind)
		return
	}
	if res.err != nil {
		r.desk.Log.WarnContext(ctx, "not done yet", "kind", l.Kind, "attempt", l.Attempts+1, "error", res.err)
	}
	// The result must be written even while stopping: it already happened.
	r.settle(context.WithoutCancel(ctx), h, res)
}

// settle commits the result and lets its effects follow; what the commit also
// leased runs on at once.
func (r *Runner) settle(ctx context.Context, h Held, res Result) {
	var room Room = r.lanes
	if r.intake.Err() != nil {
		room = full{}
	}
	fx, err := r.desk.Settle(ctx, h, res, room)
	if err != nil && !errors.Is(err, ledger.ErrLost) {
		r.desk.Log.ErrorContext(ctx, "result not committed; the lease will run out", "kind", h.Kind, "error", err)
	}
	if err != nil {
		return
	}
	r.launch(fx.Taken)
	for _, k := range fx.Next {
		if !slices.ContainsFunc(fx.Taken, func(t Held) bool { return t.Key == k }) {
			r.Wake(k.Kind)
		}
	}
	r.desk.Follow(ctx, fx)
	if fx.Open {
		r.Wake(h.Kind) // the sweep asks when it is due
	}
}

// full is a room that nothing more enters.
type full struct{}

func (full) Enter(ledger.Kind) bool { return false }
func (full) Leave(ledger.Kind)      {}

func (r *Runner) lockAlone(alone bool) (unlock func()) {
	if !alone {
		return func() {}
	}
	r.alone.Lock()
	return r.alone.Unlock
}

// Handle takes the tasks an event wakes; nil: the message may be acknowledged.
func (r *Runner) Handle(ctx context.Context, e event.Event, sequence uint64, kinds ...ledger.Kind) error {
	for _, k := range kinds {
		key := ledger.Key{GUID: e.GUID, Kind: k}
		if err := r.Take(ctx, key, Cause{Sequence: sequence}); err != nil {
			return fmt.Errorf("handle %s of %s: %w", e.Type, e.GUID, err)
		}
	}
	return nil
}
