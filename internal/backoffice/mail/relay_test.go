package mail_test

import (
	"bufio"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"peyk/internal/backoffice/mail"
)

// What a scripted relay can do instead of answering.
const (
	hangUp = "(hang up)"
	silent = "(silent)"
)

// relay is an SMTP server that answers by a script: for a verb the lines to
// say in turn, the last of them for good. Verbs without lines get a yes.
type relay struct {
	listener net.Listener
	wg       sync.WaitGroup

	mu     sync.Mutex
	script map[mail.Verb][]string
	conns  []net.Conn
	said   []string // commands heard, over all connections
	mails  []string
	taken  chan struct{} // one for each mail read to its dot
}

func startRelay(t *testing.T, script map[mail.Verb][]string) *relay {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &relay{listener: listener, script: script, taken: make(chan struct{}, 100)}
	r.wg.Go(r.accept)
	t.Cleanup(func() {
		listener.Close()
		r.drop()
		r.wg.Wait()
	})
	return r
}

// drop cuts all connections, as a relay does with idle ones.
func (r *relay) drop() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, conn := range r.conns {
		conn.Close()
	}
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
		r.wg.Go(func() { r.serve(conn) })
	}
}

func (r *relay) serve(conn net.Conn) {
	defer conn.Close()
	in := bufio.NewReader(conn)
	if !r.answer(conn, mail.Connect, "220 relay ready") {
		return
	}
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		verb := mail.Verb(strings.ToUpper(strings.TrimSpace(line[:min(4, len(line))])))
		r.hear(string(verb))
		if !r.obey(conn, in, verb) {
			return
		}
	}
}

// obey answers one command; false ends the connection.
func (r *relay) obey(conn net.Conn, in *bufio.Reader, verb mail.Verb) bool {
	switch verb {
	case "EHLO", "HELO":
		return r.answer(conn, mail.Hello, "250-relay\r\n250 8BITMIME")
	case "DATA":
		if !r.answer(conn, verb, "354 go on") {
			return false
		}
		return r.body(conn, in)
	case "QUIT":
		r.answer(conn, verb, "221 bye")
		return false
	default:
		return r.answer(conn, verb, "250 ok")
	}
}

// body reads a mail unless DATA was refused, which shows in the next line
// being no mail.
func (r *relay) body(conn net.Conn, in *bufio.Reader) bool {
	if r.refusedData() {
		return true
	}
	if line := r.next(mail.Body, ""); line == hangUp {
		return false
	} else if line != "" {
		conn.Write([]byte(line + "\r\n"))
		return false
	}
	var b strings.Builder
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return false
		}
		if line == ".\r\n" {
			break
		}
		b.WriteString(strings.TrimPrefix(line, "."))
	}
	r.mu.Lock()
	r.mails = append(r.mails, b.String())
	r.mu.Unlock()
	r.taken <- struct{}{}
	return r.answer(conn, mail.FinalDot, "250 2.0.0 taken as 4711")
}

func (r *relay) refusedData() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	lines := r.script[mail.Data]
	return len(lines) > 0 && !strings.HasPrefix(lines[0], "354")
}

func (r *relay) answer(conn net.Conn, verb mail.Verb, yes string) bool {
	switch line := r.next(verb, yes); line {
	case hangUp:
		return false
	case silent:
		return true
	default:
		_, err := conn.Write([]byte(line + "\r\n"))
		return err == nil && !strings.HasPrefix(line, "421")
	}
}

// next takes the next line of the script for a verb.
func (r *relay) next(verb mail.Verb, yes string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	lines := r.script[verb]
	if len(lines) == 0 {
		return yes
	}
	if len(lines) > 1 {
		r.script[verb] = lines[1:]
	}
	if lines[0] == "" {
		return yes
	}
	return lines[0]
}

func (r *relay) hear(verb string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.said = append(r.said, verb)
}

func (r *relay) heard() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return strings.Join(r.said, " ")
}

func (r *relay) connections() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.conns)
}

func (r *relay) received() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]string(nil), r.mails...)
}

// sender sends to the relay, impatiently.
func (r *relay) sender(t *testing.T) *mail.Sender {
	t.Helper()
	s, err := mail.NewSender(mail.Settings{
		Host: "127.0.0.1", Port: r.listener.Addr().(*net.TCPAddr).Port, Security: mail.Plain,
		DialTimeout: 200 * time.Millisecond, CommandTimeout: 200 * time.Millisecond, ReplyTimeout: 200 * time.Millisecond, IdleTimeout: time.Minute,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// say changes the script for a verb.
func (r *relay) say(verb mail.Verb, lines ...string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.script[verb] = lines
}
