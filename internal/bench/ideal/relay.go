package ideal

import (
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"strconv"
	"sync/atomic"
)

// relay sends letters over connections it keeps.
type relay struct {
	port    int
	idle    chan *textproto.Conn
	letters atomic.Int64
}

func newRelay(port int) *relay { return &relay{port: port, idle: make(chan *textproto.Conn, 64)} }

func (r *relay) take() (*textproto.Conn, error) {
	select {
	case c := <-r.idle:
		return c, nil
	default:
	}
	conn, err := net.Dial("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(r.port)))
	if err != nil {
		return nil, err
	}
	c := textproto.NewConn(conn)
	if _, _, err := c.ReadResponse(220); err != nil {
		return nil, err
	}
	return c, say(c, 250, "EHLO localhost")
}

// send has one dialogue; before is called just before DATA.
func (r *relay) send(from, to string, letter []byte, before func() error) error {
	c, err := r.take()
	if err != nil {
		return fmt.Errorf("reach the relay: %w", err)
	}
	if err := dialogue(c, from, to, letter, before); err != nil {
		return fmt.Errorf("send a letter to %s: %w", to, errors.Join(err, c.Close()))
	}
	r.letters.Add(1)
	select {
	case r.idle <- c:
		return nil
	default:
		return c.Close()
	}
}

func dialogue(c *textproto.Conn, from, to string, letter []byte, before func() error) error {
	if err := say(c, 250, "MAIL FROM:<"+from+">"); err != nil {
		return err
	}
	if err := say(c, 250, "RCPT TO:<"+to+">"); err != nil {
		return err
	}
	if err := before(); err != nil {
		return err
	}
	if err := say(c, 354, "DATA"); err != nil {
		return err
	}
	w := c.DotWriter()
	if _, err := w.Write(letter); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	_, _, err := c.ReadResponse(250)
	return err
}

func say(c *textproto.Conn, want int, line string) error {
	if err := c.PrintfLine("%s", line); err != nil {
		return err
	}
	_, _, err := c.ReadResponse(want)
	return err
}
