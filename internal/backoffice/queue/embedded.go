package queue

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

const (
	// liveDir is where the server lives inside Config.Dir; asidePrefix begins
	// the names of former ones, kept for whoever wants to know what happened.
	liveDir     = "live"
	asidePrefix = "aside-"
	asideKept   = 3

	syncInterval = time.Second
	startTimeout = 10 * time.Second
	serverMemory = 32 << 20
	serverStore  = 2 * maxBytes
)

// embedded is a NATS server inside this process. Nobody outside can reach it:
// it has no listener.
type embedded struct {
	dir   string
	log   *slog.Logger
	now   func() time.Time
	srv   *server.Server
	marks []mark
}

// mark remembers which directory stood at a path.
type mark struct {
	path string
	info os.FileInfo
}

func newEmbedded(cfg Config) *embedded {
	return &embedded{dir: cfg.Dir, log: cfg.Log.With("part", "nats"), now: cfg.Now}
}

func (b *embedded) live() string { return filepath.Join(b.dir, liveDir) }

func (b *embedded) start() error {
	if err := os.MkdirAll(b.live(), 0o700); err != nil {
		return err
	}
	srv, err := server.NewServer(&server.Options{
		ServerName:         "peyk",
		DontListen:         true,
		NoSigs:             true,
		JetStream:          true,
		StoreDir:           b.live(),
		SyncInterval:       syncInterval,
		JetStreamMaxMemory: serverMemory,
		JetStreamMaxStore:  serverStore,
	})
	if err != nil {
		return fmt.Errorf("make NATS server: %w", err)
	}
	srv.SetLoggerV2(natsLog{b.log}, false, false, false)
	b.srv = srv
	srv.Start()
	if !srv.JetStreamEnabled() {
		return fmt.Errorf("NATS server has no JetStream on %s", b.live())
	}
	if !srv.ReadyForConnections(startTimeout) {
		return fmt.Errorf("NATS server on %s is not ready after %v", b.live(), startTimeout)
	}
	return nil
}

func (b *embedded) connect() (*nats.Conn, error) {
	conn, err := nats.Connect("", nats.InProcessServer(b.srv), nats.NoReconnect(),
		nats.ErrorHandler(func(_ *nats.Conn, sub *nats.Subscription, err error) {
			if errors.Is(err, nats.ErrSlowConsumer) {
				b.log.Warn("a tap does not keep up and misses events", "subject", sub.Subject)
			}
		}))
	if err != nil {
		return nil, fmt.Errorf("connect to embedded NATS server: %w", err)
	}
	return conn, nil
}

// remember notes the directories the stream lives in now. A removed directory
// does not fail a write, for the files in it stay open: only their looks tell.
func (b *embedded) remember() error {
	b.marks = b.marks[:0]
	for _, path := range []string{
		b.live(),
		filepath.Join(b.live(), server.JetStreamStoreDir, server.DEFAULT_GLOBAL_ACCOUNT, "streams", streamName, "msgs"),
	} {
		info, err := os.Stat(path)
		if err != nil {
			return fmt.Errorf("look at the queue's directory: %w", err)
		}
		b.marks = append(b.marks, mark{path, info})
	}
	return nil
}

// intact tells whether the directories are still those that were remembered.
func (b *embedded) intact() error {
	for _, m := range b.marks {
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
	if b.srv == nil {
		return
	}
	b.srv.Shutdown()
	b.srv.WaitForShutdown()
	b.srv = nil
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
