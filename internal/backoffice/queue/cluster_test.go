package queue_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"peyk/internal/backoffice/event"
	"peyk/internal/backoffice/queue"
	"peyk/internal/backoffice/queue/queuetest"
	"peyk/internal/backoffice/queue/server"
	"peyk/internal/backoffice/queue/server/servertest"
)

const stream = "PEYK"

// look is how the servers themselves see the stream.
func look(t *testing.T, hosts []*servertest.Host) jetstream.Stream {
	t.Helper()
	conn, err := nats.Connect("", func(o *nats.Options) error { o.Servers = servertest.URLs(hosts); return nil })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	js, err := jetstream.New(conn)
	if err != nil {
		t.Fatal(err)
	}
	for limit := time.Now().Add(queuetest.Patience); ; {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		s, err := js.Stream(ctx, stream)
		cancel()
		if err == nil {
			return s
		}
		if time.Now().After(limit) { // a server that has only just started does not answer
			t.Fatal(err)
		}
	}
}

// leader is the server that takes the stream's events.
func leader(t *testing.T, hosts []*servertest.Host) *servertest.Host {
	t.Helper()
	for limit := time.Now().Add(queuetest.Patience); ; {
		name := look(t, hosts).CachedInfo().Cluster.Leader
		for _, h := range hosts {
			if h.Config.Name == name {
				return h
			}
		}
		if time.Now().After(limit) { // between two leaders there is none
			t.Fatalf("the stream's leader is %q, which is none of ours", name)
		}
	}
}

// load publishes without pause and remembers what the queue has taken.
type load struct {
	mu    sync.Mutex
	taken map[event.Event]bool
	more  chan struct{} // one was taken
	done  chan struct{}
	stop  context.CancelFunc
}

func newLoad(t *testing.T, q *queue.JetStream) *load {
	ctx, cancel := context.WithCancel(t.Context())
	l := &load{taken: make(map[event.Event]bool), more: make(chan struct{}, 1), done: make(chan struct{}), stop: cancel}
	go func() {
		defer close(l.done)
		for ctx.Err() == nil {
			e := queuetest.Event(event.ReportReady)
			if q.Publish(ctx, e) != nil {
				continue
			}
			l.mu.Lock()
			l.taken[e] = true
			l.mu.Unlock()
			select {
			case l.more <- struct{}{}:
			default:
			}
		}
	}()
	return l
}

// goesOn waits until n more were taken.
func (l *load) goesOn(t *testing.T, n int, when string) {
	t.Helper()
	for range n {
		queuetest.Await(t, l.more, "events are taken %s", when)
	}
}

// arrives ends the load and waits for all that was taken.
func (l *load) arrives(t *testing.T, got <-chan event.Event) {
	t.Helper()
	l.stop()
	<-l.done
	all := len(l.taken)
	for len(l.taken) > 0 {
		delete(l.taken, queuetest.Await(t, got, "the %d missing of %d events", len(l.taken), all))
	}
	t.Logf("%d events arrived", all)
}

// gather shows the events a role hears, however many.
func gather(t *testing.T, q *queue.JetStream) <-chan event.Event {
	t.Helper()
	got := make(chan event.Event, 1<<20)
	queuetest.Consume(t, q, "gateway", func(ctx context.Context, m queue.Message) {
		_ = m.Ack(ctx)
		got <- m.Event
	}, event.ReportReady)
	return got
}

// Whatever was taken arrives, though each time the leader of three servers goes
// down.
func TestServersOfThreeGoDownUnderLoad(t *testing.T) {
	t.Parallel()
	hosts := servertest.Cluster(t, 3, server.Config{})
	q := openOn(t, queuetest.Options{AckWait: 2 * time.Second}, at(hosts...))
	got := gather(t, q)
	l := newLoad(t, q)
	l.goesOn(t, 10, "at first")
	for _, end := range []func(*servertest.Host){(*servertest.Host).Kill, (*servertest.Host).Close, (*servertest.Host).Kill} {
		h := leader(t, hosts)
		end(h)
		begun := time.Now()
		l.goesOn(t, 10, "without "+h.Config.Name)
		t.Logf("taken again after %v", time.Since(begun))
		h.Start()
		h.Await()
		l.goesOn(t, 10, "with "+h.Config.Name)
	}
	l.arrives(t, got)
}

