package postgres

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"peyk/internal/backoffice/ledger"
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
)

// Config says where the ledger lies.
type Config struct {
	URL    string           // postgres://user@host/database?…; the password may be in a passfile it names
	Now    func() time.Time // for tests; nil: the database's clock
	Logger *slog.Logger     // nil: silent
	Conns  int              // connections at most; 0: 16
}

// Ledger implements ledger.Ledger.
type Ledger struct {
	pool    *pgxpool.Pool
	clock   *clock // nil: the database's
	logger  *slog.Logger
	closed  atomic.Bool
	closing sync.Once
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
	pool, err := pgxpool.NewWithConfig(context.WithoutCancel(ctx), config)
	if err != nil {
		return nil, fmt.Errorf("open the ledger: %w", err)
	}
	l := &Ledger{pool: pool, logger: c.Logger}
	if c.Now != nil {
		l.clock = &clock{read: c.Now}
	}
	where := config.ConnConfig.Host + "/" + config.ConnConfig.Database
	for _, step := range []func(context.Context) error{l.durable, l.migrate} {
		if err := step(ctx); err != nil {
			pool.Close()
			return nil, fmt.Errorf("open the ledger at %s: %w", where, err)
		}
	}
	return l, nil
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
	config.ConnConfig.ConnectTimeout = connectTime
	config.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeCacheStatement
	for name, value := range map[string]string{
		"application_name":                    "peyk",
		"synchronous_commit":                  "on",
		"statement_timeout":                   "30s",
		"idle_in_transaction_session_timeout": "60s",
		"timezone":                            "UTC",
		// Each text is planned once per connection and kept: all are of constant shape.
		"plan_cache_mode": "force_generic_plan",
	} {
		config.ConnConfig.RuntimeParams[name] = value
	}
	return config, nil
}

// durable refuses a server that was told not to sync.
func (l *Ledger) durable(ctx context.Context) error {
	var fsync string
	if err := l.pool.QueryRow(ctx, "SHOW fsync").Scan(&fsync); err != nil {
		return err
	}
	if fsync != "on" {
		l.logger.WarnContext(ctx, "the database does not sync (fsync is off): a crash of its machine loses what was promised")
	}
	return nil
}

// Close waits for the transactions under way. It may be called twice.
func (l *Ledger) Close() error {
	l.closing.Do(func() {
		l.closed.Store(true)
		l.pool.Close()
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
