package postgres_test

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/ledger/postgres"
	"peyk/internal/pgtest"
	"peyk/internal/report"
)

// throughWire is a ledger whose only writing connection has done it all before:
// what it sends at the end of a change is one batch.
func throughWire(t *testing.T) (*postgres.Ledger, *wire) {
	t.Helper()
	direct := database(t)
	w := newWire(t, server.Port())
	l := open(t, postgres.Config{URL: w.url(direct), Conns: 2})
	if err := l.Update(t.Context(), w.cut(honest, put("before"))); err != nil {
		t.Fatal(err)
	}
	return l, w
}

// runs counts how often fn is run: each run puts an account of its own.
func runs(n *int) func(ledger.Tx) error {
	return func(tx ledger.Tx) error {
		*n++
		return put(strconv.Itoa(*n))(tx)
	}
}

func TestACommitWhoseAnswerIsLostIsFoundToStand(t *testing.T) {
	t.Parallel()
	l, w := throughWire(t)
	n := 0
	if err := l.Update(t.Context(), w.cut(loseAnswer, runs(&n))); err != nil || n != 1 || !kept(t, l, "1") {
		t.Errorf("update: %v after %d runs; want it kept, and known to be", err, n)
	}
}

func TestACommitThatNeverArrivedIsRunAgain(t *testing.T) {
	t.Parallel()
	l, w := throughWire(t)
	n := 0
	if err := l.Update(t.Context(), w.cut(loseQuestion, runs(&n))); err != nil || n != 2 || kept(t, l, "1") || !kept(t, l, "2") {
		t.Errorf("update: %v after %d runs, kept the first: %t; want the second", err, n, kept(t, l, "1"))
	}
}

// TestACommitThatArrivesAfterItWasGivenUpIsRefused: a network may deliver late.
func TestACommitThatArrivesAfterItWasGivenUpIsRefused(t *testing.T) {
	t.Parallel()
	l, w := throughWire(t)
	n := 0
	if err := l.Update(t.Context(), w.cut(delay, runs(&n))); err != nil || n != 2 {
		t.Errorf("update: %v after %d runs, want a second", err, n)
	}
	close(w.letGo)
	<-w.arrived
	if kept(t, l, "1") || !kept(t, l, "2") {
		t.Error("the first run was kept after it was found to be lost")
	}
}

func TestAFateThatCannotBeAskedIsSaidToBeUnknown(t *testing.T) {
	t.Parallel()
	l, w := throughWire(t)
	l.Await(50 * time.Millisecond)
	err := l.Update(t.Context(), w.cut(loseQuestion, func(tx ledger.Tx) error {
		_ = w.Close() // nobody comes through any more
		return put("a")(tx)
	}))
	if !errors.Is(err, postgres.ErrUnknown) {
		t.Errorf("update: %v; want %v", err, postgres.ErrUnknown)
	}
}

// TestAServerThatCrashesUnderLoadLosesNothingThatWasAnswered: many accept and
// move requests from two processes while the server is taken away as by a crash
// and started again, some times. What was answered is there once and whole, what
// was refused is not, and the ledgers work again by themselves.
func TestAServerThatCrashesUnderLoadLosesNothingThatWasAnswered(t *testing.T) {
	t.Parallel()
	s, url := ownServer(t, pgtest.Options{NoSync: true})
	p := &pair{T: t, url: url, left: open(t, postgres.Config{URL: url}), right: open(t, postgres.Config{URL: url})}
	c := &acceptors{outcomes: make([]error, 1<<20), more: make(chan struct{}, 1<<20), stop: make(chan struct{}), up: make(chan struct{}, 1)}
	c.up <- struct{}{}
	var crowd sync.WaitGroup
	for member := range 8 {
		crowd.Go(func() { c.accept([]ledger.Ledger{p.left, p.right}[member%2]) })
	}
	for range crashes() {
		for range 60 { // it works, again
			<-c.more
		}
		<-c.up
		if err := s.Stop(t.Context(), true); err != nil {
			t.Error(err)
		}
		if err := s.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		c.up <- struct{}{}
		for len(c.more) > 0 {
			<-c.more
		}
	}
	for range 50 {
		<-c.more
	}
	close(c.stop)
	crowd.Wait()
	p.checkOutcomes(c.outcomes[:c.next.Load()])
}

// acceptors record requests, each once, and what they were answered.
type acceptors struct {
	next     atomic.Int64
	outcomes []error
	more     chan struct{} // one for each that was answered with nil
	stop     chan struct{}
	up       chan struct{} // holds one value while the server is not being restarted
}

func (c *acceptors) accept(l ledger.Ledger) {
	for failures := 0; ; {
		select {
		case <-c.stop:
			return
		default:
		}
		n := int(c.next.Add(1)) - 1
		if c.outcomes[n] = accept(context.Background(), l, n); c.outcomes[n] == nil {
			c.more <- struct{}{}
			failures = 0
		} else if failures++; failures >= enoughFailures {
			c.up <- <-c.up // until the server is back: thousands of refusals show no more
		}
	}
}

// enoughFailures in a row make an acceptor wait for the server.
const enoughFailures = 10

func crashes() int {
	if testing.Short() {
		return 1
	}
	return 2
}

func (p *pair) checkOutcomes(outcomes []error) {
	p.Helper()
	unknown, refused := 0, 0
	for n, outcome := range outcomes {
		want := 1
		switch {
		case errors.Is(outcome, postgres.ErrUnknown):
			unknown++
			continue
		case outcome != nil:
			want = 0
			refused++
		}
		rows := view(p, func(v ledger.View) ([]report.Entry, error) { return v.Journal(guid(n)) })
		tasks := view(p, func(v ledger.View) ([]ledger.Task, error) { return v.Tasks(guid(n)) })
		if len(rows) != want || len(tasks) != want {
			p.Errorf("request %d, answered with %v, has %d journal rows and %d tasks", n, outcome, len(rows), len(tasks))
		}
	}
	p.Logf("%d requests, %d refused, %d with an unknown outcome", len(outcomes), refused, unknown)
}

// TestAChangeOfNothingProvesThatTheLedgerCanBeWritten: readiness asks by one.
func TestAChangeOfNothingProvesThatTheLedgerCanBeWritten(t *testing.T) {
	t.Parallel()
	l, w := throughWire(t)
	l.Await(50 * time.Millisecond)
	nothing := func(ledger.Tx) error { return nil }
	if err := l.Update(t.Context(), nothing); err != nil {
		t.Fatal(err)
	}
	_ = w.Close()
	w.next.Store(int32(loseQuestion))
	if err := l.Update(t.Context(), nothing); err == nil {
		t.Error("a ledger that is away was found well")
	}
}
