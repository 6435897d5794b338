// Package server runs a NATS server with JetStream: within a process and for it
// alone, as a process of its own for many, or as one of a cluster.
//
// Promise: however it runs, events are kept the same way: written before they
// are acknowledged, synced to disk once a second. Off loopback it listens only
// with TLS and where those who connect are known, by a password or by their
// certificates, unless Config.Open says that a private network vouches for them.
// Certificate and passwords are read at each connection, so a changed file
// counts at once.
//
// Limits: events take at most Store bytes on disk. It serves one company: whoever
// is let in may do everything. Its options are those of Config and no more; a
// company that wants accounts, leaf nodes or a monitor of NATS runs a server of
// its own and names it to package queue.
//
// Failure: Open fails for a wrong configuration, an address that is taken and a
// directory JetStream does not start on. A server of a cluster opens before it
// has met the others; Ready tells when they are enough to work.
package server

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"time"

	nats "github.com/nats-io/nats-server/v2/server"
)

const (
	startTimeout = 10 * time.Second

	// What a server of a cluster takes to leave: its clients are told and have
	// all gone to another one by lameDuck.
	lameDuck = 2 * time.Second
	lameWait = 100 * time.Millisecond
)

// Server is a running NATS server.
type Server struct {
	srv       *nats.Server
	clustered bool
}

// Open starts a server. It returns when the server takes connections.
func Open(ctx context.Context, cfg Config) (*Server, error) {
	if err := cfg.settle(); err != nil {
		return nil, fmt.Errorf("queue server: %w", err)
	}
	if err := os.MkdirAll(cfg.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("queue server: make its directory: %w", err)
	}
	for _, addr := range []string{cfg.Listen, cfg.ClusterListen} {
		if err := free(ctx, addr); err != nil {
			return nil, fmt.Errorf("queue server: %w", err)
		}
	}
	o, err := options(cfg)
	if err != nil {
		return nil, fmt.Errorf("queue server: %w", err)
	}
	srv, err := nats.NewServer(o)
	if err != nil {
		return nil, fmt.Errorf("queue server: make NATS server: %w", err)
	}
	srv.SetLoggerV2(natsLog{cfg.Log.With("part", "nats")}, false, false, false)
	s := &Server{srv: srv, clustered: cfg.ClusterListen != ""}
	srv.Start()
	if err := s.started(cfg); err != nil {
		s.Kill()
		return nil, fmt.Errorf("queue server: %w", err)
	}
	return s, nil
}

// free asks whether the address can be had. The server itself says of one that
// is taken only that it is not ready.
func free(ctx context.Context, addr string) error {
	if addr == "" {
		return nil
	}
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", addr)
	if err != nil {
		return err
	}
	return l.Close()
}

func (s *Server) started(cfg Config) error {
	if !s.srv.JetStreamEnabled() {
		return fmt.Errorf("NATS server has no JetStream on %s", cfg.Dir)
	}
	if !s.srv.ReadyForConnections(startTimeout) {
		return fmt.Errorf("NATS server on %s is not ready after %v", cfg.Dir, startTimeout)
	}
	return nil
}

// Addr is where clients connect; nil when it does not listen.
func (s *Server) Addr() net.Addr { return s.srv.Addr() }

// ClusterAddr is where the other servers of the cluster connect; nil without
// one.
func (s *Server) ClusterAddr() net.Addr {
	if a := s.srv.ClusterAddr(); a != nil {
		return a
	}
	return nil
}

// InProcessConn connects from within this process.
func (s *Server) InProcessConn() (net.Conn, error) { return s.srv.InProcessConn() }

// Ready tells whether events can be kept now, and why not: in a cluster, most
// servers have to be there and this one up to date.
func (s *Server) Ready(context.Context) error {
	if !s.srv.Running() {
		return errors.New("queue server: it has ended")
	}
	if h := s.srv.Healthz(&nats.HealthzOptions{JSMetaOnly: true}); h.Error != "" {
		return fmt.Errorf("queue server: %s", h.Error)
	}
	return nil
}

// Close ends the server. In a cluster it first hands what it leads to the
// others and sends its clients to them. When ctx ends first it leaves at once.
func (s *Server) Close(ctx context.Context) error {
	done := make(chan struct{})
	go func() {
		defer close(done)
		if s.clustered {
			s.srv.LameDuckShutdown()
		}
		s.Kill()
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		s.srv.Shutdown()
		return fmt.Errorf("close queue server: %w", ctx.Err())
	}
}

// Kill ends the server without any courtesy and waits until it is gone.
func (s *Server) Kill() {
	s.srv.Shutdown()
	s.srv.WaitForShutdown()
}

// Messages is the directory the events of a stream lie in.
func Messages(dir, stream string) string {
	return filepath.Join(dir, nats.JetStreamStoreDir, nats.DEFAULT_GLOBAL_ACCOUNT, "streams", stream, "msgs")
}
