package queue

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"time"
)

// Config says where the queue lives. Park, Log and Now must be given, and one
// of Dir and External.
type Config struct {
	Dir      string    // of a server within this process; made if missing
	External *External // servers outside it
	Park     Park
	Log      *slog.Logger
	Now      func() time.Time

	AckWait    time.Duration // 0: 30 s
	Handlers   int           // at once per call of Consume; 0: 32
	CheckEvery time.Duration // how often a queue is looked at, and one that is down tried again; 0: 1 s
}

func (c *Config) settle() error {
	if c.Park == nil || c.Log == nil || c.Now == nil {
		return errors.New("queue: Park, Log and Now must be given")
	}
	if (c.Dir == "") == (c.External == nil) {
		return errors.New("queue: it lives in a directory or on servers outside, and one of them must be given")
	}
	c.AckWait = cmp.Or(c.AckWait, 30*time.Second)
	c.Handlers = cmp.Or(c.Handlers, 32)
	c.CheckEvery = cmp.Or(c.CheckEvery, time.Second)
	if c.External == nil {
		return nil
	}
	e := *c.External // the caller's own stays as it is
	if err := e.settle(); err != nil {
		return fmt.Errorf("queue: %w", err)
	}
	c.External = &e
	return nil
}

// broker makes what the configuration names. It calls changed when the way to
// servers outside was lost or found again.
func (c *Config) broker(changed func()) broker {
	if c.External != nil {
		return newRemote(*c, changed)
	}
	return newEmbedded(*c)
}

// replicas is on how many servers each event should lie.
func (c *Config) replicas() int {
	if c.External != nil {
		return c.External.Replicas
	}
	return 1
}
