package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pressly/goose/v3"
	_ "modernc.org/sqlite" // the driver named sqlite

	"peyk/internal/blob"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Config says where a store is and how long it keeps things.
type Config struct {
	Dir       string
	Now       func() time.Time
	NewID     func() string // of webhooks: unique, at most 128 characters, no dots or spaces
	Source    string        // CloudEvents source of the webhooks
	Retention time.Duration // of a finished report; then it expires
	Tombstone time.Duration // how long a tombstone lives; the contract wants at least 30 days
	LockWait  time.Duration // for a predecessor that is still stopping; 0: do not wait
}

// Store is the provider's memory, held by this process alone.
type Store struct {
	*Reader
	cfg    Config
	lock   *os.File
	writer *writer
	queued signal
	outbox signal
	once   sync.Once

	held      atomic.Bool  // a claim waits for those at work to end
	aloneTill atomic.Int64 // until then nothing is begun beside a last try

	reviewFirst bool // what the last claim looked for first; the writer's own
}

// Open takes the directory, makes it if it is missing, brings its tables up to
// date, and sets right what a crash left: jobs being prepared are queued again
// and files of no result are removed. The error for a directory in use is a
// sentence for the operator and wraps ErrLocked.
func Open(ctx context.Context, cfg Config) (*Store, error) {
	if err := os.MkdirAll(cfg.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("open provider store %s: %w", cfg.Dir, err)
	}
	lock, err := lockDir(ctx, cfg.Dir, cfg.LockWait)
	if err != nil {
		return nil, err
	}
	s, err := open(ctx, cfg)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open provider store %s: %w", cfg.Dir, err), unlock(lock))
	}
	s.lock = lock
	return s, nil
}

func open(ctx context.Context, cfg Config) (*Store, error) {
	db, err := openDB(cfg.Dir, true)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1) // SQLite has one writer
	if err := migrate(ctx, db); err != nil {
		db.Close()
		return nil, err
	}
	reader, err := OpenReader(ctx, cfg.Dir, cfg.Now)
	if err != nil {
		db.Close()
		return nil, err
	}
	s := &Store{Reader: reader, cfg: cfg, writer: newWriter(db), queued: newSignal(), outbox: newSignal()}
	if err := s.recover(ctx); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// Close waits for the writes under way and lets the directory go. Closing again
// does nothing.
func (s *Store) Close() (err error) {
	s.once.Do(func() {
		err = errors.Join(s.writer.close(), s.Reader.Close())
		if s.lock != nil {
			err = errors.Join(err, unlock(s.lock))
		}
	})
	return err
}

// Queued receives after a job may have become claimable.
func (s *Store) Queued() <-chan struct{} { return s.queued }

// Outbox receives after a webhook was put into the outbox.
func (s *Store) Outbox() <-chan struct{} { return s.outbox }

// signal holds at most one wake-up: one is enough to look at everything.
type signal chan struct{}

func newSignal() signal { return make(signal, 1) }

func (s signal) raise() {
	select {
	case s <- struct{}{}:
	default:
	}
}

// Reader reads a store, also one another process has open: so the file service
// can be a process of its own.
type Reader struct {
	db    *statements
	blobs *blob.Dir
}

// OpenReader opens the store in dir for reading. The store must exist.
func OpenReader(ctx context.Context, dir string, now func() time.Time) (*Reader, error) {
	db, err := openDB(dir, false)
	if err != nil {
		return nil, err
	}
	if err := db.PingContext(ctx); err != nil {
		db.Close()
		return nil, fmt.Errorf("read provider store %s: %w", dir, err)
	}
	db.SetMaxOpenConns(4)
	db.SetMaxIdleConns(4)
	blobs, err := blob.OpenDir(ctx, filepath.Join(dir, "files"), now)
	if err != nil {
		db.Close()
		return nil, fmt.Errorf("read provider store %s: %w", dir, err)
	}
	return &Reader{db: &statements{db: db, known: map[string]*sql.Stmt{}}, blobs: blobs}, nil
}

// Ping reports whether the store can be read.
func (r *Reader) Ping(ctx context.Context) error {
	if err := r.db.QueryRowContext(ctx, "select 1 from reports limit 0").Err(); err != nil {
		return fmt.Errorf("read provider store: %w", err)
	}
	return nil
}

// Close ends reading. Files that are open stay open.
func (r *Reader) Close() error { return errors.Join(r.db.close(), r.blobs.Close()) }

// openDB opens the database: with full durability (WAL, and a sync at each
// commit) for the writer, and for reading only otherwise. The WAL is folded in
// every 16 MiB: the pages many changes share are then written once. A reader opens it
// read-write all the same, or it could not read while no writer is there to
// hold the shared memory of the WAL.
func openDB(dir string, write bool) (*sql.DB, error) {
	path, err := filepath.Abs(filepath.Join(dir, "provider.db"))
	if err != nil {
		return nil, err
	}
	q := url.Values{
		"_pragma": {"busy_timeout(5000)", "query_only(1)"},
		"mode":    {"rw"},
	}
	if write {
		q = url.Values{
			"_pragma": {"busy_timeout(5000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)", "wal_autocheckpoint(4096)"},
			"_txlock": {"immediate"},
			"mode":    {"rwc"},
		}
	}
	name := url.URL{Scheme: "file", Path: path, RawQuery: q.Encode()}
	db, err := sql.Open("sqlite", name.String())
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	return db, nil
}

func migrate(ctx context.Context, db *sql.DB) error {
	scripts, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, db, scripts)
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}
