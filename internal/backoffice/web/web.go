package web

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/alexedwards/scs/v2"

	"peyk/internal/backoffice/access"
	"peyk/internal/backoffice/event"
	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/queue"
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
	ServiceToken string   // of scope access.ScopeService
	Live         Live     // nil: pages follow by their own looks alone
	PublicURL    *url.URL // where people reach the pages; nil: as the browser says
	Secure       bool     // under TLS, or behind a proxy that is
	BehindProxy  bool     // the last X-Forwarded-For entry is the client's address
	Demo         []DemoAccount
	Mailbox      string                        // page of the built-in mailbox; "": mail goes elsewhere
	Health       func(context.Context) []Check // nil: nothing to show
	Queue        func(context.Context) (queue.Stats, error)
	Passwords    *access.Passwords // nil: the default cost
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
	signIns  *access.Sessions // what sessions keeps them in
	book     *words.Book
	assets   *asset.Shelf
	live     *live
	packers  packers
	counted  hourly
	handler  http.Handler
}

// New makes the station. Its live pages end with Close.
func New(cfg Config) (*Station, error) {
	s := &Station{
		cfg: cfg,
		api: &api.Client{Base: cfg.API, HTTP: cfg.HTTP, Token: cfg.ServiceToken},
	}
	if s.cfg.Passwords == nil {
		p, err := access.NewPasswords(access.DefaultCost(), rand.Reader)
		if err != nil {
			return nil, err
		}
		s.cfg.Passwords = p
	}
	s.door = &access.Door{Ledger: cfg.Ledger, Passwords: s.cfg.Passwords, Throttle: access.NewThrottle(cfg.Now)}
	s.signIns = &access.Sessions{Ledger: cfg.Ledger}
	s.sessions = newSessions(cfg, s.signIns)
	var err error
	if s.book, err = words.Open(); err != nil {
		return nil, fmt.Errorf("make web: %w", err)
	}
	if s.assets, err = asset.Load(); err != nil {
		return nil, fmt.Errorf("make web: %w", err)
	}
	if s.live, err = newLive(s); err != nil {
		return nil, fmt.Errorf("make web: %w", err)
	}
	if s.handler, err = s.route(); err != nil {
		s.live.stop()
		return nil, fmt.Errorf("make web: %w", err)
	}
	return s, nil
}

// Handler serves every page, asset and stream.
func (s *Station) Handler() http.Handler { return s.handler }

// Close ends the live streams and waits for them, at most until ctx ends.
func (s *Station) Close(ctx context.Context) error { return s.live.close(ctx) }
