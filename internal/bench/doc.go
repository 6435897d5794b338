// Package bench measures Peyk from outside: the real API in front, a relay that
// takes the letters at the end, and between them the processes of an
// installation as they are run by anybody.
//
// Promise: a latency begins when a request was meant to be sent and ends when
// its letter was taken with 250, nothing in between is left out. A rate is of
// journeys that are delivered and cleaned away on both sides. Whatever is
// compared is measured in pairs of one run, one round each in turn, and the
// ratio is the median of the pairs: a machine whose speed drifts moves both.
//
//	load ─POST─► world: company, provider ─SMTP─► sink
//	  ▲──────────────── letter ────────────────────┘   load and sink are the bench's process
//
// Limits: load and sink share the machine with what they measure. Flushes of
// the disk are the device's, whoever asked for them.
//
// Failure: a request that is refused, a letter that does not come in time, or a
// journey that does not end DELIVERED ends the measurement with an error: there
// is no rate with losses.
package bench

import (
	"context"

	"peyk/internal/bench/machine"
)

// World is something that takes requests and sends letters.
type World interface {
	Name() string
	// Start returns when requests are taken. Letters go to the relay on this
	// port of loopback.
	Start(ctx context.Context, relay int) (Door, error)
	// Processes lists those that live now, for their time and memory.
	Processes() ([]machine.Process, error)
	Stop(ctx context.Context) error
}

// Door is where requests are asked for.
type Door struct {
	API   string // base URL
	Token string
	Type  string // of report
}
