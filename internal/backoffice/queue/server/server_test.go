package server_test

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"go.uber.org/goleak"

	"peyk/internal/backoffice/queue/server"
	"peyk/internal/backoffice/queue/server/servertest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func log(t *testing.T) *slog.Logger { return slog.New(slog.NewTextHandler(t.Output(), nil)) }

func write(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// open opens a server that must start.
func open(t *testing.T, cfg server.Config) *server.Server {
	t.Helper()
	cfg.Dir, cfg.Log = t.TempDir(), log(t)
	s, err := server.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Kill)
	return s
}

func TestWhatIsRefused(t *testing.T) {
	t.Parallel()
	cert, key := servertest.NewAuthority(t).Pair(t)
	password := write(t, "hunter2")
	const others = "can be reached from other machines"
	for name, c := range map[string]struct {
		cfg    server.Config
		reason string
	}{
		"plain for all":            {server.Config{Listen: "0.0.0.0:0"}, others},
		"plain for all by no name": {server.Config{Listen: ":0"}, others},
		"password in plain":        {server.Config{Listen: "0.0.0.0:0", PasswordFile: password}, others},
		"TLS for anybody":          {server.Config{Listen: "0.0.0.0:0", Cert: cert, Key: key}, others},
		"plain routes":             {server.Config{Listen: "127.0.0.1:0", ClusterListen: "0.0.0.0:0", Name: "a"}, others},
		"certificate alone":        {server.Config{Listen: "127.0.0.1:0", Cert: cert}, "come together"},
		"no certificate":           {server.Config{Listen: "127.0.0.1:0", Cert: password, Key: key}, password},
		"authority alone":          {server.Config{Listen: "127.0.0.1:0", CA: cert}, "certificate of its own"},
		"no authority":             {server.Config{Listen: "127.0.0.1:0", Cert: cert, Key: key, CA: password}, "no certificate in PEM"},
		"user alone":               {server.Config{Listen: "127.0.0.1:0", User: "peyk"}, "needs a password file"},
		"no password":              {server.Config{Listen: "127.0.0.1:0", PasswordFile: password + "x"}, password + "x"},
		"nameless in a cluster":    {server.Config{Listen: "127.0.0.1:0", ClusterListen: "127.0.0.1:0"}, "needs a name"},
		"name with spaces":         {server.Config{Listen: "127.0.0.1:0", Name: "a b"}, "names have no spaces"},
		"routes to nowhere":        {server.Config{Listen: "127.0.0.1:0", Routes: []string{"127.0.0.1:1"}}, "routes to other servers"},
		"a route that is none":     {server.Config{Listen: "127.0.0.1:0", ClusterListen: "127.0.0.1:0", Name: "a", Routes: []string{"nowhere"}}, "route to another server"},
		"no port":                  {server.Config{Listen: "127.0.0.1"}, "missing port"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.cfg.Dir, c.cfg.Log = t.TempDir(), log(t)
			s, err := server.Open(t.Context(), c.cfg)
			if err == nil {
				s.Kill()
				t.Fatal("opened")
			}
			if !strings.Contains(err.Error(), c.reason) || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("refused with %v, want %q in it and no secret", err, c.reason)
			}
		})
	}
}

