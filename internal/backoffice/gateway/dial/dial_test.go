package dial_test

import (
	"crypto/tls"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"peyk/internal/backoffice/gateway/dial"
	"peyk/internal/report"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}

func get(t *testing.T, transport *http.Transport, url string) (*http.Response, error) {
	t.Helper()
	t.Cleanup(transport.CloseIdleConnections)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := transport.RoundTrip(r)
	if err == nil {
		t.Cleanup(func() { response.Body.Close() })
	}
	return response, err
}

// The names are those of the lying provider's redirects, and one that DNS or the
// hosts file leads back home.
func TestHomeIsNotReached(t *testing.T) {
	t.Parallel()
	reached := make(chan string, 10)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { reached <- r.Host }))
	t.Cleanup(server.Close)
	_, port, err := net.SplitHostPort(server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	for _, host := range []string{"127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "[::1]", "0.0.0.0", "[::]", "169.254.169.254", "[fe80::1%25lo]"} {
		_, err := get(t, dial.Transport(nil, nil), "http://"+host+":"+port+"/")
		if report.CodeOf(err) != dial.CodeRefused || report.ClassOf(err) != report.Transient {
			t.Errorf("%s: %v", host, err)
		}
	}
	if _, err := get(t, dial.Transport(loopback, nil), "http://127.0.0.1:"+port+"/"); err != nil {
		t.Errorf("where the operator allows it: %v", err)
	}
	if <-reached; len(reached) > 0 {
		t.Errorf("reached as %s", <-reached)
	}
}

func TestOldTLSIsRefused(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.TLS = &tls.Config{MaxVersion: tls.VersionTLS12}
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // of the handshake that fails
	server.StartTLS()
	t.Cleanup(server.Close)
	config := server.Client().Transport.(*http.Transport).TLSClientConfig
	if _, err := get(t, dial.Transport(loopback, config), server.URL); err == nil {
		t.Error("spoke TLS 1.2")
	}
	if config.MinVersion == tls.VersionTLS13 {
		t.Error("changed the caller's TLS configuration")
	}
}

func TestHeaderFlood(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Flood", strings.Repeat("x", 100<<10))
	}))
	t.Cleanup(server.Close)
	if _, err := get(t, dial.Transport(loopback, nil), server.URL); err == nil {
		t.Error("read 100 KiB of headers")
	}
}

func TestNothingIsUnpackedUnasked(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if asked := r.Header.Get("Accept-Encoding"); asked != "" {
			t.Errorf("asked for %q", asked)
		}
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = io.WriteString(w, "no gzip")
	}))
	t.Cleanup(server.Close)
	response, err := get(t, dial.Transport(loopback, nil), server.URL)
	if err != nil {
		t.Fatal(err)
	}
	if body, err := io.ReadAll(response.Body); err != nil || string(body) != "no gzip" {
		t.Errorf("read %q, %v", body, err)
	}
}

// A server that stalls in mid-body: closing the body ends the Read that waits.
func TestAStalledServer(t *testing.T) {
	t.Parallel()
	stalled := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "half")
		w.(http.Flusher).Flush()
		<-stalled
	}))
	t.Cleanup(server.Close)
	t.Cleanup(func() { close(stalled) })
	response, err := get(t, dial.Transport(loopback, nil), server.URL)
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(dial.MinRate(response.Body, 100, 1000, 50*time.Millisecond))
	if string(got) != "half" || report.CodeOf(err) != dial.CodeTooSlow {
		t.Errorf("read %q, %v", got, err)
	}
}

// drip is a body that gives its bytes one by one, after a pause each.
type drip struct {
	pause time.Duration
	left  int
	ended chan struct{}
}

func (d *drip) Read(p []byte) (int, error) {
	if d.left == 0 {
		return 0, io.EOF
	}
	select {
	case <-time.After(d.pause):
		d.left--
		p[0] = 'x'
		return 1, nil
	case <-d.ended:
		return 0, errors.New("read on a closed body")
	}
}

func (d *drip) Close() error { close(d.ended); return nil }

func TestMinRate(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		body *drip
		code string
		n    int
		took time.Duration
	}{
		"as fast as agreed":    {&drip{pause: 100 * time.Millisecond, left: 500}, "", 500, 50 * time.Second},
		"slow at the end":      {&drip{pause: 2 * time.Second, left: 3}, "", 3, 6 * time.Second},
		"slower, for a while":  {&drip{pause: 200 * time.Millisecond, left: 50}, "", 50, 10 * time.Second},
		"slower, for too long": {&drip{pause: 230 * time.Millisecond, left: 500}, dial.CodeTooSlow, 76, 17600 * time.Millisecond},
		"a byte a second":      {&drip{pause: 1100 * time.Millisecond, left: 500}, dial.CodeTooSlow, 9, 10900 * time.Millisecond},
		"nothing at all":       {&drip{pause: time.Hour, left: 1}, dial.CodeTooSlow, 0, 10 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c.body.ended = make(chan struct{})
				start := time.Now()
				got, err := io.ReadAll(dial.MinRate(c.body, 1000, 10, 10*time.Second))
				if len(got) != c.n || time.Since(start) != c.took {
					t.Errorf("%d bytes after %v, want %d after %v", len(got), time.Since(start), c.n, c.took)
				}
				if c.code == "" && err != nil || c.code != "" && report.CodeOf(err) != c.code {
					t.Errorf("ended with %v, want %q", err, c.code)
				}
			})
		})
	}
}

func TestABusyReaderIsNotASlowBody(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		body := dial.MinRate(&drip{left: 5, ended: make(chan struct{})}, 1000, 10, time.Second)
		for range 5 {
			if _, err := body.Read(make([]byte, 10)); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Minute)
		}
	})
}

func TestSizeWhileReading(t *testing.T) {
	t.Parallel()
	for _, size := range []int{0, 9, 10, 11, 5000} {
		body := io.NopCloser(iotest.HalfReader(strings.NewReader(strings.Repeat("x", size))))
		got, err := io.ReadAll(dial.MinRate(body, 10, 1, time.Minute))
		if size <= 10 && (err != nil || len(got) != size) {
			t.Errorf("%d bytes of 10: %d, %v", size, len(got), err)
		}
		if size > 10 && (len(got) > 10 || report.CodeOf(err) != dial.CodeTooLarge || report.ClassOf(err) != report.Lying) {
			t.Errorf("%d bytes of 10: %d, %v", size, len(got), err)
		}
	}
}
