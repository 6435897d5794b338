package sim_test

import (
	"errors"
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

// travel takes all trips, a few at a time, and has each judged. It stops after
// as many failures as TestSeeds does.
func travel(t *testing.T, lab *sim.Lab, all <-chan trip, judge func(trip, sim.Walked) error) (taken int) {
	t.Helper()
	var crew sync.WaitGroup
	var mu sync.Mutex
	failed := 0
	for range runtime.GOMAXPROCS(0) {
		crew.Go(func() {
			for tr := range all {
				mu.Lock()
				enough := failed >= *mostFails
				mu.Unlock()
				if enough {
					continue // the rest is taken from the channel, not walked
				}
				w, err := lab.Walk(tr.path, tr.hits...)
				if err == nil {
					err = judge(tr, w)
				}
				mu.Lock()
				taken++
				if err != nil && failed < *mostFails {
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
		t.Errorf("%s: %v\n%s", p.Name, err, w.Story())
		return nil
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

// trips plans walks along paths: for each path, and each boundary on it, plan
// sends what may go wrong there.
func trips(t *testing.T, lab *sim.Lab, paths []sim.Path, plan func(p sim.Path, i int, b sim.Boundary, out chan<- trip)) <-chan trip {
	t.Helper()
	walked := make([][]sim.Boundary, len(paths))
	for i, p := range paths {
		walked[i] = boundaries(t, lab, p)
	}
	if t.Failed() {
		t.FailNow() // a path that fails by itself needs no fault
	}
	out := make(chan trip)
	go func() {
		defer close(out)
		for i, p := range paths {
			for j, b := range walked[i] {
				plan(p, j, b, out)
			}
		}
	}()
	return out
}

// after walks a path with one hit and gives the boundaries behind it.
func after(t *testing.T, lab *sim.Lab, p sim.Path, i int, first sim.Hit) []sim.Boundary {
	t.Helper()
	w, err := lab.Walk(p, first)
	if err != nil {
		t.Error(err)
		return nil
	}
	return w.Boundaries[min(i+1, len(w.Boundaries)):]
}

// TestCrashSweep is tier B: on every path the process dies before and after
// each operation, comes late to it, or lives and is told that it failed. With
// -v it names the boundaries.
func TestCrashSweep(t *testing.T) {
	t.Parallel()
	lab := newLab(t)
	n := travel(t, lab, trips(t, lab, sim.Paths(), func(p sim.Path, i int, b sim.Boundary, out chan<- trip) {
		if testing.Verbose() {
			t.Logf("%s, boundary %d: %s", p.Name, i+1, b.Name)
		}
		for _, how := range b.Crashes() {
			out <- trip{p, []sim.Hit{{At: b.Name, How: how}}}
		}
	}), func(tr trip, w sim.Walked) error {
		if w.Met == 0 {
			return errors.New("the boundary was not met")
		}
		return ends(tr, w)
	})
	t.Logf("%d walks", n)
}

// TestCrashPairs is the rest of tier B: on the ready path two things go wrong,
// at every two operations.
func TestCrashPairs(t *testing.T) {
	t.Parallel()
	if !whole() {
		t.Skip("all pairs: PEYK_SWEEP=all")
	}
	lab := newLab(t)
	t.Logf("%d walks", travel(t, lab, trips(t, lab, sim.Paths()[:1], func(p sim.Path, i int, b sim.Boundary, out chan<- trip) {
		for _, how := range b.Crashes() {
			first := sim.Hit{At: b.Name, How: how}
			for _, second := range after(t, lab, p, i, first) {
				for _, how := range second.Crashes() {
					out <- trip{p, []sim.Hit{first, {At: second.Name, How: how}}}
				}
			}
		}
	}), ends))
}

// TestErrorSweep is tier C: on every path each error that is legal at an
// operation, at each of them.
func TestErrorSweep(t *testing.T) {
	t.Parallel()
	lab := newLab(t)
	t.Logf("%d walks", travel(t, lab, trips(t, lab, sim.Paths(), func(p sim.Path, i int, b sim.Boundary, out chan<- trip) {
		for j, how := range b.Errors() {
			if whole() || !testing.Short() || (i+j)%10 == 0 {
				out <- trip{p, []sim.Hit{{At: b.Name, How: how}}}
			}
		}
	}), ends))
}

// TestErrorThenCrash is the whole of tier C: an error, then a crash at each of
// the next few operations.
func TestErrorThenCrash(t *testing.T) {
	t.Parallel()
	if !whole() {
		t.Skip("each error followed by a crash: PEYK_SWEEP=all")
	}
	const few = 6
	lab := newLab(t)
	t.Logf("%d walks", travel(t, lab, trips(t, lab, sim.Paths(), func(p sim.Path, i int, b sim.Boundary, out chan<- trip) {
		for _, how := range b.Errors() {
			first := sim.Hit{At: b.Name, How: how}
			next := after(t, lab, p, i, first)
			for _, second := range next[:min(few, len(next))] {
				out <- trip{p, []sim.Hit{first, {At: second.Name, How: sim.CrashAfter}}}
			}
		}
	}), ends))
}
