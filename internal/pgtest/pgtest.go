// Package pgtest runs a real PostgreSQL for tests.
//
// Promise: a server of this process's own, in a temporary directory, on a free
// port of loopback and a Unix socket, that can be stopped, killed and started
// again, and any number of fresh databases on it, empty or copies of another. It
// and its files go with Close; on Linux the server also ends when the process
// does, however that ends.
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
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// Options of a server. The zero value is durable.
type Options struct {
	// NoSync is for tests that are not about the loss of power. What is committed
	// still survives every end of the server's processes. Nothing runs in the
	// background: there is no autovacuum.
	NoSync bool
}

// Server is a running PostgreSQL.
type Server struct {
	dir       string
	port      int
	bin       string
	runAs     *syscall.Credential // nil: as we are
	sync      bool
	running   *running // nil: it is stopped
	databases atomic.Int64
	admin     admin
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
	if s.dir, err = os.MkdirTemp(s.home(), "peyk-postgres-"); err != nil {
		return err
	}
	if s.runAs != nil {
		if err := os.Chown(s.dir, int(s.runAs.Uid), int(s.runAs.Gid)); err != nil {
			return err
		}
	}
	return s.run(ctx, "initdb", "--pgdata", s.data(), "--username", "peyk", "--auth", "trust", "--encoding", "UTF8", "--no-sync", "--no-locale")
}

// home is where the server's files go. Not under TMPDIR: another user must be
// able to reach it. What need not be synced need not be on a disk either: making
// a database is making hundreds of files.
func (s *Server) home() string {
	const memory = "/dev/shm"
	if st, err := os.Stat(memory); err == nil && st.IsDir() && !s.sync {
		return memory
	}
	return "/tmp"
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
	cmd.SysProcAttr = s.attributes()
	out := &bytes.Buffer{}
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s %v: %w\n%s", program, args, err, out)
	}
	return nil
}

// Start starts a server that was stopped or killed, on the same port.
func (s *Server) Start(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	for {
		err := s.start(ctx)
		if err == nil || ctx.Err() != nil || !strings.Contains(err.Error(), "still in use") {
			return err
		}
		rest(ctx) // the children of one that was killed have not ended yet
	}
}

// startTime bounds a start, with the recovery after a crash.
const startTime = 30 * time.Second

func rest(ctx context.Context) {
	t := time.NewTimer(20 * time.Millisecond)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

func (s *Server) start(ctx context.Context) error {
	log, err := os.Create(filepath.Join(s.dir, "log"))
	if err != nil {
		return fmt.Errorf("start PostgreSQL: %w", err)
	}
	defer log.Close()                                                       // the server has its own
	cmd := exec.Command(filepath.Join(s.bin, "postgres"), s.arguments()...) //nolint:noctx // it outlives the call
	cmd.Dir, cmd.Stdout, cmd.Stderr = s.dir, log, log
	cmd.SysProcAttr = s.attributes()
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start PostgreSQL: %w", err)
	}
	r := &running{process: cmd.Process, ended: make(chan struct{})}
	go func() { _ = cmd.Wait(); close(r.ended) }() // how it ended is in its log
	s.running = r
	if err := s.untilReady(ctx); err != nil {
		said, _ := os.ReadFile(log.Name()) // it is a help, no more
		return fmt.Errorf("start PostgreSQL: %w\n%s", err, said)
	}
	return nil
}

// running is the server's first process.
type running struct {
	process *os.Process
	ended   chan struct{}
}

func (s *Server) arguments() []string {
	args := []string{"-D", s.data(), "-p", strconv.Itoa(s.port), "-k", s.dir}
	settings := []string{
		"listen_addresses=127.0.0.1", "max_connections=300", "shared_buffers=64MB", "max_wal_size=256MB",
		"deadlock_timeout=100ms", // tests meet deadlocks on purpose
	}
	if !s.sync {
		settings = append(settings, "fsync=off", "synchronous_commit=off", "full_page_writes=off",
			"wal_level=minimal", "max_wal_senders=0", "autovacuum=off", "checkpoint_timeout=1h", "bgwriter_lru_maxpages=0")
	}
	for _, setting := range settings {
		args = append(args, "-c", setting)
	}
	return args
}

// untilReady returns once the server takes connections.
func (s *Server) untilReady(ctx context.Context) error {
	for {
		conn, err := pgx.Connect(ctx, s.url("postgres"))
		if err == nil {
			return conn.Close(ctx)
		}
		select {
		case <-s.running.ended:
			return errors.New("it ended")
		case <-ctx.Done():
			return errors.Join(ctx.Err(), err)
		default:
			rest(ctx)
		}
	}
}

// Stop ends the server: transactions under way are broken off; immediate leaves
// like a crash, and the next start recovers.
func (s *Server) Stop(ctx context.Context, immediate bool) error {
	if immediate {
		return s.end(ctx, syscall.SIGQUIT)
	}
	return s.end(ctx, syscall.SIGINT)
}

// Kill ends the server's first process without a word. Its children notice.
func (s *Server) Kill(ctx context.Context) error { return s.end(ctx, syscall.SIGKILL) }

func (s *Server) end(ctx context.Context, by syscall.Signal) error {
	if s.running == nil {
		return nil
	}
	if err := s.running.process.Signal(by); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("stop PostgreSQL: %w", err)
	}
	select {
	case <-s.running.ended:
		s.running = nil
		return nil
	case <-ctx.Done():
		return fmt.Errorf("stop PostgreSQL: %w", ctx.Err())
	}
}

// PID is that of the server's first process, the parent of all others; 0 while
// there is none.
func (s *Server) PID() int {
	if s.running == nil {
		return 0
	}
	return s.running.process.Pid
}

// Socket is the directory of its Unix socket.
func (s *Server) Socket() string { return s.dir }

// Close ends the server and removes its files.
func (s *Server) Close(ctx context.Context) error {
	s.admin.close(ctx)
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

func (s *Server) url(database string) string {
	return fmt.Sprintf("postgres://peyk@127.0.0.1:%d/%s?sslmode=disable", s.port, database)
}
