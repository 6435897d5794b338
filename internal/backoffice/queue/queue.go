// Package queue carries events between the stations. It is the voice of the
// company, not its memory: the ledger is the truth, and an event only says
// "look now".
//
// # What a queue promises
//
// Publish returns nil when the queue has taken the event. From then on each
// role that consumes its type gets it at least once, usually within a
// millisecond, in any order relative to other events. The same event may be
// published twice and is then delivered twice: nothing is deduplicated, for a
// second wake-up must not be lost.
//
// A role is one consumer, however many processes run it: each event reaches
// one of them. An event is done with when its handler has acked it. Not acked
// within Config.AckWait (30 s), nacked, or held by a process that died, it
// comes again, to whoever is free. Every handler must be safe to run twice.
//
// A payload nobody can read, and an event of a type this build does not know,
// never reaches a handler and is never dropped: it is parked, then acked. If
// parking fails it comes again.
//
// A tap sees events as they pass, from now on, and holds nobody up. It may miss
// some.
//
// # Where it lives
//
// Config.Dir makes it a NATS server within this process, which nobody outside
// can reach. Config.External names servers outside, alone or as a cluster, which
// any number of processes share. Package server runs such servers; any NATS with
// JetStream does. The code above the connection is the same for both, and both
// pass the suite in package queuetest.
//
// # What it does not promise
//
// The queue may lose everything. It syncs to disk once a second and acks
// before; its directory may be wiped while it runs, the stream deleted, a
// cluster started anew. A failed publish or fetch looks the stream and consumers
// up and makes what is gone. If that does not help, a server of our own is
// restarted on a fresh directory and the old one set aside; servers outside are
// given another connection. Handlers and taps live through all of it without
// noticing. The price of a loss is latency: what was owed lies in the ledger and
// is swept up from there.
//
// # Limits
//
// Events are kept 7 days or 1 GB, the oldest go first. At most Config.Handlers
// handlers run at once per call of Consume, and 512 deliveries per role may
// wait for their ack.
//
// Servers outside: stream and roles are made as a process wants them when it
// starts, never later, so the one that started last decides. With
// External.Replicas above 1 an event is taken when most of its servers have it,
// and one of three may be lost at any time; electing another leader takes them
// up to 10 s. Where there are fewer servers, one has to do until there are more.
// Secrets never lie in URLs, and beyond loopback the way is TLS 1.3 unless
// External.Open says that a private network vouches for it.
//
// # Failure
//
// Open fails for a wrong configuration, such as a file that cannot be read, and
// where a server of our own cannot start. Servers outside that are down are no
// reason: it returns after trying each once and a few seconds at most, and the
// queue comes up when they do. Nor is a password they refuse: it may be put
// right, and counts without a restart.
//
// Publish fails when mending did not help, or when its context ends first; the
// caller has committed already and fails nobody because of it. While the queue
// is known to be down it fails at once. Consume fails only for a wrong call: a
// queue that is down heals underneath. Ready tells whether it is down now, and
// why, in a sentence without secrets. An ack that a lost connection swallowed is
// a second delivery.
package queue

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"regexp"
	"time"

	"peyk/internal/backoffice/event"
	"peyk/internal/telemetry"
)

// Handler is called for each event of a role's types, from several goroutines.
// It settles the message by Ack or Nak; doing neither leaves it to AckWait.
type Handler func(ctx context.Context, m Message)

// Park keeps a payload no handler can be given, for the operator to see. The
// cause wraps event.ErrUnreadable or event.ErrUnknownType. It must be safe to
// run twice with the same role and sequence.
type Park func(ctx context.Context, role, subject string, sequence uint64, raw []byte, cause error) error

// Message is one delivery of an event.
type Message struct {
	Event    event.Event
	Raw      []byte // as it lay on the queue; not to be changed
	Sequence uint64 // place in the stream; begins anew when the queue was wiped
	Attempt  int    // 1 at the first delivery
	ack      func(context.Context) error
	nak      func(delay time.Duration) error
}

// NewMessage makes the message a handler is given. It is for queues and for
// tests of handlers.
func NewMessage(d Delivery, e event.Event) Message {
	return Message{Event: e, Raw: d.Raw, Sequence: d.Sequence, Attempt: d.Attempt, ack: d.Ack, nak: d.Nak}
}

