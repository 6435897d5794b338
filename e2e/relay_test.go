package e2e

import (
	"bufio"
	"bytes"
	"net"
	"net/mail"
	"net/textproto"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// relay is the company's mail server, played by the test: it takes every
// message, and at the final dot does what the test says.
type relay struct {
	listener net.Listener
	serving  sync.WaitGroup
	atDot    func(d dot, nth int) reaction // nil: takes it; nth counts from 1, for each request
	free     chan struct{}                 // closed: what is held is answered

	mu    sync.Mutex
	dots  map[string][]dot // by request, in the order they came
	conns []net.Conn
}

// dot is one message that came to its final dot: from here on only the relay
// knows what becomes of it.
type dot struct {
	guid, messageID string
	message         string
	at              time.Time
}

// reaction is what the relay does once it has a message.
type reaction int

const (
	sayYes reaction = iota // 250
	cut                    // the connection ends without a reply
	reset                  // the same, as when the process was killed
	hold                   // no reply until free is closed
)

func startRelay(t *testing.T, atDot func(d dot, nth int) reaction) *relay {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &relay{listener: listener, atDot: atDot, free: make(chan struct{}), dots: map[string][]dot{}}
	r.serving.Go(r.accept)
	t.Cleanup(r.close)
	return r
}

// flags make a company use it.
func (r *relay) flags() []string {
	port := r.listener.Addr().(*net.TCPAddr).Port
	return []string{"--relay-host", "127.0.0.1", "--relay-port", strconv.Itoa(port), "--relay-tls", "none"}
}

func (r *relay) close() {
	r.listener.Close()
	r.mu.Lock()
	for _, conn := range r.conns {
		conn.Close()
	}
	r.mu.Unlock()
	r.serving.Wait()
}

func (r *relay) accept() {
	for {
		conn, err := r.listener.Accept()
		if err != nil {
			return
		}
		r.mu.Lock()
		r.conns = append(r.conns, conn)
		r.mu.Unlock()
		r.serving.Go(func() {
			defer conn.Close()
			r.serve(conn, textproto.NewReader(bufio.NewReader(conn)))
		})
	}
}

// serve holds one dialogue (RFC 5321), with a yes to everything.
func (r *relay) serve(conn net.Conn, in *textproto.Reader) {
	say := func(line string) bool { _, err := conn.Write([]byte(line + "\r\n")); return err == nil }
	for ok := say("220 relay"); ok; {
		line, err := in.ReadLine()
		if err != nil {
			return
		}
		verb, _, _ := strings.Cut(line, " ")
		switch strings.ToUpper(verb) {
		case "DATA":
			ok = say("354 go on") && r.body(conn, in) && say("250 2.0.0 taken")
		case "QUIT":
			say("221 bye")
			return
		default:
			ok = say("250 ok")
		}
	}
}

// body reads a message and reacts; false ends the connection.
func (r *relay) body(conn net.Conn, in *textproto.Reader) bool {
	message, err := in.ReadDotBytes()
	if err != nil {
		return false
	}
	d, nth := r.note(message)
	reaction := sayYes
	if r.atDot != nil {
		reaction = r.atDot(d, nth)
	}
	switch reaction {
	case cut:
		return false
	case reset:
		_ = conn.(*net.TCPConn).SetLinger(0) // closing it then sends RST
		return false
	case hold:
		<-r.free
	}
	return true
}

// note remembers a message and tells which one it is of its request.
func (r *relay) note(message []byte) (d dot, nth int) {
	d = dot{message: string(message), at: time.Now()}
	if m, err := mail.ReadMessage(bytes.NewReader(message)); err == nil {
		d.guid, d.messageID = m.Header.Get("X-Peyk-Request"), m.Header.Get("Message-ID")
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.dots[d.guid] = append(r.dots[d.guid], d)
	return d, len(r.dots[d.guid])
}

// of lists the messages about a request that came to their dot.
func (r *relay) of(guid string) []dot {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]dot(nil), r.dots[guid]...)
}
