package queue

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"

	"peyk/internal/backoffice/queue/server"
)

const (
	// liveDir is where the server lives inside Config.Dir; asidePrefix begins
	// the names of former ones, kept for whoever wants to know what happened.
	liveDir     = "live"
	asidePrefix = "aside-"
	asideKept   = 3
)

// embedded is a NATS server inside this process. Nobody outside can reach it:
// it has no listener.
type embedded struct {
	dir  string
	log  *slog.Logger
	now  func() time.Time
	srv  *server.Server
	conn *nats.Conn

	mu    sync.Mutex // guards what intact looks at
	given *nats.Conn
	marks []mark
}

// mark remembers which directory stood at a path.
type mark struct {
	path string
	info os.FileInfo
}

func newEmbedded(cfg Config) *embedded {
	return &embedded{dir: cfg.Dir, log: cfg.Log, now: cfg.Now}
}

func (b *embedded) String() string { return b.dir }

func (b *embedded) live() string { return filepath.Join(b.dir, liveDir) }

// connect starts the server and connects to it.
func (b *embedded) connect() (*nats.Conn, error) {
	var err error
	if b.srv, err = server.Open(context.Background(), server.Config{Dir: b.live(), Log: b.log}); err != nil {
		return nil, err
	}
	b.conn, err = nats.Connect("", nats.InProcessServer(b.srv), nats.NoReconnect(), slowTaps(b.log))
	if err != nil {
		return nil, fmt.Errorf("connect to embedded NATS server: %w", err)
	}
	return b.conn, nil
}

// slowTaps says when a tap misses events.
func slowTaps(log *slog.Logger) nats.Option {
	return nats.ErrorHandler(func(_ *nats.Conn, sub *nats.Subscription, err error) {
		if errors.Is(err, nats.ErrSlowConsumer) {
			log.Warn("a tap does not keep up and misses events", "subject", sub.Subject)
		}
	})
}

// settled notes the directories the stream lives in now. A removed directory
// does not fail a write, for the files in it stay open: only their looks tell.
func (b *embedded) settled() error {
	var marks []mark
	for _, path := range []string{b.live(), server.Messages(b.live(), streamName)} {
		info, err := os.Stat(path)
		if err != nil {
			return fmt.Errorf("look at the queue's directory: %w", err)
		}
		marks = append(marks, mark{path, info})
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.given, b.marks = b.conn, marks
	return nil
}

// intact tells whether the directories are still those that were noted.
func (b *embedded) intact() error {
	b.mu.Lock()
	given, marks := b.given, b.marks
	b.mu.Unlock()
	if given.IsClosed() {
		return nats.ErrConnectionClosed
	}
	for _, m := range marks {
		info, err := os.Stat(m.path)
		if err != nil {
			return fmt.Errorf("look at the queue's directory: %w", err)
		}
		if !os.SameFile(info, m.info) {
			return fmt.Errorf("%s was replaced by another directory", m.path)
		}
	}
	return nil
}

func (b *embedded) shutdown() {
	if b.conn != nil {
		b.conn.Close()
		b.conn = nil
	}
	if b.srv != nil {
		b.srv.Kill()
		b.srv = nil
	}
}

// renew begins anew on a fresh directory: the former one is not to be trusted.
func (b *embedded) renew() error {
	b.shutdown()
	return b.setAside()
}

// setAside makes room for a fresh directory. Of the former ones the newest few
// are kept, so that a queue that goes on failing does not fill the disk.
func (b *embedded) setAside() error {
	if _, err := os.Stat(b.live()); err == nil {
		name := asidePrefix + b.now().UTC().Format("20060102T150405.000000")
		if err := os.Rename(b.live(), filepath.Join(b.dir, name)); err != nil {
			return fmt.Errorf("set the queue's directory aside: %w", err)
		}
	}
	entries, err := os.ReadDir(b.dir)
	if err != nil {
		if errors.Is(err, os.ErrNotExist) {
			return nil // the whole directory was wiped; start makes it
		}
		return fmt.Errorf("list former directories of the queue: %w", err)
	}
	former := slices.DeleteFunc(entries, func(e os.DirEntry) bool {
		return !strings.HasPrefix(e.Name(), asidePrefix)
	})
	for len(former) > asideKept { // sorted by name, thus by time
		if err := os.RemoveAll(filepath.Join(b.dir, former[0].Name())); err != nil {
			return fmt.Errorf("remove a former directory of the queue: %w", err)
		}
		former = former[1:]
	}
	return nil
}
