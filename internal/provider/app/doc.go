// Package app is the reporting app: the provider's door, its workers and its
// webhooks. It is step 6 of the journey.
//
// Promise: it keeps the contract of package protocol. A request answered 202 is
// durable; it ends as ready, rejected or failed however often the process dies
// on the way; and the company is told by a webhook that lies in the outbox from
// the same commit on. Nothing waits for a timer but what has to: the next
// attempt at a webhook or at an audit that is down, and expiry.
//
//	POST ──► store: queued ──► worker: claim, audit, run, publish ──► store: ready + webhook ──► sender
//	             ▲ wakes the worker at once                            wakes the sender at once ▲
//
// Limits: a bounded number of workers; the rest is queued. Progress is told at
// most once a second. Whether it is reached by plain HTTP or TLS
// is the listener's.
//
// Failure: nothing runs that was not audited. While the audit cannot be had, a
// request waits in pending_review, in nobody's way, and is audited again after
// 1 s to 1 min, over restarts, until its deadline; the log says so once. What the
// engine cannot do ends the job as failed, or rejected where the request itself
// is at fault; a panic of the engine is failed(internal).
// A store that cannot write is tried again, and little more is begun meanwhile.
// A webhook nobody takes is tried ten times over three days and then dropped:
// the company's polling finds the report anyway.
package app

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"peyk/internal/protocol"
	"peyk/internal/provider/engine"
	"peyk/internal/provider/store"
	"peyk/internal/telemetry"
)

// Engine makes reports. *engine.Engine is one.
type Engine interface {
	Catalog() engine.Catalog
	Validate(reportType string, parameters map[string]json.RawMessage) error
	// Audit says whether a job may run, right before it would. A *report.Error
	// of class Permanent refuses it; any other error means that nobody knows.
	Audit(ctx context.Context, job engine.Job) error
	Run(ctx context.Context, job engine.Job, progress engine.Progress) (engine.Result, error)
}

// Config is what an App works with. Now and Random come from outside so that
// time and chance can be a test's.
type Config struct {
	Store   *store.Store
	Engine  Engine
	Tokens  []string // bearer tokens accepted from the company
	Webhook Webhook
	Workers int           // jobs at a time; 0: 2
	Drain   time.Duration // how long jobs under way may go on after a stop; 0: 10 s
	Now     func() time.Time
	Random  func() float64 // in [0, 1), for jitter
	Log     *slog.Logger
}

// Webhook says where changes are told.
type Webhook struct {
	URL    string
	Token  string                // bearer token; empty: the signature alone
	Keys   []protocol.SigningKey // two during a change of keys
	Client *http.Client          // its redirects are not followed
}

// role is this service's name in the logs.
const role = "app"

// App is the reporting app.
type App struct {
	Config
	hooks    *http.Client
	stopping atomic.Bool

	mu      sync.Mutex
	running map[run]context.CancelCauseFunc
}

// run names a job under way.
type run struct {
	guid       string
	generation int
}

// New makes an app. It does nothing before Run but answer.
func New(c Config) *App {
	if c.Workers <= 0 {
		c.Workers = 2
	}
	if c.Drain <= 0 {
		c.Drain = 10 * time.Second
	}
	hooks := *c.Webhook.Client
	hooks.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &App{Config: c, hooks: &hooks, running: map[run]context.CancelCauseFunc{}}
}

// Run prepares reports, sends webhooks and lets reports expire until ctx ends.
// Then it takes in nothing more, gives the jobs under way Config.Drain to
// finish, puts back into the queue those that did not, and returns. What was
// not sent is sent after the next start.
func (a *App) Run(ctx context.Context) {
	ctx = telemetry.WithRole(ctx, role)
	var parts sync.WaitGroup
	parts.Go(func() { a.dispatch(ctx) })
	parts.Go(func() { a.sendAll(ctx) })
	parts.Go(func() { a.expireAll(ctx) })
	<-ctx.Done()
	a.stopping.Store(true)
	parts.Wait()
}

// pause waits, unless ctx ends first.
func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}
