// Package sink is a relay that takes every letter and keeps none: where the
// journeys of a bench end.
//
// Promise: a letter counts from the moment its 250 was written, and is known by
// the GUID in its X-Peyk-Request header. What is measured against it waits for
// nothing but its own dialogue.
//
// Limits: for measuring, on loopback. It knows the verbs a sender needs to hand
// over mail, no TLS and no authentication, and stores nothing.
//
// Failure: a letter without that header is counted as a stray. A connection that
// breaks off ends its dialogue and nothing else.
package sink

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"time"
)

// header names the request a letter is about.
const header = "X-Peyk-Request: "

// Sink is a relay on a port of its own.
type Sink struct {
	listener net.Listener
	heard    func(guid string, at time.Time)
	running  sync.WaitGroup

	mu     sync.Mutex
	open   map[net.Conn]struct{}
	closed bool
}

// Open listens on a free port of loopback. heard is called for each letter, by
// many goroutines at once, with "" for one that names no request.
func Open(ctx context.Context, heard func(guid string, at time.Time)) (*Sink, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("open the sink: %w", err)
	}
	s := &Sink{listener: l, heard: heard, open: map[net.Conn]struct{}{}}
	s.running.Go(s.accept)
	return s, nil
}

// Port is where letters are taken, on 127.0.0.1.
func (s *Sink) Port() int { return s.listener.Addr().(*net.TCPAddr).Port }

// Close ends all dialogues.
func (s *Sink) Close() error {
	err := s.listener.Close()
	s.mu.Lock()
	s.closed = true
	for c := range s.open {
		err = errors.Join(err, c.Close())
	}
	s.mu.Unlock()
	s.running.Wait()
	return err
}

func (s *Sink) accept() {
	for {
		c, err := s.listener.Accept()
		if err != nil {
			return
		}
		s.mu.Lock()
		if s.closed {
			s.mu.Unlock()
			_ = c.Close() // nobody is served any more
			return
		}
		s.open[c] = struct{}{}
		s.mu.Unlock()
		s.running.Go(func() { s.serve(c) })
	}
}

func (s *Sink) serve(c net.Conn) {
	defer func() {
		s.mu.Lock()
		delete(s.open, c)
		s.mu.Unlock()
		_ = c.Close() // the other side may have closed it
	}()
	d := &dialogue{conn: c, in: bufio.NewReaderSize(c, 16<<10), sink: s}
	if d.say("220 sink") != nil {
		return
	}
	for {
		line, err := d.in.ReadString('\n')
		if err != nil || d.answer(line) != nil {
			return
		}
	}
}

// dialogue is one connection.
type dialogue struct {
	conn net.Conn
	in   *bufio.Reader
	sink *Sink
}

func (d *dialogue) say(line string) error {
	_, err := d.conn.Write([]byte(line + "\r\n"))
	return err
}

// errBye ends a dialogue in good order.
var errBye = errors.New("bye")

func (d *dialogue) answer(line string) error {
	verb, _, _ := strings.Cut(strings.TrimRight(line, "\r\n"), " ")
	switch strings.ToUpper(verb) {
	case "EHLO", "HELO", "RSET", "NOOP", "MAIL", "RCPT":
		return d.say("250 ok")
	case "DATA":
		if err := d.say("354 go on"); err != nil {
			return err
		}
		return d.letter()
	case "QUIT":
		return errors.Join(d.say("221 bye"), errBye)
	}
	return d.say("502 not here")
}

// letter reads up to the final dot and takes the letter.
func (d *dialogue) letter() error {
	guid := ""
	for {
		line, err := d.in.ReadSlice('\n')
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return err
		}
		if string(line) == ".\r\n" {
			break
		}
		if guid == "" && len(line) > len(header) && string(line[:len(header)]) == header {
			guid = strings.TrimSpace(string(line[len(header):]))
		}
	}
	if err := d.say("250 taken"); err != nil {
		return err
	}
	d.sink.heard(guid, time.Now())
	return nil
}
