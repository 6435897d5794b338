package store

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"peyk/internal/protocol"
)

// machine is a store and, beside it, the simplest account of what it must say.
type machine struct {
	store   *Store
	dir     string
	clock   *clock
	reports map[string]*account
	claimed map[string]Job       // by guid and generation, as this process has them
	reviews map[string]time.Time // due, by guid and generation
}

// account is what is expected of one report.
type account struct {
	rev        int64                  // the last one seen
	tombstone  int                    // generations up to this are gone
	accepted   map[int]string         // body by generation
	state      map[int]protocol.State // by generation
	published  map[int]string         // content by generation, once ever
	tombstoned time.Time
}

func (m *machine) account(g string) *account {
	if m.reports[g] == nil {
		m.reports[g] = &account{accepted: map[int]string{}, state: map[int]protocol.State{}, published: map[int]string{}}
	}
	return m.reports[g]
}

func (a *account) highest() int {
	top := a.tombstone
	for n := range a.accepted {
		top = max(top, n)
	}
	return top
}

func drawGUID(t *rapid.T) string { return guid(rapid.IntRange(1, 3).Draw(t, "report")) }

func drawGeneration(t *rapid.T) int { return rapid.IntRange(1, 4).Draw(t, "generation") }

func (m *machine) Submit(t *rapid.T) {
	g, n, body := drawGUID(t), drawGeneration(t), rapid.SampledFrom([]string{"a", "b"}).Draw(t, "body")
	a := m.account(g)
	var want error
	switch old, known := a.accepted[n]; {
	case known && old != body:
		want = ErrKeyReused
	case !known && n <= a.highest():
		want = ErrTombstoned
	}
	_, knownBefore := a.accepted[n]
	o, err := m.store.Submit(context.Background(), submission(g, n, body), 1)
	if !errors.Is(err, want) {
		t.Fatalf("Submit: %v, want %v", err, want)
	}
	if err != nil {
		return
	}
	if knownBefore && o.Rev != a.rev {
		t.Fatalf("a replay raised rev from %d to %d", a.rev, o.Rev)
	}
	if !knownBefore {
		a.accepted[n], a.state[n] = body, protocol.Queued
	}
}