// Ack says that the event is done with. An error means only that the queue may
// deliver it again.
func (m Message) Ack(ctx context.Context) error {
	if err := m.ack(ctx); err != nil {
		return fmt.Errorf("ack %s (sequence %d): %w", m.Event.ID(), m.Sequence, err)
	}
	return nil
}

// Nak asks for the event again after the delay. An error means that it comes
// after AckWait instead.
func (m Message) Nak(delay time.Duration) error {
	if err := m.nak(delay); err != nil {
		return fmt.Errorf("nak %s (sequence %d): %w", m.Event.ID(), m.Sequence, err)
	}
	return nil
}

// Delivery is what lies on the queue before anybody has read it.
type Delivery struct {
	Subject  string
	Raw      []byte
	Sequence uint64
	Attempt  int
	Ack      func(context.Context) error
	Nak      func(delay time.Duration) error
}

// parkRetry is the pause before a payload that could not be parked comes again.
const parkRetry = time.Second

// Dispatch reads the delivery and gives it to the handler, or parks it. Every
// queue delivers through it, so that none can drop what it cannot read.
func Dispatch(ctx context.Context, role string, d Delivery, h Handler, park Park, log *slog.Logger) {
	ctx = telemetry.WithRole(ctx, role)
	e, err := read(d)
	if err == nil {
		h(telemetry.WithGUID(ctx, e.GUID), NewMessage(d, e))
		return
	}
	log = log.With("subject", d.Subject, "sequence", d.Sequence)
	if perr := park(ctx, role, d.Subject, d.Sequence, d.Raw, err); perr != nil {
		log.ErrorContext(ctx, "payload not parked, it will come again", "cause", err, "error", perr)
		if err := d.Nak(parkRetry); err != nil {
			log.WarnContext(ctx, "nak lost", "error", err)
		}
		return
	}
	log.WarnContext(ctx, "payload parked", "cause", err)
	if err := d.Ack(ctx); err != nil {
		log.WarnContext(ctx, "ack lost, the payload will be parked again", "error", err)
	}
}

func read(d Delivery) (event.Event, error) {
	e, err := event.Decode(d.Raw)
	if err == nil && e.Type.Subject() != d.Subject {
		return e, fmt.Errorf("%w: %s does not belong on %s", event.ErrUnreadable, e.Type, d.Subject)
	}
	return e, err
}

var roleName = regexp.MustCompile(`^[a-z][a-z0-9-]{0,31}$`)

// CheckRole refuses a role no queue could serve: a name that is not one short
// lower-case word, no types, a type outside the table.
func CheckRole(role string, types []event.Type) error {
	if !roleName.MatchString(role) {
		return fmt.Errorf("role %.64q: not a short lower-case name", role)
	}
	if len(types) == 0 {
		return fmt.Errorf("role %s consumes no event types", role)
	}
	for _, t := range types {
		if !t.Known() {
			return fmt.Errorf("role %s: %w %.64q", role, event.ErrUnknownType, t)
		}
	}
	return nil
}

// Stats is a look at the queue.
type Stats struct {
	Depth uint64 // events kept, done with or not
	Bytes uint64 // what they take in the store
	Roles []RoleStats
}

// RoleStats is a look at one role's place in the stream.
type RoleStats struct {
	Role        string
	Waiting     uint64 // events not delivered yet
	Unacked     int    // events delivered and not acked
	Redelivered int    // of these, the ones delivered more than once
	// OldestAge is how long the oldest event not done with has been lying
	// there; 0 when there is none.
	OldestAge time.Duration
	Types     []TypeStats // of each type the role consumes; nil: not known
}

// TypeMost bounds how many events of a type are counted.
const TypeMost = 100

// TypeStats is a look at the events of one type that a role was not given yet.
type TypeStats struct {
	Type    event.Type
	Waiting int // at most TypeMost
	// OldestAge is how long the oldest of these, or of those given and not acked,
	// has been lying there; 0 when there is none.
	OldestAge time.Duration
}

// OldestAge is the age of the oldest event any role is not done with.
func (s Stats) OldestAge() time.Duration {
	var oldest time.Duration
	for _, r := range s.Roles {
		oldest = max(oldest, r.OldestAge)
	}
	return oldest
}

// ByRole orders the stats of roles by name.
func ByRole(a, b RoleStats) int { return cmp.Compare(a.Role, b.Role) }
