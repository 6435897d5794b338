// Package pgtest runs a real PostgreSQL for tests.
//
// Promise: a server of this process's own, in a temporary directory, on a free
// port of loopback, that can be stopped, killed and started again, and any
// number of fresh databases on it. It and its files go with Close.
//
// Limits: Debian's or another PostgreSQL from version 13 on must be installed;
// under root the server runs as the user postgres or nobody, for it refuses
// root.
//
// Failure: every error names the program that failed and what it said.
package pgtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// Options of a server. The zero value is durable.
type Options struct {
	NoSync bool // for tests that are about something else
}

// Server is a running PostgreSQL.
type Server struct {
	dir       string
	port      int
	bin       string
	runAs     *syscall.Credential // nil: as we are
	sync      bool
	databases atomic.Int64
}

// Start makes a cluster and starts it.
func Start(ctx context.Context, o Options) (*Server, error) {
	s := &Server{sync: !o.NoSync}
	if err := s.make(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("make a PostgreSQL: %w", err), s.remove())
	}
	if err := s.Start(ctx); err != nil {
		return nil, errors.Join(err, s.remove())
	}
	return s, nil
}

func (s *Server) make(ctx context.Context) (err error) {
	if s.bin, err = binaries(); err != nil {
		return err
	}
	if s.runAs, err = unprivileged(); err != nil {
		return err
	}
	if s.port, err = freePort(ctx); err != nil {
		return err
	}
	// Not under TMPDIR: another user must be able to reach it.
	if s.dir, err = os.MkdirTemp("/tmp", "peyk-postgres-"); err != nil {
		return err
	}
	if s.runAs != nil {
		if err := os.Chown(s.dir, int(s.runAs.Uid), int(s.runAs.Gid)); err != nil {
			return err
		}
	}
	return s.run(ctx, "initdb", "--pgdata", s.data(), "--username", "peyk", "--auth", "trust", "--encoding", "UTF8", "--no-sync", "--no-locale")
}

// binaries finds the directory of the server's programs: Debian has one for
// each version, outside the path.
func binaries() (string, error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil {
		return "", err
	}
	if len(found) > 0 {
		return filepath.Dir(slices.Max(found)), nil
	}
	path, err := exec.LookPath("initdb")
	if err != nil {
		return "", fmt.Errorf("PostgreSQL is not installed: %w", err)
	}
	return filepath.Dir(path), nil
}

// unprivileged is whom the server runs as.
func unprivileged() (*syscall.Credential, error) {
	if os.Getuid() != 0 {
		return nil, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		u, err = user.Lookup("nobody")
	}
	if err != nil {
		return nil, err
	}
	uid, err1 := strconv.ParseUint(u.Uid, 10, 32)
	gid, err2 := strconv.ParseUint(u.Gid, 10, 32)
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, errors.Join(err1, err2)
}

func freePort(ctx context.Context) (int, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	return l.Addr().(*net.TCPAddr).Port, l.Close()
}

func (s *Server) data() string { return filepath.Join(s.dir, "data") }

// run runs one of the server's programs to its end.
func (s *Server) run(ctx context.Context, program string, args ...string) error {
	cmd := exec.CommandContext(ctx, filepath.Join(s.bin, program), args...)
	cmd.Dir = s.dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: s.runAs, Setpgid: true}
	cmd.WaitDelay = time.Second // the server inherits the output
	out := &bytes.Buffer{}
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Run(); err != nil && !errors.Is(err, exec.ErrWaitDelay) {
		return fmt.Errorf("%s %v: %w\n%s", program, args, err, out)
	}
	return nil
}

// Start starts a server that was stopped or killed, on the same port.
func (s *Server) Start(ctx context.Context) error {
	options := fmt.Sprintf("-p %d -k '' -c listen_addresses=127.0.0.1 -c max_connections=300 -c shared_buffers=64MB -c max_wal_size=256MB", s.port)
	if !s.sync {
		options += " -c fsync=off -c synchronous_commit=off -c full_page_writes=off"
	}
	if err := s.run(ctx, "pg_ctl", "start", "-w", "-t", "30", "-s", "-D", s.data(), "-l", filepath.Join(s.dir, "log"), "-o", options); err != nil {
		log, _ := os.ReadFile(filepath.Join(s.dir, "log")) // it is a help, no more
		return fmt.Errorf("start PostgreSQL: %w\n%s", err, log)
	}
	return nil
}

// Stop ends the server: transactions under way are broken off; immediate leaves
// like a crash, and the next start recovers.
func (s *Server) Stop(ctx context.Context, immediate bool) error {
	mode := "fast"
	if immediate {
		mode = "immediate"
	}
	return s.run(ctx, "pg_ctl", "stop", "-w", "-t", "30", "-s", "-D", s.data(), "-m", mode)
}

// Close ends the server and removes its files.
func (s *Server) Close(ctx context.Context) error {
	return errors.Join(s.Stop(ctx, true), s.remove())
}

func (s *Server) remove() error {
	if s.dir == "" {
		return nil
	}
	return os.RemoveAll(s.dir)
}

// Port is where it listens on 127.0.0.1.
func (s *Server) Port() int { return s.port }

// Database makes an empty one and gives its URL.
func (s *Server) Database(ctx context.Context) (string, error) {
	conn, err := pgx.Connect(ctx, s.url("postgres"))
	if err != nil {
		return "", fmt.Errorf("make a database: %w", err)
	}
	defer conn.Close(ctx)
	name := fmt.Sprintf("peyk_%d", s.databases.Add(1))
	if _, err := conn.Exec(ctx, "CREATE DATABASE "+name); err != nil {
		return "", fmt.Errorf("make the database %s: %w", name, err)
	}
	return s.url(name), nil
}

func (s *Server) url(database string) string {
	return fmt.Sprintf("postgres://peyk@127.0.0.1:%d/%s?sslmode=disable", s.port, database)
}
