// Package servertest gives tests servers of the queue that can be killed, wiped
// and started again.
//
// Promise: every server has a directory of its own and an address on loopback
// that stays the same; all are gone when the test ends.
//
// Limits: the servers live in the test's process, so what is called killing
// still lets a server say goodbye. Real kills are tested with real processes.
//
// Failure: a server that does not start, or a cluster that does not come
// together within Patience, fails the test.
package servertest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"os"
	"syscall"
	"testing"
	"time"

	"peyk/internal/backoffice/queue/server"
)

// Patience is how long a server or a cluster is waited for.
const Patience = 30 * time.Second

// Host is a server and where it lives.
type Host struct {
	Config server.Config
	t      *testing.T
	srv    *server.Server // nil while it is down
}

// Alone starts a server that is no part of a cluster. The configuration needs
// neither directory, address nor log.
func Alone(t *testing.T, cfg server.Config) *Host {
	t.Helper()
	cfg.Listen = addresses(t, 1)[0]
	h := newHost(t, cfg)
	h.Start()
	return h
}

// Cluster starts n servers that know each other. All have the configuration.
func Cluster(t *testing.T, n int, cfg server.Config) []*Host {
	t.Helper()
	hosts := Apart(t, n, cfg)
	for _, h := range hosts {
		h.Start()
	}
	for _, h := range hosts {
		h.Await()
	}
	return hosts
}

// Apart makes the hosts of a cluster and starts none of them.
func Apart(t *testing.T, n int, cfg server.Config) []*Host {
	t.Helper()
	all := addresses(t, 2*n)
	var hosts []*Host
	for i := range n {
		c := cfg
		c.Name = fmt.Sprintf("server-%d", i+1)
		c.Listen, c.ClusterListen, c.Routes = all[i], all[n+i], all[n:]
		hosts = append(hosts, newHost(t, c))
	}
	return hosts
}

func newHost(t *testing.T, cfg server.Config) *Host {
	cfg.Dir = t.TempDir()
	cfg.Log = slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelInfo})).With("server", cfg.Name)
	h := &Host{Config: cfg, t: t}
	t.Cleanup(h.Kill)
	return h
}

// The ports of servers are below those the system gives to whoever asks for any:
// while a server is down nobody else takes its own, and no test finds another's.
const (
	firstPort = 10_000
	ports     = 20_000
)

// addresses are free ones.
func addresses(t *testing.T, n int) (all []string) {
	t.Helper()
	for len(all) < n {
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", firstPort+rand.IntN(ports)))
		if err != nil {
			continue // taken
		}
		defer l.Close()
		all = append(all, l.Addr().String())
	}
	return all
}

// URL is where clients find the server.
func (h *Host) URL() string { return "nats://" + h.Config.Listen }

// URLs are where clients find the servers.
func URLs(hosts []*Host) (urls []string) {
	for _, h := range hosts {
		urls = append(urls, h.URL())
	}
	return urls
}

// Start starts the server again. Somebody may hold its port for a moment.
func (h *Host) Start() {
	h.t.Helper()
	for limit := time.Now().Add(Patience); ; {
		srv, err := server.Open(context.WithoutCancel(h.t.Context()), h.Config)
		if err == nil {
			h.srv = srv
			return
		}
		if !errors.Is(err, syscall.EADDRINUSE) || time.Now().After(limit) {
			h.t.Fatal(err)
		}
	}
}

// Await waits until the server can keep events.
func (h *Host) Await() {
	h.t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for limit := time.Now().Add(Patience); ; <-tick.C {
		err := h.srv.Ready(h.t.Context())
		if err == nil {
			return
		}
		if time.Now().After(limit) {
			h.t.Fatalf("%s is not ready after %v: %v", h.Config.Name, Patience, err)
		}
	}
}

// Kill ends the server, if it runs.
func (h *Host) Kill() {
	if h.srv != nil {
		h.srv.Kill()
		h.srv = nil
	}
}

// Close ends the server in order.
func (h *Host) Close() {
	h.t.Helper()
	if err := h.srv.Close(context.WithoutCancel(h.t.Context())); err != nil {
		h.t.Error(err)
	}
	h.srv = nil
}

// Wipe removes all a server that is down has kept.
func (h *Host) Wipe() {
	h.t.Helper()
	if err := os.RemoveAll(h.Config.Dir); err != nil {
		h.t.Fatal(err)
	}
}
