package mailbox

import (
	"net"
	"sync"
	"time"
)

// gate is what every SMTP connection goes through, so that closing is
// orderly: each connection gets to write the answer it owes, and then finds
// that there is nothing more to read. Without it a client could have stored a
// mail and not been told.
type gate struct {
	mu        sync.Mutex
	shut      bool
	listeners []net.Listener
	guests    map[*guest]struct{}
}

func newGate() *gate { return &gate{guests: map[*guest]struct{}{}} }

// lead makes a listener whose connections go through the gate, and which
// ends with it.
func (g *gate) lead(listener net.Listener) net.Listener {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.listeners = append(g.listeners, listener)
	if g.shut {
		_ = listener.Close()
	}
	return gatedListener{listener, g}
}

type gatedListener struct {
	net.Listener
	gate *gate
}

func (l gatedListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return l.gate.admit(conn), nil
}

func (g *gate) admit(conn net.Conn) net.Conn {
	g.mu.Lock()
	defer g.mu.Unlock()
	visitor := &guest{Conn: conn, gate: g}
	g.guests[visitor] = struct{}{}
	if g.shut {
		visitor.hurry()
	}
	return visitor
}

// close ends listening, and reading on every connection; answers can still
// be written.
func (g *gate) close() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.shut = true
	for _, listener := range g.listeners {
		_ = listener.Close()
	}
	for visitor := range g.guests {
		visitor.hurry()
	}
}

// cut ends every connection at once.
func (g *gate) cut() {
	g.mu.Lock()
	defer g.mu.Unlock()
	for visitor := range g.guests {
		_ = visitor.Conn.Close()
	}
}

// guest is one connection.
type guest struct {
	net.Conn
	gate *gate
}

// hurry lets every read end now.
func (c *guest) hurry() { _ = c.Conn.SetReadDeadline(time.Unix(1, 0)) }

// SetReadDeadline grants no more time once the gate is shut.
func (c *guest) SetReadDeadline(t time.Time) error {
	c.gate.mu.Lock()
	defer c.gate.mu.Unlock()
	if c.gate.shut {
		t = time.Unix(1, 0)
	}
	return c.Conn.SetReadDeadline(t)
}

func (c *guest) Close() error {
	c.gate.mu.Lock()
	delete(c.gate.guests, c)
	c.gate.mu.Unlock()
	return c.Conn.Close()
}
