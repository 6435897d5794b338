package ledgertest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"peyk/internal/backoffice/ledger"
	"peyk/internal/report"
)

// clock is moved by hand. It starts between two milliseconds, so that a store
// that keeps less than microseconds is seen.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func newClock() *clock { return &clock{at: time.Date(2026, 3, 1, 12, 0, 0, 123_456_000, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) advance(by time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(by)
}

// world is one test's ledger, clock and short words.
type world struct {
	*testing.T
	ledger ledger.Ledger
	clock  *clock
	closed bool // by the test itself
}

func newWorld(t *testing.T, open func(*testing.T, func() time.Time) ledger.Ledger) *world {
	w := &world{T: t, clock: newClock()}
	w.ledger = open(t, w.clock.Now)
	t.Cleanup(func() {
		if w.closed {
			return
		}
		if err := w.ledger.Close(); err != nil {
			t.Errorf("close the ledger: %v", err)
		}
	})
	return w
}

// guid gives the n-th GUID of a test; they rise with n, as UUIDv7 do.
func guid(n int) string { return fmt.Sprintf("0198f2a4-5b1c-7def-8a01-%012x", n) }

func (w *world) now() time.Time { return w.clock.Now() }

// update runs fn, which may run on any goroutine and so reports by its error.
func (w *world) update(fn func(ledger.Tx) error) {
	w.Helper()
	if err := w.ledger.Update(w.Context(), fn); err != nil {
		w.Fatalf("update: %v", err)
	}
}

// refused expects fn to fail with want.
func (w *world) refused(want error, fn func(ledger.Tx) error) {
	w.Helper()
	if err := w.ledger.Update(w.Context(), fn); !errors.Is(err, want) {
		w.Fatalf("update: %v; want %v", err, want)
	}
}

func (w *world) view(fn func(ledger.View) error) {
	w.Helper()
	if err := w.ledger.View(w.Context(), fn); err != nil {
		w.Fatalf("view: %v", err)
	}
}

// read gives what get reads in a view of its own.
func read[T any](w *world, get func(ledger.View) (T, error)) T {
	w.Helper()
	var out T
	w.view(func(v ledger.View) (err error) {
		out, err = get(v)
		return err
	})
	return out
}

// write gives what do returns in a transaction of its own.
func write[T any](w *world, do func(ledger.Tx) (T, error)) T {
	w.Helper()
	var out T
	w.update(func(tx ledger.Tx) (err error) {
		out, err = do(tx)
		return err
	})
	return out
}

// absent expects get to find nothing.
func absent[T any](w *world, what string, get func(ledger.View) (T, error)) {
	w.Helper()
	err := w.ledger.View(context.Background(), func(v ledger.View) error {
		got, err := get(v)
		if err == nil {
			return fmt.Errorf("found %+v", got)
		}
		return err
	})
	if !errors.Is(err, ledger.ErrNotFound) {
		w.Errorf("%s: %v; want ErrNotFound", what, err)
	}
}

// owner asks for everything in this suite, unless a test says otherwise.
const owner = "güneş.çağlayan"

func asked() report.Asked {
	return report.Asked{
		Type: "top-games.v1", TypeVersion: "5f3a", Title: report.Text{EN: "Top games", TR: "En çok satan oyunlar"},
		Parameters: []byte(`{"count":50}`), Formats: []string{"pdf"}, Locale: "tr", TimeZone: "Europe/Istanbul",
		Owner: owner, OwnerName: "Güneş Çağlayan", Approval: report.NoApproval, Retention: 30 * 24 * time.Hour,
	}
}

// ask records the n-th request by the move every request is born with.
func (w *world) ask(n int, change ...func(*report.Asked)) *report.Request {
	w.Helper()
	a := asked()
	for _, c := range change {
		c(&a)
	}
	r, m, err := report.New(guid(n), a, 15*time.Minute, w.now())
	if err != nil {
		w.Fatal(err)
	}
	w.update(func(tx ledger.Tx) error { return ledger.Move(tx, r, m) })
	return r
}

// move commits a move that step makes on r.
func (w *world) move(r *report.Request, step func(at time.Time) (report.Move, error)) {
	w.Helper()
	m, err := step(w.now())
	if err != nil {
		w.Fatal(err)
	}
	w.update(func(tx ledger.Tx) error { return ledger.Move(tx, r, m) })
}

// bare inserts the n-th request without journal or tasks.
func (w *world) bare(n int, change ...func(*report.Request)) *report.Request {
	w.Helper()
	r := &report.Request{GUID: guid(n), Version: 1, Generation: 1, State: report.Accepted, Asked: asked(), CreatedAt: w.now()}
	for _, c := range change {
		c(r)
	}
	w.update(func(tx ledger.Tx) error { return tx.Insert(r) })
	return r
}

func (w *world) request(n int) *report.Request {
	w.Helper()
	return read(w, func(v ledger.View) (*report.Request, error) { return v.Request(guid(n)) })
}
