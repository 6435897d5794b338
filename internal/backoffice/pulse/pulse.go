// Package pulse measures what a process does, for the operator: how long, how
// often it failed, when it last went well.
//
// Promise: noting a piece of work costs a lock and a few writes, no allocation.
// What a process measured is told to the ledger as Figures, and those of several
// processes add up.
//
// Limits: the time that 95 of 100 stay under is taken over the last 256 pieces
// of the last hour; failures are kept by the hour, for a day.
//
// Failure: none of its own. Figures nobody can read are those of a part that
// measured nothing.
package pulse

import (
	"encoding/json"
	"slices"
	"sync"
	"time"
)

const (
	memory = 256 // pieces of work
	recent = time.Hour
	hours  = 24
)

// Meter notes work. The zero value is ready.
type Meter struct {
	mu     sync.Mutex
	took   [memory]piece
	next   int
	lastOK time.Time
	failed bool      // the last one did
	since  time.Time // of the last ones having been alike
	hours  [hours + 1]Hour
}

type piece struct {
	at   time.Time
	took time.Duration
}

// Hour is what was done in one hour.
type Hour struct {
	Hour     int64 `json:"h"` // hours since 1970, UTC
	Calls    int   `json:"n"`
	Failures int   `json:"f,omitempty"`
}

// Figures are what a part measured, or says of itself.
type Figures struct {
	P95    time.Duration `json:"p95,omitempty"` // nanoseconds; 0: nothing was measured
	LastOK time.Time     `json:"last_ok,omitzero"`
	Hours  []Hour        `json:"hours,omitempty"`
	Used   float64       `json:"used,omitempty"`   // share of the space that is full, 0 to 1
	Slow   bool          `json:"slow,omitempty"`   // it works, and takes too long
	Left   bool          `json:"left,omitempty"`   // the process ended as it should
	About  string        `json:"about,omitempty"`  // what it is: SQLite, PostgreSQL
	Detail string        `json:"detail,omitempty"` // what is wrong
}

// Note takes down one piece of work that ended at now.
func (m *Meter) Note(now time.Time, took time.Duration, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.took[m.next] = piece{now, took}
	m.next = (m.next + 1) % memory
	if m.since.IsZero() || m.failed == ok {
		m.since = now
	}
	if m.failed = !ok; ok {
		m.lastOK = now
	}
	hour := now.Unix() / int64(time.Hour/time.Second)
	h := &m.hours[hour%int64(len(m.hours))]
	if h.Hour != hour {
		*h = Hour{Hour: hour}
	}
	h.Calls++
	if !ok {
		h.Failures++
	}
}

// OK reports whether the last piece went well, and since when the last ones went
// like that; zero: there was none.
func (m *Meter) OK() (ok bool, since time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return !m.failed, m.since
}

// Figures are those of now.
func (m *Meter) Figures(now time.Time) Figures {
	m.mu.Lock()
	defer m.mu.Unlock()
	f := Figures{LastOK: m.lastOK}
	var took []time.Duration
	for _, p := range m.took {
		if !p.at.IsZero() && now.Sub(p.at) < recent {
			took = append(took, p.took)
		}
	}
	if n := len(took); n > 0 {
		slices.Sort(took)
		f.P95 = took[(n*95+99)/100-1] // nearest rank: the least that 95 of 100 stay within
	}
	for _, h := range m.hours {
		if h.Calls > 0 && within(h, now) {
			f.Hours = append(f.Hours, h)
		}
	}
	return f
}

func within(h Hour, now time.Time) bool {
	age := now.Unix()/int64(time.Hour/time.Second) - h.Hour
	return age >= 0 && age < hours
}

// Failures adds up the last day of several processes' figures.
func Failures(now time.Time, of ...Figures) (calls, failures int) {
	for _, f := range of {
		for _, h := range f.Hours {
			if within(h, now) {
				calls, failures = calls+h.Calls, failures+h.Failures
			}
		}
	}
	return calls, failures
}

// JSON is how figures lie in the ledger.
func (f Figures) JSON() json.RawMessage {
	raw, err := json.Marshal(f)
	if err != nil {
		return nil // a time beyond year 9999: nothing was measured
	}
	return raw
}

// Read takes figures out of the ledger.
func Read(raw json.RawMessage) (f Figures) {
	if json.Unmarshal(raw, &f) != nil {
		return Figures{}
	}
	return f
}
