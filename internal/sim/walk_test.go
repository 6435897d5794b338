package sim_test

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"

	"peyk/internal/sim"
)

// whole reports whether the long form of the sweeps is wanted: PEYK_SWEEP=all.
func whole() bool { return os.Getenv("PEYK_SWEEP") == "all" }

// trip is one walk to take.
type trip struct {
	path sim.Path
	hits []sim.Hit
}

func (tr trip) String() string {
	var b strings.Builder
	b.WriteString(tr.path.Name)
	for _, h := range tr.hits {
		fmt.Fprintf(&b, "; %s at %s", h.How, h.At)
	}
	return b.String()
}

// travel takes all trips, a few at a time, and has each judged.
func travel(t *testing.T, lab *sim.Lab, trips <-chan trip, judge func(trip, sim.Walked) error) (taken int) {
	t.Helper()
	var crew sync.WaitGroup
	var mu sync.Mutex
	failed := 0
	for range runtime.GOMAXPROCS(0) {
		crew.Go(func() {
			for tr := range trips {
				w, err := lab.Walk(tr.path, tr.hits...)
				if err == nil {
					err = judge(tr, w)
				}
				mu.Lock()
				taken++
				if err != nil && failed < 5 {
					failed++
					t.Errorf("%s: %v\n%s", tr, err, w.Story())
				}
				mu.Unlock()
			}
		})
	}
	crew.Wait()
	return taken
}

// boundaries walks a path with nothing going wrong but what does anyway.
func boundaries(t *testing.T, lab *sim.Lab, p sim.Path) []sim.Boundary {
	t.Helper()
	w, err := lab.Walk(p)
	if err == nil {
		err = ends(trip{path: p}, w)
	}
	if err != nil {
		t.Fatalf("%s: %v\n%s", p.Name, err, w.Story())
	}
	return w.Boundaries
}

// ends holds a walk to its promises and to its end.
func ends(tr trip, w sim.Walked) error {
	if err := w.Err(); err != nil {
		return err
	}
	if w.State != tr.path.Ends && (tr.path.Or == "" || w.State != tr.path.Or) {
		return fmt.Errorf("it ends %s, want %s", w.State, tr.path.Ends)
	}
	return nil
}

// TestCrashSweep is tier B: on every path the process dies before and after
// each operation, comes late to it, or lives and is told that it failed.
func TestCrashSweep(t *testing.T) {
	t.Parallel()
	lab := newLab(t)
	trips := make(chan trip)
	go func() {
		defer close(trips)
		for _, p := range sim.Paths() {
			all := boundaries(t, lab, p)
			t.Logf("%s: %d boundaries", p.Name, len(all))
			for _, b := range all {
				if testing.Verbose() {
					t.Log("  ", b.Name)
				}
				for _, how := range b.Crashes() {
					trips <- trip{p, []sim.Hit{{At: b.Name, How: how}}}
				}
			}
		}
	}()
	n := travel(t, lab, trips, func(tr trip, w sim.Walked) error {
		if w.Met == 0 {
			return fmt.Errorf("the boundary was not met")
		}
		return ends(tr, w)
	})
	t.Logf("%d walks", n)
}

// TestCrashPairs is the rest of tier B: on the ready path the process dies
// twice, at every two operations.
func TestCrashPairs(t *testing.T) {
	t.Parallel()
	if !whole() {
		t.Skip("all pairs: PEYK_SWEEP=all")
	}
	lab, p := newLab(t), sim.Paths()[0]
	trips := make(chan trip)
	go func() {
		defer close(trips)
		for i, b := range boundaries(t, lab, p) {
			for _, how := range b.Crashes() {
				first := sim.Hit{At: b.Name, How: how}
				w, err := lab.Walk(p, first)
				if err != nil {
					t.Error(err)
					return
				}
				for _, after := range w.Boundaries[i+1:] {
					for _, how := range after.Crashes() {
						trips <- trip{p, []sim.Hit{first, {At: after.Name, How: how}}}
					}
				}
			}
		}
	}()
	t.Logf("%d walks", travel(t, lab, trips, ends))
}

// TestErrorSweep is tier C: on every path each error that is legal at an
// operation, at each of them.
func TestErrorSweep(t *testing.T) {
	t.Parallel()
	lab := newLab(t)
	trips := make(chan trip)
	go func() {
		defer close(trips)
		for _, p := range sim.Paths() {
			for i, b := range boundaries(t, lab, p) {
				for j, how := range b.Errors() {
					if whole() || !testing.Short() || (i+j)%10 == 0 {
						trips <- trip{p, []sim.Hit{{At: b.Name, How: how}}}
					}
				}
			}
		}
	}()
	t.Logf("%d walks", travel(t, lab, trips, ends))
}

// TestErrorThenCrash is the whole of tier C: an error, then a crash at each of
// the next operations.
func TestErrorThenCrash(t *testing.T) {
	t.Parallel()
	if !whole() {
		t.Skip("each error followed by a crash: PEYK_SWEEP=all")
	}
	lab := newLab(t)
	trips := make(chan trip)
	go func() {
		defer close(trips)
		for _, p := range sim.Paths() {
			for i, b := range boundaries(t, lab, p) {
				for _, how := range b.Errors() {
					first := sim.Hit{At: b.Name, How: how}
					w, err := lab.Walk(p, first)
					if err != nil {
						t.Error(err)
						return
					}
					for _, after := range w.Boundaries[i+1 : min(len(w.Boundaries), i+1+nextFew)] {
						trips <- trip{p, []sim.Hit{first, {At: after.Name, How: sim.CrashAfter}}}
					}
				}
			}
		}
	}()
	t.Logf("%d walks", travel(t, lab, trips, ends))
}

// nextFew is how many operations behind an error a crash is tried at.
const nextFew = 6
