package porttest_test

import (
	"errors"
	"fmt"
	"net"
	"syscall"
	"testing"

	"peyk/internal/porttest"
)

func TestReservedPort(t *testing.T) {
	t.Parallel()
	p, err := porttest.Reserve()
	if err != nil {
		t.Fatal(err)
	}
	defer p.Release()
	addr := fmt.Sprintf("127.0.0.1:%d", p.Number)
	if conn, err := net.Dial("tcp", addr); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("a connection to the reserved port %s: %v, %v; want it refused", addr, conn, err)
	}
	for range 2 { // a server that is started again
		l, err := net.Listen("tcp", addr)
		if err != nil {
			t.Fatalf("listen on the reserved port: %v", err)
		}
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatalf("reach the server on the reserved port: %v", err)
		}
		conn.Close()
		l.Close()
	}
}

// Of the 28,000 numbers that Linux gives out, 500 are reserved and 500 asked for:
// without the reservation some nine would be given out twice.
func TestReservedPortIsGivenToNoOther(t *testing.T) {
	t.Parallel()
	var reserved []int
	for range 500 {
		p, err := porttest.Reserve()
		if err != nil {
			t.Fatal(err)
		}
		defer p.Release()
		reserved = append(reserved, p.Number)
	}
	given := map[int]bool{}
	var held []net.Listener
	defer func() {
		for _, l := range held {
			l.Close()
		}
	}()
	for range 500 {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		held = append(held, l)
		given[l.Addr().(*net.TCPAddr).Port] = true
	}
	for _, n := range reserved {
		if given[n] {
			t.Errorf("the reserved port %d was given out", n)
		}
	}
}
