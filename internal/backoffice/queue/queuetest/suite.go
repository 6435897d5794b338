// Package queuetest is the contract of package queue as tests: whatever calls
// itself a queue passes them.
//
// Promise: each test runs on a queue of its own, in parallel, and waits for
// signals, never for time to pass.
//
// Limits: losing everything is tested where it can be caused, beside each
// queue.
//
// Failure: a signal that does not come within Patience fails the test.
package queuetest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"peyk/internal/backoffice/event"
	"peyk/internal/backoffice/queue"
)

// Patience is how long a signal is waited for.
const Patience = 20 * time.Second

// Queue is what the suite asks of a queue.
type Queue interface {
	Publish(ctx context.Context, e event.Event) error
	PublishRaw(ctx context.Context, subject string, raw []byte) error
	Consume(ctx context.Context, role string, types []event.Type, h queue.Handler) (func(context.Context) error, error)
	Tap(ctx context.Context, see func(event.Event)) error
	Stats(ctx context.Context) (queue.Stats, error)
	Ready(ctx context.Context) error
}

// Options are what a queue under test is opened with.
type Options struct {
	Park     queue.Park
	Log      *slog.Logger
	AckWait  time.Duration
	Handlers int
}

// Open opens a fresh queue; the test's cleanup closes it.
type Open func(t *testing.T, o Options) Queue

// Run puts a queue through the suite.
func Run(t *testing.T, open Open) {
	for name, test := range map[string]func(*testing.T, Open){
		"every role gets every event of its types": everyRole,
		"an unsettled event comes again":           comesAgain,
		"a nacked event comes again":               nacked,
		"two consumers of a role share its events": shared,
		"a role keeps its place":                   keepsItsPlace,
		"the same event twice is delivered twice":  twice,
		"handlers run at once, to their limit":     atOnce,
		"what nobody can read is parked":           parked,
		"a failed parking comes again":             parkingFails,
		"stop waits for handlers":                  stopWaits,
		"stop gives up at its limit":               stopGivesUp,
		"a tap sees what passes":                   tapped,
		"stats say what is waiting":                stats,
		"wrong calls are refused":                  refused,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open)
		})
	}
}

// Event makes an event of a request of its own.
func Event(typ event.Type) event.Event {
	return event.Event{Type: typ, GUID: uuid.Must(uuid.NewV7()).String(), Generation: 1, Version: 1}
}

// Parked is one call of a Lot.
type Parked struct {
	Role, Subject, Raw string
	Sequence           uint64
	Cause              error
}

// Lot is where payloads are parked in tests.
type Lot struct {
	mu      sync.Mutex
	refuse  int
	arrived chan Parked
}

// NewLot makes a lot that refuses the first payloads it is given.
func NewLot(refuse int) *Lot { return &Lot{refuse: refuse, arrived: make(chan Parked, 100)} }

// Park is the lot's queue.Park.
func (l *Lot) Park(_ context.Context, role, subject string, seq uint64, raw []byte, cause error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.refuse > 0 {
		l.refuse--
		return errors.New("the lot is full")
	}
	l.arrived <- Parked{role, subject, string(raw), seq, cause}
	return nil
}

// Await waits for a value that means what the words say.
func Await[T any](t *testing.T, c <-chan T, words string, args ...any) T {
	t.Helper()
	limit := time.NewTimer(Patience)
	defer limit.Stop()
	select {
	case v := <-c:
		return v
	case <-limit.C:
		t.Fatalf("waited %v in vain: %s", Patience, fmt.Sprintf(words, args...))
		panic("unreachable")
	}
}

// Consume serves a role until the test ends.
func Consume(t *testing.T, q Queue, role string, h queue.Handler, types ...event.Type) {
	t.Helper()
	stop, err := q.Consume(t.Context(), role, types, h)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := stop(context.WithoutCancel(t.Context())); err != nil {
			t.Errorf("stop %s: %v", role, err)
		}
	})
}

// Collect serves a role until the test ends: what comes is acked and shown. A
// queue that is being broken may lose an ack.
func Collect(t *testing.T, q Queue, role string, types ...event.Type) <-chan queue.Message {
	t.Helper()
	got := make(chan queue.Message, 1000)
	Consume(t, q, role, func(ctx context.Context, m queue.Message) {
		_ = m.Ack(ctx)
		got <- m
	}, types...)
	return got
}

// Publish publishes and fails the test if that fails.
func Publish(t *testing.T, q Queue, events ...event.Event) {
	t.Helper()
	for _, e := range events {
		if err := q.Publish(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
}

// Log writes to the test's own output, shown when the test fails.
func Log(t *testing.T) *slog.Logger {
	return slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelInfo}))
}
