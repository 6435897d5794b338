package queue_test

import (
	"context"
	"errors"
	"net"
	"sync"
	"testing"
	"time"

	"peyk/internal/backoffice/event"
	"peyk/internal/backoffice/queue"
	"peyk/internal/backoffice/queue/queuetest"
	"peyk/internal/backoffice/queue/server"
	"peyk/internal/backoffice/queue/server/servertest"
)

// wire stands between a queue and its server. While it is held nothing passes
// and nothing breaks, as when a machine hangs or a cable is out.
type wire struct {
	sync.RWMutex // held for reading by what passes
	addr         string
}

func newWire(t *testing.T, to string) *wire {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{addr: l.Addr().String()}
	var open sync.WaitGroup
	var conns []net.Conn
	open.Go(func() {
		for {
			near, err := l.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("tcp", to)
			if err != nil {
				near.Close()
				continue
			}
			conns = append(conns, near, far)
			open.Go(func() { w.carry(near, far) })
			open.Go(func() { w.carry(far, near) })
		}
	})
	t.Cleanup(func() {
		l.Close()
		for _, c := range conns {
			c.Close()
		}
		open.Wait()
	})
	return w
}

func (w *wire) carry(from, to net.Conn) {
	defer to.Close()
	buf := make([]byte, 32<<10)
	for {
		n, err := from.Read(buf)
		if err != nil {
			return
		}
		w.RLock()
		_, err = to.Write(buf[:n])
		w.RUnlock()
		if err != nil {
			return
		}
	}
}

// A server that neither answers nor goes away is given up, holds nobody up, and
// is found again.
func TestServerGoesSilent(t *testing.T) {
	t.Parallel()
	w := newWire(t, servertest.Alone(t, server.Config{}).Config.Listen)
	q := openOn(t, queuetest.Options{}, queue.External{URLs: []string{"nats://" + w.addr}})
	got, seen := both(t, q)
	flows(t, q, got, seen)
	w.Lock()
	release := sync.OnceFunc(w.Unlock)
	defer release()
	for limit := time.Now().Add(queuetest.Patience); ; {
		begun := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		err := q.Publish(ctx, queuetest.Event(event.ReportReady))
		cancel()
		if took := time.Since(begun); err == nil || took > time.Second {
			t.Fatalf("publishing took %v and gave %v", took, err)
		}
		if errors.Is(err, queue.ErrDown) {
			break
		}
		if time.Now().After(limit) {
			t.Fatalf("after %v the queue is not given up: %v", queuetest.Patience, err)
		}
	}
	release()
	flows(t, q, got, seen)
}
