package sim

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/ledger/mem"
	"peyk/internal/report"
	"peyk/internal/sim/check"
)

// The least that must go wrong in a seed, and the most steps its safety phase
// takes.
const (
	leastFaults  = 30
	leastCrashes = 5
	leastAsked   = 4
	mostUnsafe   = 20_000
)

// Result is what became of a world.
type Result struct {
	Violations []check.Violation
	Requests   int
	Steps      int
	Faults     int
	Crashes    int
	Marks      map[string]int
	Logs       check.Logs
}

// Err is nil for a world that kept its promises.
func (r Result) Err() error {
	if len(r.Violations) == 0 {
		return nil
	}
	lines := make([]string, 0, len(r.Violations))
	for _, v := range r.Violations {
		lines = append(lines, v.String())
	}
	return fmt.Errorf("%d violations:\n%s", len(lines), strings.Join(lines, "\n"))
}

// Opener opens the ledger of a world on its clock.
type Opener func(now func() time.Time) (ledger.Ledger, error)

// Memory opens the memory twin.
func Memory(now func() time.Time) (ledger.Ledger, error) { return mem.New(now), nil }

// Seed runs one history of tier A.
func (l *Lab) Seed(seed uint64, open Opener) (Result, error) {
	c := newChaos(seed)
	retention := []time.Duration{0, time.Hour, 3 * 24 * time.Hour, 30 * 24 * time.Hour}[c.int(4)]
	w, err := newWorld(l, config{plan: c, script: c, apart: c.chance(0.6), retention: retention, open: open})
	if err != nil {
		return Result{}, err
	}
	defer w.close()
	c.w = w
	w.spawn(nil, "weather", c.weather)
	w.spawn(nil, "askers", c.askers)
	for _, p := range w.people {
		if p.is("approver") {
			w.spawn(nil, "approver", c.approver(p))
		}
		if p.is("operator") {
			w.spawn(nil, "operator", c.operator(p))
		}
	}
	for w.steps < mostUnsafe && (w.faults < leastFaults || w.crashes < leastCrashes || len(w.guids) < leastAsked) {
		w.step()
	}
	return w.judge(&calm{c.dice})
}

// Fair runs one history in which nothing fails, whatever the order of things.
// It reports the journeys that waited where none should.
func (l *Lab) Fair(seed uint64) (Result, error) {
	c := &fair{calm: calm{newDice(seed)}}
	w, err := newWorld(l, config{plan: c, script: c, apart: c.chance(0.5), retention: time.Hour, open: Memory})
	if err != nil {
		return Result{}, err
	}
	defer w.close()
	for range 1 + c.int(4) {
		f := form{GUID: w.newGUID(), Type: freeType, Parameters: map[string]any{}}
		w.guids = append(w.guids, f.GUID)
		w.spawn(nil, "asker", func(t *thread) { w.submits(t, w.people[0], f) })
	}
	r, err := w.judge(c)
	r.Violations = append(r.Violations, w.waited()...)
	return r, err
}

// fair is a world in order: the provider takes a moment, and tells.
type fair struct{ calm }

func (f *fair) fate(*World, string, int) fate  { return becomesReady }
func (f *fair) takes(*World) time.Duration     { return f.between(0, 20*time.Microsecond) }
func (f *fair) keeps(*World) time.Duration     { return keptByProvider }
func (f *fair) refuses(*World) int             { return 0 }
func (f *fair) stubborn(*World, string) bool   { return false }
func (f *fair) twoFiles(*World) bool           { return f.chance(0.3) }
func (f *fair) webhooks(*World) int            { return 1 }
func (f *fair) early(*World) bool              { return f.chance(0.5) }
func (f *fair) hookDelay(*World) time.Duration { return 0 }

// mostWait is how long a journey may take where nobody waits for a timer: the
// least timer there is, the sweep's rest, is longer.
const mostWait = time.Second

// waited lists the journeys that took longer than they should.
func (w *World) waited() (broken []check.Violation) {
	begun := map[string]time.Time{}
	for _, e := range w.log.Journal {
		switch {
		case e.To == string(report.Accepted):
			begun[e.GUID] = e.At
		case e.To == string(report.Delivered) && e.At.Sub(begun[e.GUID]) > mostWait:
			broken = append(broken, check.Violation{GUID: e.GUID, Detail: fmt.Sprintf("nothing failed and it took %s: something waited for a timer", e.At.Sub(begun[e.GUID]))})
		}
	}
	return broken
}

// judge brings the world to rest and has its logs checked.
func (w *World) judge(p plan) (Result, error) {
	broken := w.rest(p)
	if err := w.collect(); err != nil {
		return Result{}, err
	}
	r := Result{
		Violations: check.Check(w.log), Requests: len(w.guids), Steps: w.steps,
		Faults: w.faults, Crashes: w.crashes, Marks: w.marks, Logs: w.log,
	}
	r.Violations = append(r.Violations, broken...)
	if w.broken != nil {
		return r, fmt.Errorf("the ledger failed by itself: %w", w.broken)
	}
	w.markLogs()
	return r, nil
}

// busy names the threads that are still at it.
func (w *World) busy() string {
	names := map[string]bool{}
	for _, t := range w.threads {
		if at := t.ready(); !at.IsZero() && !at.After(w.clock.now().Add(time.Hour)) {
			names[t.name] = true
		}
	}
	return strings.Join(slices.Sorted(maps.Keys(names)), ", ")
}

// calm is the plan of the liveness phase: any order, no fault.
type calm struct{ dice }

func (c *calm) pick(n int) int   { return c.int(n) }
func (c *calm) at(point) verdict { return fine() }
