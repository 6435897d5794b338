// Package gateway is the Event Consumer/Publisher Gateway (steps 4, 5, 8, 9 and
// 10), the only station that talks to the other company.
//
// Promise: every request that was accepted is posted, asked after, fetched,
// checked and stored, or ends with a reason. Each foreign effect runs under a
// lease and is idempotent at the provider by (GUID, generation). What the
// provider says is believed only after it was checked: a report is STORED when
// its bytes are durable here, have the size and SHA-256 the provider declared,
// and passed the document gate.
//
//	SUBMIT           POST /v1/reports              → PREPARING, REJECTED, FAILED, next generation
//	TRACK            GET  /v1/reports/{guid}       → READY, REJECTED, FAILED, next generation
//	FETCH            GET  …/files/{name}           → STORED at the last file, PREPARING when gone
//	PROVIDER_DELETE  DELETE /v1/reports/{guid}     → fact cleaned, or left_behind
//
// Limits: a document has at most MaxBytes; a provider is asked after when it
// says that it is worth it, within 5 s to 10 min, else from FirstPoll on in
// doubling steps, without a webhook.
//
// Failure: while the provider is down everything waits in the ledger, each task
// with its own back-off, until the request's deadline ends it.
package gateway

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"peyk/internal/backoffice/event"
	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/task"
	"peyk/internal/blob"
	"peyk/internal/protocol"
	"peyk/internal/report"
)

// Store is what the gateway needs of the ledger.
type Store interface {
	Update(ctx context.Context, fn func(ledger.Tx) error) error
	View(ctx context.Context, fn func(ledger.View) error) error
}

// Provider is the other company, as protocol.Client reaches it.
type Provider interface {
	Catalog(ctx context.Context, etag string) (protocol.Answer[protocol.Catalog], error)
	Submit(ctx context.Context, s protocol.SubmitRequest) (protocol.Accepted, error)
	Operation(ctx context.Context, guid, etag string) (protocol.Answer[protocol.Operation], error)
	Operations(ctx context.Context, updatedAfter time.Time, page string) (protocol.Page, error)
	File(ctx context.Context, f protocol.FileRequest) (*protocol.FileBody, error)
	Delete(ctx context.Context, guid string, generation int) error
}

// Blobs is the company's local storage.
type Blobs interface {
	// Put makes the bytes durable under key, counted and hashed.
	Put(ctx context.Context, key string, r io.Reader, limit int64) (blob.Written, error)
	Open(ctx context.Context, key string) (blob.File, int64, error)
	// SetAside keeps bytes that did not pass where nobody serves them.
	SetAside(ctx context.Context, key string) error
}

// Gate looks into a document of a media type before it is believed. A refusal is
// a *report.Error of class Lying. Only a PDF has pages.
type Gate interface {
	Check(ctx context.Context, mediaType string, r io.Reader, size int64) (pages int, err error)
}

// Config of the station.
type Config struct {
	Store    Store
	Publish  task.Publisher
	Provider Provider
	Blobs    Blobs
	Gate     Gate
	Worker   string
	Lease    time.Duration                     // how long a dead process holds up its work; 0: task.LeaseTime
	MaxBytes int64                             // of all files of a report together
	Now      func() time.Time                  // for how long a call took; nil: the system's
	Observe  func(took time.Duration, ok bool) // hears of each effect; nil: nobody does
	Log      *slog.Logger
}

// Station is the gateway.
type Station struct {
	Config
	runner *task.Runner
}

// The times of the gateway's work.
const (
	leastPause  = time.Second     // back-off of SUBMIT, TRACK and FETCH
	mostPause   = 5 * time.Minute //
	mostPoll    = 10 * time.Minute
	mostDelete  = time.Hour
	slots       = 32
	deleteSlots = 16
)

// New makes the station; Start begins its work.
func New(c Config) *Station {
	if c.Now == nil {
		c.Now = time.Now
	}
	s := &Station{Config: c}
	s.runner = task.New(task.Config{
		Role: report.Gateway, Worker: c.Worker, Lease: c.Lease, Store: c.Store, Publish: c.Publish, Log: c.Log, Observe: c.Observe,
	}, s.Works()...)
	return s
}

