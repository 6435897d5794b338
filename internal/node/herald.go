package node

import (
	"context"
	"errors"
	"log/slog"
	"sync"

	"peyk/internal/backoffice/event"
)

// herald publishes for those whom people or peers wait for: they go on at once.
// The ledger owes what an event speaks of, so one that is lost with the process
// is found by the sweep.
type herald struct {
	publish publisher
	log     *slog.Logger
	waiting chan telling
	stop    chan struct{}
	criers  sync.WaitGroup
}

// telling is an event that waits, with what the logs of its publishing carry.
type telling struct {
	ctx   context.Context //nolint:containedctx // the values of the work that set it off, without its end
	event event.Event
}

// publisher is the queue.
type publisher interface {
	Publish(ctx context.Context, e event.Event) error
}

// The sizes of a herald: how many events may wait, and be told at a time.
const (
	heraldRoom = 4096
	criers     = 8
)

// errHerald is the answer while too many events wait.
var errHerald = errors.New("too many events wait to be published")

func newHerald(p publisher, log *slog.Logger) *herald {
	h := &herald{publish: p, log: log, waiting: make(chan telling, heraldRoom), stop: make(chan struct{})}
	for range criers {
		h.criers.Go(h.cry)
	}
	return h
}

// Publish takes the event to be told as soon as may be.
func (h *herald) Publish(ctx context.Context, e event.Event) error {
	select {
	case h.waiting <- telling{context.WithoutCancel(ctx), e}:
		return nil
	default:
		return errHerald
	}
}

func (h *herald) cry() {
	for {
		select {
		case t := <-h.waiting:
			h.tell(t)
		case <-h.stop:
			h.rest()
			return
		}
	}
}

// rest tells what still waits when the herald is closed.
func (h *herald) rest() {
	for {
		select {
		case t := <-h.waiting:
			h.tell(t)
		default:
			return
		}
	}
}

func (h *herald) tell(t telling) {
	if err := h.publish.Publish(t.ctx, t.event); err != nil {
		h.log.WarnContext(t.ctx, "event not published; the sweep will find its task", "event", t.event.Type, "error", err)
	}
}

// close tells what waits. What comes later is left to the sweep.
func (h *herald) close() {
	close(h.stop)
	h.criers.Wait()
}
