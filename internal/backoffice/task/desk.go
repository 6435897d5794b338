package task

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"peyk/internal/backoffice/ledger"
	"peyk/internal/report"
)

// Defaults of a Desk.
const (
	LeaseTime = 30 * time.Second
	Rest      = 5 * time.Second // of the sweep when nothing was due
)

// Config of a Desk or a Runner. All but Jitter, Lease and Rest must be given.
type Config struct {
	Role    report.Role
	Worker  string // names this process in leases
	Store   Store
	Publish Publisher
	Log     *slog.Logger
	Jitter  func(int64) int64 // uniform in [0, n)
	Lease   time.Duration
	Rest    time.Duration
	// Observe, if set, hears how long each effect took and whether it went well.
	Observe func(took time.Duration, ok bool)
}

// Desk does the work of one role a step at a time: lease, effect, result. It
// has no goroutine, timer or lane of its own; a Runner gives it these, and the
// simulated world steps it by dice.
type Desk struct {
	Config
	works map[ledger.Kind]Work
}

// NewDesk makes a desk for the works.
func NewDesk(c Config, works ...Work) *Desk {
	if c.Jitter == nil {
		c.Jitter = randomJitter
	}
	if c.Lease == 0 {
		c.Lease = LeaseTime
	}
	if c.Rest == 0 {
		c.Rest = Rest
	}
	d := &Desk{Config: c, works: make(map[ledger.Kind]Work, len(works))}
	for _, w := range works {
		d.works[w.Kind] = w
	}
	return d
}

// Held is a lease that was committed, and what must be known to work under it.
type Held struct {
	Leased
	work  Work
	begin error // why its intent could not be written: then the effect is not tried either
}

// Lease commits leases of one kind together with their intents. A Begin that
// refuses takes only its own task out: the others, and its lease, are committed
// anew without it, so that one bad task never holds up its lane.
func (d *Desk) Lease(ctx context.Context, kind ledger.Kind, w ledger.Wanted, c Cause) ([]Held, error) {
	w.Worker, w.For = d.Worker, d.Config.Lease
	refused := map[ledger.Key]error{}
	for {
		var got []Held
		var failed *beginError
		err := d.Store.Update(ctx, func(tx ledger.Tx) error {
			leases, err := tx.Lease(w)
			if err != nil {
				return err
			}
			got, err = d.begin(tx, kind, leases, c, refused)
			return err
		})
		if errors.As(err, &failed) && refused[failed.key] == nil {
			refused[failed.key] = failed
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("lease %s: %w", kind, err)
		}
		return got, nil
	}
}

// begin writes the intents of leases, but of those already refused.
func (d *Desk) begin(tx ledger.Tx, kind ledger.Kind, leases []ledger.Lease, c Cause, refused map[ledger.Key]error) ([]Held, error) {
	got := make([]Held, len(leases))
	for i, lease := range leases {
		got[i] = Held{Leased: Leased{Lease: lease}, work: d.works[kind], begin: refused[lease.Key]}
		if begin := got[i].work.Begin; begin != nil && got[i].begin == nil {
			if err := begin(tx, lease, c); err != nil {
				return nil, &beginError{lease.Key, err}
			}
		}
		if err := got[i].see(tx); err != nil {
			return nil, err
		}
	}
	return got, nil
}

// see reads the request a lease is about.
func (l *Leased) see(tx ledger.Tx) (err error) {
	l.Now = tx.Now()
	l.Request, err = tx.Request(l.GUID)
	if errors.Is(err, ledger.ErrNotFound) {
		return nil
	}
	return err
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

// errPanic marks an effect that panicked: it counts like a killed process.
var errPanic = errors.New("panicked")

// Do has the effect, behind a panic guard.
func (d *Desk) Do(ctx context.Context, h Held) (res Result) {
	if h.begin != nil {
		return Retry(h.begin)
	}
	defer func() {
		if p := recover(); p != nil {
			res = Retry(&report.Error{
				Class: report.Poison, Code: "panic",
				Cause: fmt.Errorf("%w: %v\n%s", errPanic, p, debug.Stack()),
			})
		}
	}()
	if d.Observe == nil {
		return h.work.Do(ctx, h.Leased)
	}
	begin := time.Now()
	res = h.work.Do(ctx, h.Leased)
	d.Observe(time.Since(begin), res.err == nil)
	return res
}

// Extend prolongs the lease by its usual time: ledger.ErrLost.
func (d *Desk) Extend(ctx context.Context, h Held) error {
	return d.Store.Update(ctx, func(tx ledger.Tx) error { return tx.Extend(h.Lease, d.Config.Lease) })
}
