package e2e

import (
	"context"
	"errors"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync/atomic"
	"testing"
	"time"
)

// front spreads connections over the processes of a role, as a load balancer
// would: over those that take them.
type front struct {
	url    string
	server *httptest.Server
	spread *http.Transport
	next   atomic.Uint64
	behind []string

	record func(*http.Response) error // sees each answer; nil: nobody does
}

func newFront(t testing.TB, behind []string) *front {
	t.Helper()
	f := &front{behind: behind}
	f.spread = &http.Transport{DialContext: f.dial, MaxIdleConnsPerHost: 64, IdleConnTimeout: time.Second}
	to, err := url.Parse("http://" + behind[0])
	if err != nil {
		t.Fatal(err)
	}
	proxy := &httputil.ReverseProxy{
		Rewrite:   func(r *httputil.ProxyRequest) { r.SetURL(to) },
		Transport: f.spread,
		ErrorLog:  log.New(discard{}, "", 0), // who dies answers nothing: that is the test
		ModifyResponse: func(r *http.Response) error {
			if f.record == nil {
				return nil
			}
			return f.record(r)
		},
	}
	f.server = httptest.NewServer(proxy)
	f.url = f.server.URL
	return f
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }

// dial tries one after the other, beginning with another each time.
func (f *front) dial(ctx context.Context, network, _ string) (net.Conn, error) {
	var d net.Dialer
	var errs []error
	first := f.next.Add(1)
	for k := range uint64(len(f.behind)) {
		conn, err := d.DialContext(ctx, network, f.behind[(first+k)%uint64(len(f.behind))])
		if err == nil {
			return conn, nil
		}
		errs = append(errs, err)
	}
	return nil, errors.Join(errs...)
}

func (f *front) close() {
	f.server.CloseClientConnections()
	f.server.Close()
	f.spread.CloseIdleConnections()
}
