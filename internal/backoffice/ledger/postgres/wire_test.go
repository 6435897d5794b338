package postgres_test

import (
	"errors"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"peyk/internal/backoffice/ledger"
)

// trick is what a wire does to the next traffic once it is armed.
type trick int

const (
	honest trick = iota
	loseAnswer
	loseQuestion // the COMMIT never comes to the server
	delay        // it comes after the sender was cut off, when it is let go
)

// wire forwards connections to a server and can be told to fail one of them.
type wire struct {
	net.Listener
	to      string
	next    atomic.Int32 // a trick
	letGo   chan struct{}
	arrived chan struct{} // closed when the server has answered what was delayed, or cut it off
}

func newWire(t *testing.T, port int) *wire {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{
		Listener: l, to: net.JoinHostPort("127.0.0.1", strconv.Itoa(port)),
		letGo: make(chan struct{}), arrived: make(chan struct{}),
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			go w.forward(client)
		}
	}()
	return w
}

// url is that of the database, through the wire.
func (w *wire) url(direct string) string {
	_, port, _ := net.SplitHostPort(w.Addr().String())
	_, was, _ := net.SplitHostPort(w.to)
	return strings.Replace(direct, ":"+was+"/", ":"+port+"/", 1)
}

// answers forwards what the server says, until it is to be lost.
func answers(client, server net.Conn, losing *atomic.Bool) {
	defer client.Close()
	buf := make([]byte, 1<<16)
	for {
		n, err := server.Read(buf)
		if err != nil || losing.Load() {
			return
		}
		if _, err := client.Write(buf[:n]); err != nil {
			return
		}
	}
}

func (w *wire) forward(client net.Conn) {
	defer client.Close()
	server, err := net.Dial("tcp", w.to)
	if err != nil {
		return
	}
	defer server.Close()
	var losing atomic.Bool
	go answers(client, server, &losing)
	buf := make([]byte, 1<<16)
	for {
		n, err := client.Read(buf)
		if err != nil {
			return
		}
		switch trick(w.next.Swap(int32(honest))) {
		case loseQuestion:
			return
		case loseAnswer:
			losing.Store(true)
		case delay:
			client.Close()
			<-w.letGo
			_, _ = server.Write(buf[:n])
			_ = server.(*net.TCPConn).CloseWrite()
			_, _ = io.Copy(io.Discard, server) // until it is through with it; the other reader may take some
			close(w.arrived)
			return
		}
		if _, err := server.Write(buf[:n]); err != nil {
			return
		}
	}
}

// cut arms the wire at the end of a change: what is sent next is its COMMIT.
func (w *wire) cut(how trick, fn func(ledger.Tx) error) func(ledger.Tx) error {
	var once sync.Once
	return func(tx ledger.Tx) error {
		_, err := tx.Accounts()
		err = errors.Join(err, fn(tx))
		once.Do(func() { w.next.Store(int32(how)) })
		return err
	}
}
