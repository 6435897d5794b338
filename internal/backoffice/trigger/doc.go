// Package trigger is the Event Trigger Service: the company's one door for
// requests (step 3). Pages, commands and scripts all come in here.
//
// Promise: what is answered 202 is committed. The GUID is the idempotency key:
// the same body by the same person gets the same 202 again, another body or
// owner gets 409. Date presets are resolved to dates in the requester's time
// zone before anything is hashed or approved, so what was approved is what
// runs. Who may not see a request gets the 404 that an unknown GUID gets.
//
// A token that a person made for a program reaches as far as its scope, and
// never to passwords, profiles, accounts and tokens. One that has run out, was
// revoked or whose owner left is as unknown as one nobody made.
//
// Limits: a body is at most 64 KiB; a list answers at most 100 requests. A
// person has at most 20 tokens.
//
// Failure: every error is problem+json (RFC 9457) with a stable code; see
// openapi.yaml. A queue that is down changes no answer: the ledger owes the
// work, and the gateway's sweep finds it.
package trigger

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"peyk/internal/backoffice/access"
	"peyk/internal/backoffice/event"
	"peyk/internal/backoffice/ledger"
	"peyk/internal/blob"
)

// Store is what trigger needs of the ledger.
type Store interface {
	Update(ctx context.Context, fn func(ledger.Tx) error) error
	View(ctx context.Context, fn func(ledger.View) error) error
}

// Publisher puts events on the queue.
type Publisher interface {
	Publish(ctx context.Context, e event.Event) error
}

// Blobs reads the company's local storage.
type Blobs interface {
	Open(ctx context.Context, key string) (blob.File, int64, error)
}

// Config of the station.
type Config struct {
	Store     Store
	Publish   Publisher
	Blobs     Blobs
	Passwords *access.Passwords
	Retention time.Duration    // how long a finished report is kept; 0: until it is had
	Now       func() time.Time // by which tries at a password are counted; nil: the machine's
	Log       *slog.Logger
}

// Station is the Event Trigger Service.
type Station struct {
	Config
	mux      *http.ServeMux
	throttle *access.Throttle // of tries at the old password
}

// New makes the station. Sweep must run beside its handler.
func New(c Config) *Station {
	s := &Station{Config: c, mux: http.NewServeMux()}
	if s.Now == nil {
		s.Now = time.Now
	}
	s.throttle = access.NewThrottle(s.Now)
	s.routes()
	return s
}

// ServeHTTP answers /api/v1.
func (s *Station) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

// publish tells the queue; a failure is logged only.
func (s *Station) publish(ctx context.Context, e event.Event) {
	if err := s.Publish.Publish(ctx, e); err != nil {
		s.Log.WarnContext(ctx, "event not published; the sweep will find its task",
			"event", e.Type, "error", err)
	}
}
