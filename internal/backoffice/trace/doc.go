// Package trace is the Report Trace Service (steps 11 to 13): it tells people
// how their request ended and cleans up after it.
//
// Promise: every outcome ends with each recipient's letter sent, bounced,
// unconfirmed or given up, or none written because its person wants none of that
// kind, and with a notice in any case. A letter is written
// down before the first word of SMTP, and SENDING is committed just before
// DATA, and only if the letter is still true; a second sending follows only a
// recorded UNKNOWN and is the identical message. A report is announced only
// after its bytes were read back and matched their digest.
//
//	ANNOUNCE  notices, letters, EMAIL tasks in one commit; DELIVERED if no letter is open
//	EMAIL     pending ─► sending ─► sent │ bounced │ unknown ─► sending ─► … │ unconfirmed
//	PURGE     our bytes and letters go at the end of the retention
//
// Limits: one letter per recipient, generation and outcome, and one to the owner
// about a missed promise; those a person asked to have sent again come beside
// them. Letters wait at most GiveUpAfter for a relay that says "later".
//
// Failure: a relay that is down delays letters, never notices. Damaged bytes
// send the request back to be fetched again.
package trace

import (
	"context"
	"iter"
	"log/slog"
	"time"

	"peyk/internal/backoffice/event"
	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/mail"
	"peyk/internal/backoffice/task"
	"peyk/internal/blob"
	"peyk/internal/report"
)

// Store is what trace needs of the ledger.
type Store interface {
	Update(ctx context.Context, fn func(ledger.Tx) error) error
	View(ctx context.Context, fn func(ledger.View) error) error
}

// Blobs is the company's local storage.
type Blobs interface {
	Open(ctx context.Context, key string) (blob.File, int64, error)
	Delete(ctx context.Context, key string) error
	// Tidy removes what was set aside long ago.
	Tidy(ctx context.Context) error
	// List yields the bytes last written before a moment.
	List(ctx context.Context, before time.Time) iter.Seq2[blob.Entry, error]
}

// Relay hands a message to the company's mail server. beforeData runs just
// before DATA; its error comes back untouched.
type Relay interface {
	Send(ctx context.Context, from, to string, msg []byte, beforeData func(context.Context) error) (mail.Reply, error)
}

// Config of the station.
type Config struct {
	Store       Store
	Publish     task.Publisher
	Blobs       Blobs
	Relay       Relay
	Composer    *mail.Composer
	From        mail.Person
	Host        string        // right side of Message-IDs
	PublicURL   string        // begins the links in letters, no slash at its end
	UnknownWait time.Duration // before a letter whose fate is unknown is sent once more
	Worker      string
	Lease       time.Duration                     // how long a dead process holds up its work; 0: task.LeaseTime
	Observe     func(took time.Duration, ok bool) // hears of each effect; nil: nobody does
	Log         *slog.Logger
}

// The times of trace's work.
const (
	GiveUpAfter        = 24 * time.Hour
	DefaultUnknownWait = 10 * time.Minute
	leastMailPause     = time.Minute
	mostMailPause      = 30 * time.Minute
	slots              = 32
)

// Station is the trace service.
type Station struct {
	Config
	runner *task.Runner
}

// New makes the station; Start begins its work.
func New(c Config) *Station {
	if c.UnknownWait == 0 {
		c.UnknownWait = DefaultUnknownWait
	}
	s := &Station{Config: c}
	s.runner = task.New(task.Config{
		Role: report.Trace, Worker: c.Worker, Lease: c.Lease, Store: c.Store, Publish: c.Publish, Log: c.Log, Observe: c.Observe,
	}, s.Works()...)
	return s
}

// Works lists how each kind of trace's tasks is done.
func (s *Station) Works() []task.Work {
	return []task.Work{
		{Kind: ledger.Announce, Slots: slots, Begin: s.hear, Do: s.announce, Least: time.Second, Most: time.Minute},
		{Kind: ledger.Email, Slots: slots, Do: s.email, Least: leastMailPause, Most: mostMailPause},
		{Kind: ledger.Purge, Slots: 2, Do: s.purge, Least: time.Second, Most: time.Hour},
	}
}

// Start begins to sweep for owed work.
func (s *Station) Start() { s.runner.Start() }

// Stop takes no more work in, finishes what runs, and hands back the rest when
// ctx ends.
func (s *Station) Stop(ctx context.Context) error { return s.runner.Stop(ctx) }

// Events lists what trace listens for: all that people are told of.
func Events() []event.Type {
	return []event.Type{
		event.ApprovalAsked, event.ReportIsHere, event.ReportRejected, event.ReportFailed,
		event.ReportDeclined, event.ReportExpired, event.ReportCancelled,
	}
}

// Handle takes the ANNOUNCE task an event wakes. The message may be
// acknowledged when it returns nil.
func (s *Station) Handle(ctx context.Context, e event.Event, sequence uint64) error {
	return s.runner.Take(ctx, ledger.Key{GUID: e.GUID, Kind: ledger.Announce}, task.Cause{Sequence: sequence})
}

// hear notes step 11 in the commit that leases ANNOUNCE.
func (s *Station) hear(tx ledger.Tx, l ledger.Lease, c task.Cause) error {
	r, err := tx.Request(l.GUID)
	if err != nil || r.State != report.Stored || l.Attempts > 0 {
		return err // heard once, however often it is tried
	}
	return tx.Append(ledger.Fact(r, report.Trace, report.StepHereHeard, "heard", c.Evidence()))
}
