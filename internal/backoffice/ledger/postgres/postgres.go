package postgres

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/ledger/search"
)

// The errors of this package's own.
var (
	// ErrClosed is the answer of a ledger that was closed.
	ErrClosed = errors.New("the ledger is closed")
	// ErrUnknown says that the database went away during a commit and could not
	// be asked what became of it.
	ErrUnknown = errors.New("it is not known whether the ledger kept it")
)

// The times and sizes of the traffic with the database.
const (
	connectTime = 5 * time.Second
	answerTime  = 30 * time.Second // of a whole transaction
	usualConns  = 16
	// A third of the connections read: readings are short, changes wait for the disk.
	readersShare = 3
)

// Config says where the ledger lies.
type Config struct {
	URL    string           // postgres://user@host/database?…; the password may be in a passfile it names
	Now    func() time.Time // for tests; nil: the database's clock
	Logger *slog.Logger     // nil: silent
	Conns  int              // connections at most, at least 2; 0: 16
}

// Ledger implements ledger.Ledger.
type Ledger struct {
	writing *pgxpool.Pool
	reading *pgxpool.Pool // of its own: a fn of Update may call View
	clock   *clock        // nil: the database's
	logger  *slog.Logger
	// patience is how long a database that is away is waited for when the answer
	// to a commit was lost.
	patience time.Duration
	filler   *search.Filler // nil: there is nothing to fill
	closed   atomic.Bool
	closing  sync.Once
}

var _ ledger.Ledger = (*Ledger)(nil)

// Open connects and brings the tables to the newest version; processes that
// start together wait for each other there.
func Open(ctx context.Context, c Config) (*Ledger, error) {
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	config, err := poolConfig(c)
	if err != nil {
		return nil, err
	}
	l := &Ledger{logger: c.Logger, patience: patience}
	if c.Now != nil {
		l.clock = &clock{read: c.Now}
	}
	if err := l.open(ctx, config); err != nil {
		_ = l.Close()
		return nil, fmt.Errorf("open the ledger at %s: %w", place(config.ConnConfig), oneLine{err})
	}
	return l, nil
}

// place names the database for the person who reads a refusal.
func place(c *pgx.ConnConfig) string {
	return net.JoinHostPort(c.Host, strconv.Itoa(int(c.Port))) + "/" + c.Database
}

// oneLine is an error for a person: the driver gives each address tried a line.
type oneLine struct{ error }

func (e oneLine) Error() string { return strings.Join(strings.Fields(e.error.Error()), " ") }
func (e oneLine) Unwrap() error { return e.error }

func (l *Ledger) open(ctx context.Context, config *pgxpool.Config) (err error) {
	readers := config.Copy()
	readers.MaxConns = max(1, config.MaxConns/readersShare)
	if l.reading, err = pgxpool.NewWithConfig(context.WithoutCancel(ctx), readers); err != nil {
		return err
	}
	if err := l.durable(ctx); err != nil {
		return err
	}
	if err := l.migrate(ctx); err != nil {
		return err
	}
	config.MaxConns = max(1, config.MaxConns-readers.MaxConns)
	config.AfterConnect = giveSlot
	if l.writing, err = pgxpool.NewWithConfig(context.WithoutCancel(ctx), config); err != nil {
		return err
	}
	if _, err = l.writing.Exec(ctx, oldSlots); err != nil {
		return err
	}
	return l.startFiller(ctx)
}

// poolConfig reads the URL. What is said of it never holds the password.
func poolConfig(c Config) (*pgxpool.Config, error) {
	config, err := pgxpool.ParseConfig(c.URL)
	if err != nil {
		return nil, fmt.Errorf("read the ledger's URL: %w", err) // pgx leaves the password out
	}
	config.MaxConns = usualConns
	if c.Conns > 0 {
		config.MaxConns = int32(c.Conns)
	}
	config.MaxConnLifetime = time.Hour // far less than a slot is kept
	config.ConnConfig.ConnectTimeout = connectTime
	config.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeCacheStatement
	for name, value := range settings() {
		config.ConnConfig.RuntimeParams[name] = value
	}
	return config, nil
}

// settings are those of each connection.
func settings() map[string]string {
	return map[string]string{
		"application_name":   "peyk",
		"synchronous_commit": "on",
		"timezone":           "UTC",
		// Whoever is stopped within a transaction holds up others no longer than they wait.
		"idle_in_transaction_session_timeout": "10s",
		"lock_timeout":                        "20s",
		"statement_timeout":                   "30s",
		// Each text is planned once per connection and kept: all are of constant shape.
		"plan_cache_mode": "force_generic_plan",
		"jit":             "off",
		// All are made for an index, read in its order. A plan made while the ledger
		// was young and small must do when it is not any more.
		"enable_seqscan":    "off",
		"enable_bitmapscan": "off",
	}
}

// durable warns of a server that was told not to sync.
func (l *Ledger) durable(ctx context.Context) error {
	for _, name := range []string{"fsync", "full_page_writes"} {
		var value string
		if err := l.reading.QueryRow(ctx, "SELECT current_setting($1)", name).Scan(&value); err != nil {
			return err
		}
		if value != "on" {
			l.logger.WarnContext(ctx, "a crash of the database's machine loses what was promised: turn this on", "setting", name, "value", value)
		}
	}
	return nil
}

// Close waits for the transactions under way. It may be called twice.
func (l *Ledger) Close() error {
	l.closing.Do(func() {
		l.filler.Stop()
		l.closed.Store(true)
		for _, pool := range []*pgxpool.Pool{l.reading, l.writing} {
			if pool != nil {
				pool.Close()
			}
		}
	})
	return nil
}

// clock is a test's: whole microseconds, UTC, never going back.
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