func TestWholeClusterStartsAgain(t *testing.T) {
	t.Parallel()
	for name, meanwhile := range map[string]func(*servertest.Host){
		"as it was": func(*servertest.Host) {},
		"wiped":     func(h *servertest.Host) { h.Wipe() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			hosts := servertest.Cluster(t, 3, server.Config{})
			q := openOn(t, queuetest.Options{}, at(hosts...))
			got, seen := both(t, q)
			flows(t, q, got, seen)
			kept := queuetest.Event(event.ReportFailed)
			queuetest.Publish(t, q, kept)
			for _, h := range hosts {
				h.Kill()
			}
			for _, h := range hosts {
				meanwhile(h)
				h.Start()
			}
			flows(t, q, got, seen)
			trace := queuetest.Collect(t, q, "trace", event.ReportFailed)
			if name == "as it was" && queuetest.Await(t, trace, "the event from before").Event != kept {
				t.Error("another event came first")
			}
		})
	}
}

// replicated waits until stream and consumers lie on n servers.
func replicated(t *testing.T, hosts []*servertest.Host, n int) {
	t.Helper()
	s := look(t, hosts)
	for limit := time.Now().Add(queuetest.Patience); ; {
		var have []int
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		if info, err := s.Info(ctx); err == nil && info.Cluster != nil {
			have = append(have, info.Config.Replicas, 1+len(info.Cluster.Replicas))
		}
		list := s.ListConsumers(ctx)
		for c := range list.Info() {
			have = append(have, 1+len(c.Cluster.Replicas))
		}
		cancel()
		if len(have) == 3 && have[0] == n && have[1] == n && have[2] == n {
			return
		}
		if time.Now().After(limit) {
			t.Fatalf("stream and consumer have %v replicas, want %d", have, n)
		}
	}
}

// A stream made for one server is spread when a process that starts asks for
// more, and the other way about; those that run go on, and change nothing when
// they have to come back.
func TestAnotherNumberOfReplicas(t *testing.T) {
	t.Parallel()
	hosts := servertest.Cluster(t, 3, server.Config{})
	open := func(replicas int) *queue.JetStream {
		where := at(hosts...)
		where.Replicas = replicas
		return openOn(t, queuetest.Options{}, where)
	}
	old := open(1)
	got, seen := both(t, old)
	replicated(t, hosts, 1)
	for _, n := range []int{3, 1, 3} {
		flows(t, open(n), got, seen)
		replicated(t, hosts, n)
	}
	old.Disconnect()
	flows(t, old, got, seen)
	replicated(t, hosts, 3)
}

// A new cluster begins when all its servers are there; until then the queue is
// down.
func TestServersComeOneByOne(t *testing.T) {
	t.Parallel()
	hosts := servertest.Apart(t, 3, server.Config{})
	hosts[0].Start()
	q := openOn(t, queuetest.Options{}, at(hosts...))
	got, seen := both(t, q)
	if err := q.Publish(t.Context(), queuetest.Event(event.ReportReady)); !errors.Is(err, queue.ErrDown) {
		t.Errorf("published on one server of three: %v", err)
	}
	hosts[1].Start()
	hosts[2].Start()
	flows(t, q, got, seen)
	replicated(t, hosts, 3)
}

// Three replicas were asked for where there were two servers: fewer have to do
// until there is a third.
func TestAServerIsMissingAtFirst(t *testing.T) {
	t.Parallel()
	hosts := servertest.Apart(t, 3, server.Config{})
	first := hosts[:2]
	for _, h := range first {
		h.Config.Routes = h.Config.Routes[:2]
		h.Start()
	}
	first[1].Await()
	q := openOn(t, queuetest.Options{}, at(hosts...))
	got, seen := both(t, q)
	flows(t, q, got, seen)
	replicated(t, first, 1)
	hosts[2].Start()
	replicated(t, hosts, 3)
	flows(t, q, got, seen)
}

// What is asked while a cluster elects a leader is never answered: it is asked
// again on the same connection.
func TestAsksAgain(t *testing.T) {
	t.Parallel()
	q := openOn(t, queuetest.Options{}, at(servertest.Alone(t, server.Config{})))
	times := 0
	err := q.Insist(t.Context(), func(context.Context) error {
		if times++; times < 3 {
			return context.DeadlineExceeded
		}
		return nil
	})
	if err != nil || times != 3 {
		t.Errorf("asked %d times, then %v", times, err)
	}
}

func TestMoreReplicasThanServers(t *testing.T) {
	t.Parallel()
	where := at(servertest.Alone(t, server.Config{}))
	where.Replicas = 3
	q := openOn(t, queuetest.Options{}, where)
	got, seen := both(t, q)
	flows(t, q, got, seen)
}
