package queue_test

import (
	"context"
	"errors"
	"flag"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"peyk/internal/backoffice/event"
	"peyk/internal/backoffice/queue"
	"peyk/internal/backoffice/queue/queuetest"
)

// Most of these tests wait for servers to agree, so more of them run at once
// than there are processors.
func TestMain(m *testing.M) {
	flag.Parse()
	if err := flag.Set("test.parallel", "8"); err != nil {
		panic(err)
	}
	// A server that is killed while it takes on a cluster's stream forgets the
	// stream's store.
	goleak.VerifyTestMain(m,
		goleak.IgnoreTopFunction("github.com/nats-io/nats-server/v2/server.(*fileStore).flushStreamStateLoop"),
		goleak.IgnoreTopFunction("github.com/nats-io/nats-server/v2/server/ats.Register.func1"))
}

// open opens a queue on the directory; the test's cleanup closes it.
func open(t *testing.T, dir string, o queuetest.Options) *queue.JetStream {
	t.Helper()
	if o.Park == nil {
		o.Park = queuetest.NewLot(0).Park
	}
	q, err := queue.Open(t.Context(), queue.Config{
		Dir: dir, Park: o.Park, Log: queuetest.Log(t), Now: time.Now,
		AckWait: o.AckWait, Handlers: o.Handlers, CheckEvery: 50 * time.Millisecond,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { shut(t, q) })
	return q
}

func shut(t *testing.T, q *queue.JetStream) {
	t.Helper()
	if err := q.Close(context.WithoutCancel(t.Context())); err != nil {
		t.Error(err)
	}
}

func TestContract(t *testing.T) {
	t.Parallel()
	queuetest.Run(t, func(t *testing.T, o queuetest.Options) queuetest.Queue {
		return open(t, t.TempDir(), o)
	})
}

// What waits is told by type, whatever else a role of a former version hears.
func TestStatsByType(t *testing.T) {
	t.Parallel()
	q := open(t, t.TempDir(), queuetest.Options{})
	former := strings.Replace(event.ReportReady.Subject(), "report", "a-former", 1)
	err := q.AddRole(t.Context(), "old", former, event.ReportReady.Subject(), event.ReportFailed.Subject(), event.ReportIsHere.Subject())
	if err != nil {
		t.Fatal(err)
	}
	waiting := func() map[event.Type]int {
		s, err := q.Stats(t.Context())
		if err != nil || len(s.Roles) != 1 {
			t.Fatalf("%+v, %v", s, err)
		}
		out := map[event.Type]int{}
		for _, typ := range s.Roles[0].Types {
			if out[typ.Type] = typ.Waiting; (typ.Waiting > 0) != (typ.OldestAge > 0) {
				t.Errorf("%s: %+v", typ.Type, typ)
			}
		}
		return out
	}
	want := map[event.Type]int{event.ReportReady: 0, event.ReportFailed: 0, event.ReportIsHere: 0}
	if got := waiting(); !maps.Equal(got, want) {
		t.Errorf("of nothing: %v, want %v", got, want)
	}
	queuetest.Publish(t, q, queuetest.Event(event.ReportFailed))
	for range queue.TypeMost + 5 {
		queuetest.Publish(t, q, queuetest.Event(event.ReportReady))
	}
	want[event.ReportFailed], want[event.ReportReady] = 1, queue.TypeMost
	if got := waiting(); !maps.Equal(got, want) {
		t.Errorf("%v wait, want %v", got, want)
	}
}

func TestEventsOutliveAnOrderlyRestart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	e := queuetest.Event(event.ReportReady)
	before := open(t, dir, queuetest.Options{})
	queuetest.Publish(t, before, e)
	shut(t, before)

	got := queuetest.Collect(t, open(t, dir, queuetest.Options{}), "gateway", event.ReportReady)
	if m := queuetest.Await(t, got, "the event of the former run"); m.Event != e {
		t.Errorf("got %v, want %v", m.Event, e)
	}
}

func TestADirectoryNothingStartsOnIsSetAside(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "live"), []byte("no directory"), 0o600); err != nil {
		t.Fatal(err)
	}
	queuetest.Publish(t, open(t, dir, queuetest.Options{}), queuetest.Event(event.ReportReady))
	if aside, _ := filepath.Glob(filepath.Join(dir, "aside-*")); len(aside) != 1 {
		t.Errorf("set aside: %q, want the former directory", aside)
	}
}

func TestNoDirectoryAtAll(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	q, err := queue.Open(t.Context(), queue.Config{
		Dir: file, Park: queuetest.NewLot(0).Park, Log: queuetest.Log(t), Now: time.Now,
	})
	if err == nil {
		shut(t, q)
		t.Fatal("opened on a file")
	}
}

