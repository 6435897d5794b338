package node

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/mail"
	"peyk/internal/backoffice/pulse"
	"peyk/internal/report"
)

// The parts besides the roles, as a beat names them.
const (
	PartLedger   = "ledger"
	PartQueue    = "queue"
	PartStorage  = "storage"
	PartRelay    = "relay"
	PartGate     = "document gate"
	PartApp      = "provider app"
	PartFiles    = "provider files"
	PartNotices  = "provider notices"
	PartProvider = providerCheck
)

// pulseTaker has a meter for each part of a process.
type pulseTaker struct {
	now     func() time.Time
	process string
	started time.Time

	mu     sync.Mutex
	meters map[string]*pulse.Meter
	states map[string]state // how each part was last said to be
}

// state is how a part is, and since when.
type state struct {
	ok, slow bool
	since    time.Time
}

func newPulseTaker(now func() time.Time) *pulseTaker {
	return &pulseTaker{
		now: now, process: worker(), started: now(),
		meters: map[string]*pulse.Meter{}, states: map[string]state{},
	}
}

func (p *pulseTaker) meter(part string) *pulse.Meter {
	p.mu.Lock()
	defer p.mu.Unlock()
	m, ok := p.meters[part]
	if !ok {
		m = &pulse.Meter{}
		p.meters[part] = m
	}
	return m
}

// measured are the parts that did something.
func (p *pulseTaker) measured() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Sorted(maps.Keys(p.meters))
}

// observe is a meter as a runner of tasks wants it.
func (p *pulseTaker) observe(part string) func(time.Duration, bool) {
	m := p.meter(part)
	return func(took time.Duration, ok bool) { m.Note(p.now(), took, ok) }
}

// became notes how a part is, and gives since when it has been so.
func (p *pulseTaker) became(part string, ok, slow bool, since time.Time) time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	was, known := p.states[part]
	switch {
	case !known:
		was = state{ok, slow, since}
	case was.ok != ok || was.slow != slow:
		was = state{ok, slow, p.now()}
	}
	p.states[part] = was
	return was.since
}

// metered times the answers of a door. Streams and files last as long as their
// reader wants and say nothing of us.
func (p *pulseTaker) metered(part string, h http.Handler) http.Handler {
	m := p.meter(part)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/events" || strings.Contains(r.URL.Path, "/files/") {
			h.ServeHTTP(w, r)
			return
		}
		begin, answer := p.now(), &statusWriter{ResponseWriter: w}
		h.ServeHTTP(answer, r)
		now := p.now()
		bad := answer.status >= http.StatusInternalServerError
		if part == PartNotices { // what is not believed is a notice that failed
			bad = answer.status >= http.StatusBadRequest
		}
		m.Note(now, now.Sub(begin), !bad)
	})
}

// statusWriter remembers the status of an answer.
type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// Unwrap is for http.ResponseController.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// meteredCalls times calls to the provider's two doors. An answer that refuses
// is an answer; none, or a failure of its own, is not.
type meteredCalls struct {
	http.RoundTripper
	app, files string // what the doors' addresses begin with
	pulse      *pulseTaker
}

// door is which of the two an address belongs to. One may lie within the other.
func (c *meteredCalls) door(address string) string {
	if under(c.files, address) && (!under(c.app, address) || len(c.files) > len(c.app)) {
		return PartFiles
	}
	return PartApp
}

// under reports whether an address is the base or below it.
func under(base, address string) bool {
	rest, below := strings.CutPrefix(address, strings.TrimSuffix(base, "/"))
	return below && base != "" && (rest == "" || strings.ContainsAny(rest[:1], "/?"))
}

// RoundTrip makes the call.
func (c *meteredCalls) RoundTrip(r *http.Request) (*http.Response, error) {
	part, begin := c.door(r.URL.String()), c.pulse.now()
	res, err := c.RoundTripper.RoundTrip(r)
	if errors.Is(err, context.Canceled) {
		return res, err // we left
	}
	now := c.pulse.now()
	c.pulse.meter(part).Note(now, now.Sub(begin), err == nil && res.StatusCode < http.StatusInternalServerError)
	return res, err
}

// meteredRelay times letters. One that is refused for good was answered.
type meteredRelay struct {
	*mail.Sender
	pulse *pulseTaker
}

// Send hands a letter over.
func (m meteredRelay) Send(ctx context.Context, from, to string, msg []byte, beforeData func(context.Context) error) (mail.Reply, error) {
	begin := m.pulse.now()
	var before error
	reply, err := m.Sender.Send(ctx, from, to, msg, func(ctx context.Context) error {
		before = beforeData(ctx)
		return before
	})
	if before == nil && !errors.Is(err, context.Canceled) { // we held it back, or left
		now := m.pulse.now()
		m.pulse.meter(PartRelay).Note(now, now.Sub(begin), err == nil || report.ClassOf(err) == report.Permanent)
	}
	return reply, err
}

// putBeats writes what this process says of itself.
func (co *Company) putBeats(ctx context.Context, beats []ledger.Beat) error {
	return co.ledger.Update(ctx, func(tx ledger.Tx) error {
		for _, b := range beats {
			b.At = tx.Now()
			if err := tx.PutBeat(b); err != nil {
				return err
			}
		}
		return nil
	})
}
