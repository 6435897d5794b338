package check

import (
	"slices"
	"strings"
	"testing"
)

// forgery is a small lie in the logs of a good journey, and what must be found.
type forgery struct {
	invariant int
	says      string // part of the violation's detail
	world     func() *world
}

// forged tells a journey no correct company would go.
func forged(tell func(*world)) func() *world { return in(newWorld, tell) }

// in makes one of the stories lie.
func in(tell func() *world, lie func(*world)) func() *world {
	return func() *world {
		w := tell()
		lie(w)
		return w
	}
}

// TestForgedLogsAreFound is what makes a green check worth something: each rule
// has a lie that only it names so.
func TestForgedLogsAreFound(t *testing.T) {
	t.Parallel()
	count := map[int]int{}
	for _, f := range slices.Concat(endForgeries(), byteForgeries(), letterForgeries(), truthForgeries(),
		relayForgeries(), moveForgeries(), ownerForgeries(), accessForgeries(), boundForgeries(), timeForgeries(),
		promiseForgeries(), oddForgeries()) {
		count[f.invariant]++
		t.Run(strings.ReplaceAll(f.says, " ", "_"), func(t *testing.T) {
			t.Parallel()
			found := Check(f.world().logs())
			if !slices.ContainsFunc(found, func(v Violation) bool { return v.Invariant == f.invariant && strings.Contains(v.Detail, f.says) }) {
				t.Errorf("I%d %q was not found, but %v", f.invariant, f.says, found)
			}
		})
	}
	for i := 1; i <= 12; i++ {
		if count[i] < 2 {
			t.Errorf("I%d has %d forgeries, want two at least", i, count[i])
		}
	}
}

// entry is the n-th row, from 0, of a name.
func (w *world) entry(name string, n int) *Entry {
	for i := range w.Journal {
		if w.Journal[i].Name == name {
			if n--; n < 0 {
				return &w.Journal[i]
			}
		}
	}
	panic("no row " + name)
}

// drop removes the rows that match, and numbers the others anew.
func (w *world) drop(match func(*Entry) bool) {
	w.Journal = slices.DeleteFunc(w.Journal, func(e Entry) bool { return match(&e) })
	last := map[string]int64{}
	for i := range w.Journal {
		e := &w.Journal[i]
		last[e.GUID]++
		e.Seq = last[e.GUID]
	}
}

func (w *world) dropNamed(name string) { w.drop(func(e *Entry) bool { return e.Name == name }) }

// dropLast removes all rows from the n-th of a name on.
func (w *world) dropLast(name string, n int) {
	first := w.entry(name, n).Seq
	w.drop(func(e *Entry) bool { return e.Seq >= first })
}

func (w *world) dropBell(who, subject string) {
	w.Clients = slices.DeleteFunc(w.Clients, func(c Client) bool { return c.Op == Bell && c.Who == who && c.Subject == subject })
}

func (w *world) dropProvider(what string) {
	w.Provider = slices.DeleteFunc(w.Provider, func(p Provider) bool { return p.What == what })
}

func (w *world) provided(what string) *Provider {
	for i := range w.Provider {
		if w.Provider[i].What == what {
			return &w.Provider[i]
		}
	}
	panic("the provider never " + what)
}

func (w *world) called(op string) *Client {
	for i := range w.Clients {
		if w.Clients[i].Op == op {
			return &w.Clients[i]
		}
	}
	panic("nobody called " + op)
}
