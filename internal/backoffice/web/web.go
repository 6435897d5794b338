package web

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/alexedwards/scs/v2"

	"peyk/internal/backoffice/access"
	"peyk/internal/backoffice/event"
	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/web/api"
	"peyk/internal/backoffice/web/asset"
	"peyk/internal/backoffice/web/page/signin"
	"peyk/internal/backoffice/web/words"
)

// Live shows events as they pass, until ctx ends. It may miss some.
type Live interface {
	Tap(ctx context.Context, see func(event.Event)) error
}

// DemoAccount is an account of the sample data, offered on the sign-in page.
type DemoAccount = signin.DemoAccount

// Check is how one role or dependency is, for the operator.
type Check struct {
	Name   string
	OK     bool
	Since  time.Time // of this state; zero: not known
	Detail string    // what is wrong
}

// Config is what the station needs.
type Config struct {
	Ledger       ledger.Ledger
	API          *url.URL // origin of the trigger
	HTTP         *http.Client
	ServiceToken string // of scope access.ScopeService
	Live         Live   // nil: pages follow by their own looks alone
	PublicURL    *url.URL
	Secure       bool // under TLS, or behind a proxy that is
	BehindProxy  bool // the last X-Forwarded-For entry is the client's address
	Demo         []DemoAccount
	Health       func(context.Context) []Check // nil: nothing to show
	Passwords    *access.Passwords             // nil: the default cost
	Now          func() time.Time
	Logger       *slog.Logger
}

// The life of a sign-in (ASVS 5.0, 7.3).
const (
	idleTime = 30 * time.Minute
	fullTime = 12 * time.Hour
)

// Station serves the pages.
type Station struct {
	cfg      Config
	api      *api.Client
	door     *access.Door
	sessions *scs.SessionManager
	book     *words.Book
	assets   *asset.Shelf
	live     *live
	handler  http.Handler
}

// New makes the station. Its live pages end with Close.
func New(cfg Config) (*Station, error) {
	s := &Station{cfg: cfg, api: &api.Client{Base: cfg.API, HTTP: cfg.HTTP, Token: cfg.ServiceToken}}
	if s.cfg.Passwords == nil {
		p, err := access.NewPasswords(access.DefaultCost(), rand.Reader)
		if err != nil {
			return nil, err
		}
		s.cfg.Passwords = p
	}
	s.door = &access.Door{Ledger: cfg.Ledger, Passwords: s.cfg.Passwords, Throttle: access.NewThrottle(cfg.Now)}
	s.sessions = newSessions(cfg)
	var err error
	if s.book, err = words.Open(); err != nil {
		return nil, fmt.Errorf("make web: %w", err)
	}
	if s.assets, err = asset.Load(); err != nil {
		return nil, fmt.Errorf("make web: %w", err)
	}
	if s.live, err = newLive(cfg.Live); err != nil {
		return nil, fmt.Errorf("make web: %w", err)
	}
	s.handler = s.route()
	return s, nil
}

// Handler serves every page, asset and stream.
func (s *Station) Handler() http.Handler { return s.handler }

// Close ends the live streams and waits for them, at most until ctx ends.
func (s *Station) Close(ctx context.Context) error { return s.live.close(ctx) }

// live spreads events to the streams of open pages.
type live struct {
	ctx     context.Context
	stop    context.CancelFunc
	mu      sync.Mutex
	streams map[chan string]struct{}
	running sync.WaitGroup
}

func newLive(source Live) (*live, error) {
	ctx, stop := context.WithCancel(context.Background())
	l := &live{ctx: ctx, stop: stop, streams: map[chan string]struct{}{}}
	if source == nil {
		return l, nil
	}
	if err := source.Tap(ctx, l.spread); err != nil {
		stop()
		return nil, fmt.Errorf("tap the queue: %w", err)
	}
	return l, nil
}

// spread tells every stream which request to look at. One that is behind misses
// it and finds out by its next look.
func (l *live) spread(e event.Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for c := range l.streams {
		select {
		case c <- e.GUID:
		default:
		}
	}
}

// join registers a stream; it is refused once the station closes.
func (l *live) join() (guids chan string, leave func(), ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ctx.Err() != nil {
		return nil, nil, false
	}
	guids = make(chan string, 32)
	l.streams[guids] = struct{}{}
	l.running.Add(1)
	return guids, func() {
		l.mu.Lock()
		delete(l.streams, guids)
		l.mu.Unlock()
		l.running.Done()
	}, true
}

func (l *live) close(ctx context.Context) error {
	l.mu.Lock()
	l.stop()
	l.mu.Unlock()
	ended := make(chan struct{})
	go func() {
		l.running.Wait()
		close(ended)
	}()
	select {
	case <-ended:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("close web: live pages still open: %w", ctx.Err())
	}
}