// Works lists how each kind of the gateway's tasks is done.
func (s *Station) Works() []task.Work {
	return []task.Work{
		{Kind: ledger.Submit, Slots: slots, Begin: s.intend, Do: s.submit, Least: leastPause, Most: mostPause},
		{Kind: ledger.Track, Slots: slots, Do: s.track, Least: leastPause, Most: mostPause},
		{Kind: ledger.Fetch, Slots: slots, Do: s.fetch, Least: leastPause, Most: mostPause},
		{Kind: ledger.ProviderDelete, Slots: deleteSlots, Do: s.clean, Least: leastPause, Most: mostDelete},
	}
}

// Start begins to sweep for owed work.
func (s *Station) Start() { s.runner.Start() }

// Stop takes no more work in, finishes what runs, and hands back the rest when
// ctx ends.
func (s *Station) Stop(ctx context.Context) error { return s.runner.Stop(ctx) }

// Wakes says which tasks an event wakes.
func Wakes(t event.Type) (ledger.Kind, bool) {
	switch t {
	case event.ReportRequested:
		return ledger.Submit, true
	case event.ReportReady:
		return ledger.Track, true
	case event.ReportRejected, event.ReportFailed, event.ReportDeclined, event.ReportExpired,
		event.ReportCancelled, event.ReportDelivered:
		return ledger.ProviderDelete, true
	}
	return "", false
}

// Events lists what the gateway listens for.
func Events() (types []event.Type) {
	for _, t := range event.Types() {
		if _, ok := Wakes(t); ok {
			types = append(types, t)
		}
	}
	return types
}

// Handle takes the task an event wakes. The message may be acknowledged when it
// returns nil.
func (s *Station) Handle(ctx context.Context, e event.Event, sequence uint64) error {
	kind, ok := Wakes(e.Type)
	if !ok {
		return nil
	}
	return s.runner.Take(ctx, ledger.Key{GUID: e.GUID, Kind: kind}, task.Cause{Sequence: sequence})
}

// errUnknown says that a task is about a request the ledger does not know.
var errUnknown = fmt.Errorf("read the request of a task: %w", ledger.ErrNotFound)

// change is a commit on the request as the effect saw it: what moved on
// meanwhile is refused by the ledger and looked at again.
func change(seen *report.Request, fn func(tx ledger.Tx, r *report.Request, fx *task.Effects) error) func(ledger.Tx, *task.Effects) error {
	return func(tx ledger.Tx, fx *task.Effects) error {
		r, err := tx.Request(seen.GUID)
		if err != nil {
			return err
		}
		if r.Version != seen.Version {
			return ledger.ErrConflict
		}
		return fn(tx, r, fx)
	}
}

// failure commits FAILED with code.
func failure(seen *report.Request, f report.Failure, ev report.Evidence) func(ledger.Tx, *task.Effects) error {
	return change(seen, func(tx ledger.Tx, r *report.Request, fx *task.Effects) error {
		m, err := r.Fail(f, tx.Now(), ev)
		if err != nil {
			return err
		}
		fx.Publish(event.ReportFailed, r)
		return ledger.Move(tx, r, m)
	})
}

// rejection commits REJECTED with the provider's code.
func rejection(seen *report.Request, f report.Failure, ev report.Evidence) func(ledger.Tx, *task.Effects) error {
	return change(seen, func(tx ledger.Tx, r *report.Request, fx *task.Effects) error {
		m, err := r.Reject(f, tx.Now(), ev)
		if err != nil {
			return err
		}
		fx.Publish(event.ReportRejected, r)
		return ledger.Move(tx, r, m)
	})
}

// again commits the next generation, or FAILED(code) when there is none left.
func again(seen *report.Request, code string, ev report.Evidence) func(ledger.Tx, *task.Effects) error {
	return change(seen, func(tx ledger.Tx, r *report.Request, fx *task.Effects) error {
		m, err := r.NextGeneration(code == protocol.CodeTombstoned, tx.Now(), ev)
		var refused *report.Refusal
		if errors.As(err, &refused) {
			ev["why"] = refused.Why
			return failure(seen, report.Failure{Code: code, Retriable: true}, ev)(tx, fx)
		}
		if err != nil {
			return err
		}
		fx.Next = append(fx.Next, ledger.Key{GUID: r.GUID, Kind: ledger.ProviderDelete}, ledger.Key{GUID: r.GUID, Kind: ledger.Submit})
		return ledger.Move(tx, r, m)
	})
}

// since is how long ago a call began. Only evidence is measured so: what is due,
// the ledger's clock says.
func (s *Station) since(began time.Time) time.Duration { return s.Now().Sub(began) }
