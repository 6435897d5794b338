package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"path/filepath"
	"sync"
	"time"

	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/ledger/search"
)

// ErrClosed is the answer of a ledger that was closed.
var ErrClosed = errors.New("the ledger is closed")

// Config says where the ledger lies.
type Config struct {
	Path    string           // of the database file; its directory is made if need be
	Now     func() time.Time // the ledger's clock; nil: the system's
	Logger  *slog.Logger     // nil: silent
	Readers int              // connections for readings; 0: 4
	Engine  Engine           // nil: modernc.org/sqlite on the file system
}

// Ledger implements ledger.Ledger.
type Ledger struct {
	path      string
	engine    Engine
	lock      io.Closer
	writes    *sql.DB // of one connection, the committer's
	reads     *sql.DB
	readers   *readers
	clock     *clock
	committer *committer
	filler    *search.Filler // nil: there is nothing to fill
	closing   sync.Once
}

var _ ledger.Ledger = (*Ledger)(nil)

// Open opens the ledger at c.Path, creates or migrates its tables and starts
// the committer. It fails with ErrLocked when another process has it open.
func Open(ctx context.Context, c Config) (*Ledger, error) {
	c = c.withDefaults()
	if err := c.Engine.Prepare(c.Path); err != nil {
		return nil, fmt.Errorf("open ledger %s: %w", c.Path, err)
	}
	held, err := c.Engine.Lock(c.Path)
	if err != nil {
		return nil, err
	}
	l := &Ledger{path: c.Path, engine: c.Engine, lock: held, clock: &clock{read: c.Now}}
	if err := l.open(ctx, c); err != nil {
		return nil, errors.Join(fmt.Errorf("open ledger %s: %w", c.Path, err), l.release())
	}
	return l, nil
}

func (c Config) withDefaults() Config {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Readers <= 0 {
		c.Readers = 4
	}
	if c.Engine == nil {
		c.Engine = system{}
	}
	return c
}

func (l *Ledger) open(ctx context.Context, c Config) error {
	var err error
	if l.writes, err = l.openDB(writerDSN(c.Path)); err != nil {
		return err
	}
	l.writes.SetMaxOpenConns(1)
	if err := migrate(ctx, l.writes, c.Logger); err != nil {
		return err
	}
	if l.reads, err = l.openDB(readerDSN(c.Path)); err != nil {
		return err
	}
	l.readers = newReaders(l.reads, l.engine, c.Readers)
	wal := newWAL(c.Path, l.readers, l.engine)
	if l.committer, err = startCommitter(newSession(l.writes, l.engine), wal, l.clock, c.Logger); err != nil {
		return err
	}
	if err = l.startFiller(ctx, c); err != nil {
		l.committer.stop()
	}
	return err
}

// Close waits for the changes already given to Update, then closes the files.
// It may be called twice.
func (l *Ledger) Close() error {
	var err error
	l.closing.Do(func() {
		l.filler.Stop()
		l.committer.stop()
		l.readers.close()
		l.committer.abandon() // the last to go folds the WAL into the file
		err = l.release()
	})
	if err != nil {
		return fmt.Errorf("close ledger %s: %w", l.path, err)
	}
	return nil
}

// release closes what is open. The lock goes last.
func (l *Ledger) release() error {
	var errs []error
	for _, db := range []*sql.DB{l.reads, l.writes} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	return errors.Join(append(errs, l.lock.Close())...)
}

func (l *Ledger) openDB(dsn string) (*sql.DB, error) {
	c, err := l.engine.Connector(dsn)
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(c), nil
}

// writerDSN: a move must survive the loss of power, so every commit syncs. The
// WAL is folded in every 4096 pages (16 MiB): the pages many moves share are
// then written once instead of often.
func writerDSN(path string) string {
	return dsn(path, url.Values{
		"_txlock": {"immediate"},
		"_pragma": {
			"busy_timeout(5000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)",
			"wal_autocheckpoint(4096)", "journal_size_limit(67108864)", "cache_size(-32768)", "temp_store(MEMORY)",
		},
	})
}

func readerDSN(path string) string {
	return dsn(path, url.Values{
		"mode":    {"ro"},
		"_pragma": {"busy_timeout(5000)", "foreign_keys(1)", "query_only(1)", "cache_size(-8192)", "temp_store(MEMORY)"},
	})
}

func dsn(path string, q url.Values) string {
	return (&url.URL{Scheme: "file", OmitHost: true, Path: filepath.ToSlash(path), RawQuery: q.Encode()}).String()
}

// clock is the ledger's: whole microseconds, UTC, never going back.
type clock struct {
	read func() time.Time
	mu   sync.Mutex
	last time.Time
}

func (c *clock) now() time.Time {
	t := c.read().UTC().Truncate(time.Microsecond)
	c.mu.Lock()
	defer c.mu.Unlock()
	if t.After(c.last) {
		c.last = t
	}
	return c.last
}