func (m *machine) Claim(t *rapid.T) {
	job, found, err := m.store.Claim(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if !found {
		if n := m.in(protocol.Queued); n > 0 && m.in(protocol.Preparing) == 0 {
			t.Fatalf("%d jobs are queued, none is at work and none was claimed", n)
		}
		return
	}
	a := m.account(job.ReportID)
	switch state, due := a.state[job.Generation], m.reviews[generationName(job.ReportID, job.Generation)]; {
	case state == protocol.PendingReview && due.After(m.clock.Now()):
		t.Fatalf("claimed a job whose review is due at %s", due)
	case state != protocol.Queued && state != protocol.PendingReview:
		t.Fatalf("claimed a job that is %s", state)
	}
	a.state[job.Generation] = protocol.Preparing
	m.claimed[jobName(job)] = job
}

// in counts the jobs in a state.
func (m *machine) in(state protocol.State) (n int) {
	for _, a := range m.reports {
		for _, s := range a.state {
			if s == state {
				n++
			}
		}
	}
	return n
}

func jobName(j Job) string { return fmt.Sprintf("%s.%d.%d", j.ReportID, j.Generation, j.Attempt) }

// drawClaimed picks any attempt ever made, live or late.
func (m *machine) drawClaimed(t *rapid.T) (job Job, live bool) {
	names := slices.Sorted(maps.Keys(m.claimed)) // in an order a seed repeats
	if len(names) == 0 {
		t.Skip("nothing was claimed")
	}
	job = m.claimed[rapid.SampledFrom(names).Draw(t, "job")]
	live = m.account(job.ReportID).state[job.Generation] == protocol.Preparing
	for _, other := range m.claimed {
		if other.ReportID == job.ReportID && other.Generation == job.Generation && other.Attempt > job.Attempt {
			live = false
		}
	}
	return job, live
}

// after checks a settle: done if the attempt is live, ErrLost otherwise.
func (m *machine) after(t *rapid.T, err error, live bool, job Job, state protocol.State) bool {
	if live && err != nil || !live && !errors.Is(err, ErrLost) {
		t.Fatalf("attempt %d of %s generation %d, live %v: %v", job.Attempt, job.ReportID, job.Generation, live, err)
	}
	if live {
		m.account(job.ReportID).state[job.Generation] = state
	}
	return live
}

func (m *machine) Publish(t *rapid.T) {
	job, live := m.drawClaimed(t)
	content := rapid.StringN(0, 20, 20).Draw(t, "content")
	err := m.store.Publish(context.Background(), job, documents(content), nil)
	if m.after(t, err, live, job, protocol.Ready) {
		m.account(job.ReportID).published[job.Generation] = content
	}
}

func (m *machine) Finish(t *rapid.T) {
	job, live := m.drawClaimed(t)
	state := rapid.SampledFrom([]protocol.State{protocol.Failed, protocol.Rejected}).Draw(t, "state")
	err := m.store.Finish(context.Background(), job, state, protocol.OperationError{Code: "x"})
	m.after(t, err, live, job, state)
}

func (m *machine) Release(t *rapid.T) {
	job, live := m.drawClaimed(t)
	m.after(t, m.store.Release(context.Background(), job), live, job, protocol.Queued)
}

func (m *machine) Review(t *rapid.T) {
	job, live := m.drawClaimed(t)
	next := m.clock.Now().Add(time.Duration(rapid.IntRange(0, 60).Draw(t, "rest")) * time.Second)
	if m.after(t, m.store.Review(context.Background(), job, next), live, job, protocol.PendingReview) {
		m.reviews[generationName(job.ReportID, job.Generation)] = next
	}
}

func (m *machine) Reviewed(t *rapid.T) {
	job, live := m.drawClaimed(t)
	if m.after(t, m.store.Reviewed(context.Background(), job), live, job, protocol.Preparing) {
		delete(m.reviews, generationName(job.ReportID, job.Generation))
	}
}

func generationName(g string, n int) string { return fmt.Sprintf("%s.%d", g, n) }

func (m *machine) Wait(*rapid.T) { m.clock.forward(time.Minute) }

func (m *machine) Progress(t *rapid.T) {
	job, live := m.drawClaimed(t)
	m.after(t, m.store.Progress(context.Background(), job, protocol.Progress{Done: 1, Total: 2}), live, job, protocol.Preparing)
}

func (m *machine) Delete(t *rapid.T) {
	g, n := drawGUID(t), drawGeneration(t)
	if err := m.store.Delete(context.Background(), g, n); err != nil {
		t.Fatal(err)
	}
	m.bury(g, n)
}

func (m *machine) bury(g string, n int) {
	a := m.account(g)
	a.tombstone, a.tombstoned = max(a.tombstone, n), m.clock.Now()
	for old := range a.accepted {
		if old <= n {
			delete(a.accepted, old)
			delete(a.state, old)
			delete(a.published, old)
		}
	}
}

// Reopen is a crash, and the next start of the process.
func (m *machine) Reopen(t *rapid.T) {
	crash(t, m.store)
	m.store = openStore(t, m.dir, m.clock)
	for g, a := range m.reports {
		for n, state := range a.state {
			if state != protocol.Preparing {
				continue
			}
			// Queued, or failed as poison: the store counts deaths, the
			// account takes its word and checks the rest.
			o := operationOf(t, m.store, g)
			a.state[n] = protocol.Queued
			if n == o.Generation && o.State == protocol.Failed {
				a.state[n] = protocol.Failed
			} else if n != o.Generation {
				a.state[n] = m.stateOf(t, g, n)
			}
		}
	}
}

func (m *machine) stateOf(t *rapid.T, g string, n int) (state protocol.State) {
	row := m.store.db.db.QueryRow("select state from jobs where guid = ? and generation = ?", g, n)
	if err := row.Scan(&state); err != nil {
		t.Fatal(err)
	}
	return state
}

// Check holds the store against the accounts after every step.
func (m *machine) Check(t *rapid.T) {
	for g, a := range m.reports {
		if a.highest() == 0 {
			continue // only ever refused
		}
		o := operationOf(t, m.store, g)
		want := a.state[a.highest()]
		if a.highest() == a.tombstone {
			want = protocol.Deleted
		}
		if _, reviewed := m.reviews[generationName(g, a.highest())]; reviewed && want == protocol.Preparing {
			want = protocol.PendingReview
		}
		if o.Generation != a.highest() || o.State != want {
			t.Fatalf("operation of %s is generation %d %s, want %d %s", g, o.Generation, o.State, a.highest(), want)
		}
		if o.Rev < a.rev {
			t.Fatalf("rev of %s fell from %d to %d", g, a.rev, o.Rev)
		}
		a.rev = o.Rev
		for n, content := range a.published {
			if got := read(t, m.store.Reader, g, n); got != content {
				t.Fatalf("file of %s generation %d holds %q, published was %q", g, n, got, content)
			}
		}
	}
}

// TestMachine walks at random through everything a caller, a clock and a crash
// can do, late attempts of dead workers among it.
func TestMachine(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		dir, err := os.MkdirTemp("", "peyk-store-")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(dir)
		c := newClock()
		m := &machine{dir: dir, clock: c, store: openStore(t, dir, c), reports: map[string]*account{}, claimed: map[string]Job{}, reviews: map[string]time.Time{}}
		defer func() { m.store.Close() }()
		t.Repeat(rapid.StateMachineActions(m))
	})
}
