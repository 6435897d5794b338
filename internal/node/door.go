package node

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
)

// Certificate is what a process shows those who connect over TLS; none of the
// files named means plain HTTP.
type Certificate struct{ CertFile, KeyFile string }

// check finds out now whether the files can be used.
func (c Certificate) check() error {
	if c == (Certificate{}) {
		return nil
	}
	if _, err := tls.LoadX509KeyPair(c.CertFile, c.KeyFile); err != nil {
		return fmt.Errorf("read the certificate %s with the key %s: %w", c.CertFile, c.KeyFile, err)
	}
	return nil
}

// scheme of URLs that lead here.
func (c Certificate) scheme() string {
	if c == (Certificate{}) {
		return "http"
	}
	return "https"
}

// doors are the HTTP servers of a process.
type doors struct {
	certificate Certificate
	log         *slog.Logger
	servers     []*http.Server
	signs       []string // what each is for, and where it is
}

// open answers on l until close; what says for people what it answers.
func (d *doors) open(what string, l net.Listener, h http.Handler) {
	d.signs = append(d.signs, what+" "+d.certificate.scheme()+"://"+l.Addr().String())
	s := httpServer(h, d.log)
	s.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS13}
	d.servers = append(d.servers, s)
	serve := func() error { return s.Serve(l) }
	if d.certificate != (Certificate{}) {
		serve = func() error { return s.ServeTLS(l, d.certificate.CertFile, d.certificate.KeyFile) }
	}
	go func() {
		if err := serve(); !errors.Is(err, http.ErrServerClosed) {
			d.log.Error("a door closed by itself", "address", l.Addr().String(), "error", err)
		}
	}()
}

// close lets nobody in any more and waits for the answers under way.
func (d *doors) close(ctx context.Context) error {
	var errs []error
	for _, s := range d.servers {
		errs = append(errs, s.Shutdown(ctx))
	}
	return errors.Join(errs...)
}

// Roots are the system's authorities and those of a file; nil where none is
// named: the system's alone.
func Roots(file string) (*x509.CertPool, error) {
	if file == "" {
		return nil, nil
	}
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read the authorities: %w", err)
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool() // a machine that has none
	}
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("read the authorities: %s holds no certificate in PEM", file)
	}
	return pool, nil
}
