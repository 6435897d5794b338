package task

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"peyk/internal/backoffice/event"
	"peyk/internal/backoffice/ledger"
	"peyk/internal/report"
)

// Defaults of a Runner.
const (
	LeaseTime = 30 * time.Second
	Rest      = 5 * time.Second // of the sweep when nothing was due
)

// Config of a Runner. All but Jitter, Lease and Rest must be given.
type Config struct {
	Role    report.Role
	Worker  string // names this process in leases
	Store   Store
	Publish Publisher
	Log     *slog.Logger
	Jitter  func(int64) int64 // uniform in [0, n)
	Lease   time.Duration
	Rest    time.Duration
}

// Runner runs the works of one role.
type Runner struct {
	cfg   Config
	lanes map[ledger.Kind]*lane

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

// New makes a runner; nothing runs before Start.
func New(c Config, works ...Work) *Runner {
	if c.Jitter == nil {
		c.Jitter = randomJitter
	}
	if c.Lease == 0 {
		c.Lease = LeaseTime
	}
	if c.Rest == 0 {
		c.Rest = Rest
	}
	r := &Runner{cfg: c, lanes: map[ledger.Kind]*lane{}}
	r.ctx, r.cancel = context.WithCancel(context.Background())
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
	return fmt.Errorf("stop the tasks of %s: %w", r.cfg.Role, ctx.Err())
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
		return fmt.Errorf("take %s of %s: %s has no such work", k.Kind, k.GUID, r.cfg.Role)
	}
	if r.intake.Err() != nil {
		return fmt.Errorf("take %s of %s: stopping", k.Kind, k.GUID)
	}
	if l.grab(1) == 0 {
		r.Wake(k.Kind)
		return nil
	}
	leases, err := r.lease(ctx, l, ledger.Wanted{Key: k, Limit: 1}, c)
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

// held is a lease in a slot of its lane. begin is why its intent could not be
// written: then the effect is not tried either.
type held struct {
	ledger.Lease
	lane  *lane
	begin error
}

// lease commits the leases together with their intents. A Begin that refuses
// takes only its own task out: the others, and its lease, are committed anew
// without it, so that one bad task never holds up its lane.
func (r *Runner) lease(ctx context.Context, l *lane, w ledger.Wanted, c Cause) ([]held, error) {
	w.Worker, w.For = r.cfg.Worker, r.cfg.Lease
	refused := map[ledger.Key]error{}
	for {
		var got []held
		var failed *beginError
		err := r.cfg.Store.Update(ctx, func(tx ledger.Tx) error {
			leases, err := tx.Lease(w)
			if err != nil {
				return err
			}
			got, err = begin(tx, l, leases, c, refused)
			return err
		})
		if errors.As(err, &failed) && refused[failed.key] == nil {
			refused[failed.key] = failed
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("lease %s: %w", l.Kind, err)
		}
		return got, nil
	}
}

// begin writes the intents of leases, but of those already refused.
func begin(tx ledger.Tx, l *lane, leases []ledger.Lease, c Cause, refused map[ledger.Key]error) ([]held, error) {
	got := make([]held, len(leases))
	for i, lease := range leases {
		got[i] = held{Lease: lease, lane: l, begin: refused[lease.Key]}
		if l.Begin == nil || got[i].begin != nil {
			continue
		}
		if err := l.Begin(tx, lease, c); err != nil {
			return nil, &beginError{lease.Key, err}
		}
	}
	return got, nil
}

// beginError is an intent that could not be written.
type beginError struct {
	key   ledger.Key
	cause error
}

func (e *beginError) Error() string {
	return fmt.Sprintf("begin %s of %s: %v", e.key.Kind, e.key.GUID, e.cause)
}

func (e *beginError) Unwrap() error { return e.cause }

// launch runs each lease in a slot that its caller already holds.
func (r *Runner) launch(all []held) {
	for _, h := range all {
		run := func() { defer func() { <-h.lane.slots }(); r.run(h) }
		if !r.spawn(run) {
			<-h.lane.slots // stopping: the lease runs out and another takes it
		}
	}
}

// run does one leased task and settles it. The lease is kept up while the task
// waits to run alone, too.
func (r *Runner) run(h held) {
	l := h.Lease
	ctx, cancel := context.WithCancelCause(r.ctx)
	defer cancel(nil)
	stop := r.heartbeat(ctx, l, cancel)
	unlock := r.lockAlone(l.Alone)
	defer unlock()
	res := h.try(ctx)
	stop()
	if errors.Is(context.Cause(ctx), ledger.ErrLost) {
		r.cfg.Log.Warn("lease lost; another will finish it", "guid", l.GUID, "kind", l.Kind)
		return
	}
	if res.err != nil {
		r.cfg.Log.Warn("not done yet", "guid", l.GUID, "kind", l.Kind, "attempt", l.Attempts+1, "error", res.err)
	}
	// The result must be written even while stopping: it already happened.
	err := r.settle(context.WithoutCancel(ctx), h, res)
	if err != nil && !errors.Is(err, ledger.ErrLost) {
		r.cfg.Log.Error("result not committed; the lease will run out", "guid", l.GUID, "kind", l.Kind, "error", err)
	}
}

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