func TestWhatMayBeReached(t *testing.T) {
	t.Parallel()
	a := servertest.NewAuthority(t)
	cert, key := a.Pair(t)
	password := write(t, "hunter2")
	for name, cfg := range map[string]server.Config{
		"a private network vouches": {Listen: "0.0.0.0:0", Open: true},
		"TLS and a password":        {Listen: "0.0.0.0:0", Cert: cert, Key: key, PasswordFile: password},
		"TLS and certificates":      {Listen: "0.0.0.0:0", Cert: cert, Key: key, CA: a.File},
		"loopback":                  {Listen: "localhost:0"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := open(t, cfg).Ready(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestWhereItListens(t *testing.T) {
	t.Parallel()
	s := open(t, server.Config{Listen: "127.0.0.1:0"})
	_, err := server.Open(t.Context(), server.Config{Dir: t.TempDir(), Log: log(t), Listen: s.Addr().String()})
	if !errors.Is(err, syscall.EADDRINUSE) {
		t.Errorf("opened where another listens: %v", err)
	}
	alone := open(t, server.Config{})
	if a, c := alone.Addr(), alone.ClusterAddr(); a != nil || c != nil {
		t.Errorf("listens on %v and %v", a, c)
	}
	conn, err := nats.Connect("", nats.InProcessServer(alone))
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
}

func TestNoPlaceToKeepEvents(t *testing.T) {
	t.Parallel()
	s, err := server.Open(t.Context(), server.Config{Dir: write(t, "no directory"), Log: log(t), Listen: "127.0.0.1:0"})
	if err == nil {
		s.Kill()
		t.Error("opened on a file")
	}
}

// However it runs, events are on disk within a second.
func TestEventsAreSyncedEachSecond(t *testing.T) {
	t.Parallel()
	for name, cfg := range map[string]server.Config{"within a process": {}, "alone": {Listen: "127.0.0.1:0"}} {
		if got := open(t, cfg).SyncInterval(); got != time.Second {
			t.Errorf("%s: synced each %v", name, got)
		}
	}
}

// A server of a cluster is ready when most of the cluster is, and no longer.
func TestReady(t *testing.T) {
	t.Parallel()
	hosts := servertest.Apart(t, 3, server.Config{})
	first := open(t, hosts[0].Config)
	if err := first.Ready(t.Context()); err == nil {
		t.Error("ready before the others were there")
	}
	hosts[1].Start()
	hosts[2].Start()
	hosts[1].Await()
	if err := first.Close(context.WithoutCancel(t.Context())); err != nil {
		t.Error(err)
	}
	if err := first.Ready(t.Context()); err == nil {
		t.Error("ready after it was closed")
	}
}

func TestCloseGivesUpAtItsLimit(t *testing.T) {
	t.Parallel()
	hosts := servertest.Cluster(t, 3, server.Config{})
	hosts[0].Kill()
	s := open(t, hosts[0].Config)
	conn, err := nats.Connect(s.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	now, cancel := context.WithCancel(t.Context())
	cancel()
	begun := time.Now()
	if err := s.Close(now); !errors.Is(err, context.Canceled) || time.Since(begun) > time.Second {
		t.Errorf("closed after %v with %v", time.Since(begun), err)
	}
}

// Servers find each other over TLS, known by a secret or by certificates.
func TestGuardedCluster(t *testing.T) {
	t.Parallel()
	a := servertest.NewAuthority(t)
	cert, key := a.Pair(t)
	password := write(t, "hunter2")
	for name, cfg := range map[string]server.Config{
		"user":         {Cert: cert, Key: key, CA: a.File, User: "paul", PasswordFile: password},
		"token":        {Cert: cert, Key: key, CA: a.File, PasswordFile: password},
		"certificates": {Cert: cert, Key: key, CA: a.File},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			servertest.Cluster(t, 3, cfg)
		})
	}
}

// A server that does not know the secret stays outside.
func TestAStrangerStaysOutside(t *testing.T) {
	t.Parallel()
	hosts := servertest.Apart(t, 2, server.Config{PasswordFile: write(t, "hunter2")})
	refused := make(chan struct{}, 1)
	hosts[0].Config.Log = slog.New(listener{heard: refused, words: "Authorization Violation"})
	hosts[1].Config.PasswordFile = write(t, "hunter3")
	hosts[0].Start()
	hosts[1].Start()
	select {
	case <-refused:
	case <-time.After(servertest.Patience):
		t.Fatal("nobody was refused")
	}
}

// listener is a log that tells when it hears certain words.
type listener struct {
	heard chan struct{}
	words string
}

func (l listener) Enabled(context.Context, slog.Level) bool { return true }
func (l listener) WithAttrs([]slog.Attr) slog.Handler       { return l }
func (l listener) WithGroup(string) slog.Handler            { return l }
func (l listener) Handle(_ context.Context, r slog.Record) error {
	if strings.Contains(strings.ToLower(r.Message), strings.ToLower(l.words)) {
		select {
		case l.heard <- struct{}{}:
		default:
		}
	}
	return nil
}

// A changed certificate counts for the next who connects.
func TestCertificateIsRenewed(t *testing.T) {
	t.Parallel()
	old, next := servertest.NewAuthority(t), servertest.NewAuthority(t)
	cert, key := old.Pair(t)
	s := open(t, server.Config{Listen: "127.0.0.1:0", Cert: cert, Key: key, PasswordFile: write(t, "hunter2")})
	dial := func(a *servertest.Authority) error {
		conn, err := nats.Connect("tls://"+s.Addr().String(), nats.RootCAs(a.File), nats.Token("hunter2"))
		if err == nil {
			conn.Close()
		}
		return err
	}
	if err := dial(old); err != nil {
		t.Fatal(err)
	}
	newCert, newKey := next.Pair(t)
	if err := errors.Join(os.Rename(newCert, cert), os.Rename(newKey, key)); err != nil {
		t.Fatal(err)
	}
	if err := dial(next); err != nil {
		t.Error(err)
	}
	if dial(old) == nil {
		t.Error("the old authority still vouches for it")
	}
}
