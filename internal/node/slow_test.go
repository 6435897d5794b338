package node

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"testing"
	"time"
)

// open serves h by a server like ours, whose bodies must come within the time.
func open(t *testing.T, h http.Handler, within time.Duration) string {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := httpServer(h, slog.New(slog.DiscardHandler))
	if within != bodyTime {
		s.Handler = promptly(h, within)
	}
	go func() { _ = s.Serve(l) }()
	t.Cleanup(func() { _ = s.Close() })
	return l.Addr().String()
}

func knock(t *testing.T, addr string) net.Conn {
	t.Helper()
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	return conn
}

// A body that trickles in, or never ends, holds nobody up: its handler is told,
// and the connection ends.
func TestSlowBodyIsCutOff(t *testing.T) {
	t.Parallel()
	for name, head := range map[string]string{
		"announced": "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nab",
		"chunked":   "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			read := make(chan error, 1)
			conn := knock(t, open(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				_, err := io.ReadAll(r.Body)
				read <- err
			}), 50*time.Millisecond))
			if _, err := io.WriteString(conn, head); err != nil {
				t.Fatal(err)
			}
			select {
			case err := <-read:
				if err == nil {
					t.Error("half a body counts as whole")
				}
			case <-time.After(5 * time.Second):
				t.Fatal("the handler still waits for the body")
			}
			if _, err := io.Copy(io.Discard, conn); err != nil {
				t.Errorf("the connection does not end: %v", err)
			}
		})
	}
}

// What comes in time may be worked on as long as it takes, and so may what has
// no body: the limit is no limit on the answer.
func TestLimitOnBodiesEndsNothingElse(t *testing.T) {
	t.Parallel()
	const within = 50 * time.Millisecond
	for name, head := range map[string]string{
		"a form":   "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nab",
		"a stream": "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			conn := knock(t, open(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.ReadAll(r.Body)
				ctx, cancel := context.WithTimeout(r.Context(), 4*within)
				defer cancel()
				<-ctx.Done() // longer than a body may take
				_, _ = fmt.Fprint(w, r.Context().Err())
			}), within))
			in := bufio.NewReader(conn)
			for range 2 { // the connection is kept
				if _, err := io.WriteString(conn, head); err != nil {
					t.Fatal(err)
				}
				res, err := http.ReadResponse(in, nil)
				if err != nil {
					t.Fatal(err)
				}
				body, err := io.ReadAll(res.Body)
				if err != nil || string(body) != "<nil>" {
					t.Errorf("the handler was told %s, %v", body, err)
				}
			}
		})
	}
}

// The limits every door of ours has.
func TestServersHaveLimits(t *testing.T) {
	t.Parallel()
	s := httpServer(http.NotFoundHandler(), slog.New(slog.DiscardHandler))
	if s.ReadHeaderTimeout <= 0 || s.ReadHeaderTimeout > 30*time.Second || s.IdleTimeout <= 0 || s.MaxHeaderBytes <= 0 || s.MaxHeaderBytes > 1<<20 {
		t.Errorf("header within %s, idle %s, header of %d bytes", s.ReadHeaderTimeout, s.IdleTimeout, s.MaxHeaderBytes)
	}
}
