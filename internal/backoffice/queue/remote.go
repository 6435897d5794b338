package queue

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
)

const (
	// dialTimeout bounds reaching one server, pingEvery is how soon one that
	// went silent is missed, after two pings.
	dialTimeout = 2 * time.Second
	pingEvery   = 5 * time.Second

	// The pause after none of the servers could be had; as much again, by
	// chance, keeps the processes of a company from coming back all at once.
	reconnectWait   = 250 * time.Millisecond
	reconnectJitter = 250 * time.Millisecond
)

// remote is servers outside this process. A connection that is lost finds its
// way back by itself, for as long as it takes, and then begins a new session:
// nobody knows what became of the stream meanwhile.
type remote struct {
	at      External
	log     *slog.Logger
	changed func()

	mu     sync.Mutex
	conn   *nats.Conn // nil at first
	ways   uint64     // how often conn had found its way back when it was given
	reason error      // why it did not at the last try
}

func newRemote(cfg Config, changed func()) *remote {
	return &remote{at: *cfg.External, log: cfg.Log, changed: changed}
}

func (r *remote) String() string { return fmt.Sprint(r.at.URLs) }

// connect gives the connection there is, or makes the first.
func (r *remote) connect() (*nats.Conn, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.conn == nil || r.conn.IsClosed() {
		conn, err := nats.Connect("", append(r.at.security(), r.options()...)...)
		if err != nil {
			return nil, r.at.plainly(err)
		}
		r.conn = conn
	}
	if !r.conn.IsConnected() {
		return nil, r.lost()
	}
	r.ways, r.reason = r.conn.Stats().Reconnects, nil
	return r.conn, nil
}

// options are those that are not about security.
func (r *remote) options() []nats.Option {
	return []nats.Option{
		func(o *nats.Options) error { o.Servers = r.at.URLs; return nil },
		nats.Name(ourName()),
		nats.Timeout(dialTimeout),
		nats.PingInterval(pingEvery),
		nats.MaxReconnects(-1),
		nats.ReconnectWait(reconnectWait),
		nats.ReconnectJitter(reconnectJitter, reconnectJitter),
		nats.IgnoreAuthErrorAbort(), // the secret may be put right
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) { r.notice(err); r.changed() }),
		nats.ReconnectErrHandler(func(_ *nats.Conn, err error) { r.notice(err) }),
		nats.ReconnectHandler(func(*nats.Conn) { r.changed() }),
		nats.ErrorHandler(r.heard),
	}
}

// ourName is how those who look after the servers see us.
func ourName() string {
	host, err := os.Hostname()
	if err != nil {
		host = "a host without a name"
	}
	return fmt.Sprintf("peyk on %s, process %d", host, os.Getpid())
}

// heard is what goes wrong beside what is being asked.
func (r *remote) heard(_ *nats.Conn, sub *nats.Subscription, err error) {
	switch {
	case errors.Is(err, nats.ErrSlowConsumer):
		r.log.Warn("a tap does not keep up and misses events", "subject", sub.Subject)
	case sub == nil: // about the connection: they refuse us
		r.notice(err)
	}
}

// notice remembers why there is no way.
func (r *remote) notice(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.reason = err
}

// lost is called with mu held.
func (r *remote) lost() error { return r.at.plainly(r.reason) }

// errOtherWay ends a session whose connection was lost and found again.
var errOtherWay = errors.New("the connection was lost and found again")

func (r *remote) intact() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case !r.conn.IsConnected():
		return r.lost()
	case r.conn.Stats().Reconnects != r.ways:
		return errOtherWay
	}
	return nil
}

func (r *remote) settled() error { return nil }

// renew gives up a connection that works while what lies behind it does not: by
// another, another server may do better. One that is being found again, or was
// just now, is kept, and what was fetched by it with it.
func (r *remote) renew() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.conn != nil && r.conn.IsConnected() && r.conn.Stats().Reconnects == r.ways {
		r.conn.Close()
	}
	return nil
}

func (r *remote) shutdown() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.conn != nil {
		r.conn.Close()
	}
}