// What an operator, a script or a broken disk may do to the directory while
// the process runs: events flow again, and nobody calls Consume or Tap again.
func TestWipedWhileRunning(t *testing.T) {
	t.Parallel()
	for name, wipe := range map[string]func(t *testing.T, dir string){
		"all of it":     func(t *testing.T, dir string) { remove(t, dir) },
		"what is in it": func(t *testing.T, dir string) { remove(t, filepath.Join(dir, "live")) },
		"the store":     func(t *testing.T, dir string) { remove(t, filepath.Join(dir, "live", "jetstream")) },
		"the streams":   func(t *testing.T, dir string) { remove(t, filepath.Join(dir, "live", "jetstream", "$G", "streams")) },
		"moved away": func(t *testing.T, dir string) {
			if err := os.Rename(dir, dir+".moved"); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), "queue")
			q := open(t, dir, queuetest.Options{})
			got := queuetest.Collect(t, q, "gateway", event.ReportReady)
			seen := make(chan event.Event, 10000)
			if err := q.Tap(t.Context(), func(e event.Event) { seen <- e }); err != nil {
				t.Fatal(err)
			}
			flows(t, q, got, seen)
			wipe(t, dir)
			renewed(t, dir)
			flows(t, q, got, seen)
			if err := q.Ready(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
}

// What may break inside the broker, or be broken by whoever administers it.
func TestBrokenWhileRunning(t *testing.T) {
	t.Parallel()
	for name, hurt := range map[string]func(t *testing.T, q *queue.JetStream) error{
		"stream deleted":   func(t *testing.T, q *queue.JetStream) error { q.DeleteStream(t.Context()); return nil },
		"consumer deleted": func(t *testing.T, q *queue.JetStream) error { return q.DeleteRole(t.Context(), "gateway") },
		"server dead":      func(_ *testing.T, q *queue.JetStream) error { q.KillServer(); return nil },
		"connection lost":  func(_ *testing.T, q *queue.JetStream) error { q.Disconnect(); return nil },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			q := open(t, t.TempDir(), queuetest.Options{})
			got := queuetest.Collect(t, q, "gateway", event.ReportReady)
			seen := make(chan event.Event, 10000)
			if err := q.Tap(t.Context(), func(e event.Event) { seen <- e }); err != nil {
				t.Fatal(err)
			}
			flows(t, q, got, seen)
			if err := hurt(t, q); err != nil {
				t.Fatal(err)
			}
			flows(t, q, got, seen)
		})
	}
}

// While there is no place to write, publishing fails at once and says why; when
// there is one again, the queue is back by itself.
func TestNoPlaceForAWhile(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "queue")
	q := open(t, dir, queuetest.Options{})
	got := queuetest.Collect(t, q, "gateway", event.ReportReady)
	seen := make(chan event.Event, 10000)
	if err := q.Tap(t.Context(), func(e event.Event) { seen <- e }); err != nil {
		t.Fatal(err)
	}
	moved := dir + ".moved"
	if err := os.Rename(dir, moved); err != nil {
		t.Fatal(err)
	}
	for os.WriteFile(dir, nil, 0o600) != nil { // unless the queue was quicker
		remove(t, dir)
	}
	for limit := time.Now().Add(queuetest.Patience); !errors.Is(q.Publish(t.Context(), queuetest.Event(event.ReportReady)), queue.ErrDown); {
		if time.Now().After(limit) {
			t.Fatal("publishes without a directory")
		}
	}
	if err := q.Ready(t.Context()); !errors.Is(err, queue.ErrDown) {
		t.Errorf("ready without a directory: %v", err)
	}
	if err := os.Remove(dir); err != nil {
		t.Fatal(err)
	}
	flows(t, q, got, seen)
}

// remove removes it although the server may be writing into it.
func remove(t *testing.T, path string) {
	t.Helper()
	for os.RemoveAll(path) != nil {
		if t.Context().Err() != nil {
			t.Fatal(t.Context().Err())
		}
	}
}

// renewed waits until there is a stream in the directory again.
func renewed(t *testing.T, dir string) {
	t.Helper()
	msgs := filepath.Join(dir, "live", "jetstream", "$G", "streams", "PEYK", "msgs")
	for limit := time.Now().Add(queuetest.Patience); ; {
		if _, err := os.Stat(msgs); err == nil {
			return
		}
		if time.Now().After(limit) {
			t.Fatalf("no stream in %s after %v", dir, queuetest.Patience)
		}
	}
}

// flows publishes until an event reaches both the consumer and the tap. While
// the queue is being mended publishing may fail and events may be lost.
func flows(t *testing.T, q *queue.JetStream, got <-chan queue.Message, seen <-chan event.Event) {
	t.Helper()
	for limit := time.Now().Add(queuetest.Patience); time.Now().Before(limit); {
		e := queuetest.Event(event.ReportReady)
		if q.Publish(t.Context(), e) != nil {
			continue
		}
		if within(got, func(m queue.Message) bool { return m.Event == e }) &&
			within(seen, func(s event.Event) bool { return s == e }) {
			return
		}
	}
	t.Fatalf("nothing flows after %v", queuetest.Patience)
}

// within tells whether the value comes soon; an event lost in the mending
// would be waited for in vain.
func within[T any](c <-chan T, is func(T) bool) bool {
	soon := time.NewTimer(time.Second)
	defer soon.Stop()
	for {
		select {
		case v := <-c:
			if is(v) {
				return true
			}
		case <-soon.C:
			return false
		}
	}
}

func BenchmarkPublish(b *testing.B) {
	q := quiet(b)
	e := queuetest.Event(event.ReportReady)
	for b.Loop() {
		if err := q.Publish(b.Context(), e); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkJourney is one event from Publish to its handler.
func BenchmarkJourney(b *testing.B) {
	q := quiet(b)
	here := make(chan struct{})
	stop, err := q.Consume(b.Context(), "gateway", []event.Type{event.ReportReady}, func(ctx context.Context, m queue.Message) {
		here <- struct{}{}
		_ = m.Ack(ctx)
	})
	if err != nil {
		b.Fatal(err)
	}
	e := queuetest.Event(event.ReportReady)
	for b.Loop() {
		if err := q.Publish(b.Context(), e); err != nil {
			b.Fatal(err)
		}
		<-here
	}
	if err := stop(b.Context()); err != nil {
		b.Fatal(err)
	}
}

func quiet(b *testing.B) *queue.JetStream {
	q, err := queue.Open(b.Context(), queue.Config{
		Dir: b.TempDir(), Park: queuetest.NewLot(0).Park, Log: slog.New(slog.DiscardHandler), Now: time.Now,
	})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = q.Close(context.WithoutCancel(b.Context())) })
	return q
}
