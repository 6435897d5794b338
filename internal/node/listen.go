package node

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"syscall"
	"time"
)

// ListenError says which address could not be had, and what to do.
type ListenError struct {
	What, Flag, Addr string
	Err              error
}

func (e *ListenError) Error() string {
	if errors.Is(e.Err, syscall.EADDRINUSE) {
		return fmt.Sprintf("%s for the %s is taken; stop what listens there, or choose another with %s (port 0 takes a free one)", e.Addr, e.What, e.Flag)
	}
	return fmt.Sprintf("cannot listen on %s for the %s (%s): %v", e.Addr, e.What, e.Flag, e.Err)
}

func (e *ListenError) Unwrap() error { return e.Err }

// listen opens a TCP listener; what and flag name it in the error. Off
// loopback it refuses unless open is set.
func listen(ctx context.Context, what, flag, addr string, open bool) (net.Listener, error) {
	if !open {
		if err := onLoopback(addr); err != nil {
			return nil, &ListenError{what, flag, addr, err}
		}
	}
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, &ListenError{what, flag, addr, err}
	}
	return l, nil
}

// onLoopback refuses addresses that others could reach: plain HTTP carries
// passwords and reports.
func onLoopback(addr string) error {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return err
	}
	if host == "localhost" {
		return nil
	}
	if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
		return errors.New("plain HTTP is for loopback only; put a proxy with TLS in front and say --behind-proxy (peyk serve also takes --tls-cert and --tls-key)")
	}
	return nil
}

// bodyTime is how long a body may take to come: those we take are small.
const bodyTime = 30 * time.Second

// httpServer is one with limits on what a slow or silent peer can hold. There is
// none on writing: live pages stay open, and large files take their time.
func httpServer(h http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler: promptly(h, bodyTime), ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
}

// promptly ends a request whose body does not come within the time. It is no
// limit of the server's own, which would end live pages as well: it is taken
// back as soon as the body is there.
func promptly(next http.Handler, within time.Duration) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Body == nil || r.Body == http.NoBody {
			next.ServeHTTP(w, r)
			return
		}
		rc := http.NewResponseController(w)
		if err := rc.SetReadDeadline(time.Now().Add(within)); err != nil {
			http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
			return
		}
		r.Body = &promptBody{ReadCloser: r.Body, there: func() { _ = rc.SetReadDeadline(time.Time{}) }} // a connection that is gone needs none
		next.ServeHTTP(w, r)
	})
}

// promptBody calls there at its end.
type promptBody struct {
	io.ReadCloser
	there func()
}

func (b *promptBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if errors.Is(err, io.EOF) {
		b.there()
	}
	return n, err
}
