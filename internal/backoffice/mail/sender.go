package mail

import (
	"context"
	"fmt"
)

// Sender hands messages to one relay, over connections it keeps for the next
// mail. It is safe for concurrent use; how many mails go at once is up to the
// callers.
type Sender struct {
	settings Settings
	idle     *pool
}

// NewSender checks the settings; it connects to nobody yet.
func NewSender(settings Settings) (*Sender, error) {
	settings = settings.withDefaults()
	if err := settings.check(); err != nil {
		return nil, err
	}
	return &Sender{settings, newPool(settings.MaxIdle, settings.IdleTimeout)}, nil
}

// Close ends the idle connections. A Send under way finishes.
func (s *Sender) Close() { s.idle.close() }

// Send hands one message to the relay. beforeData is called once, after the
// relay took sender and recipient and just before DATA; if it refuses, the
// mail is not sent and its error comes back untouched.
//
// nil: the relay took the mail, with the Reply given. Otherwise a
// *report.Error by the table at classify: Transient or Throttled (not sent,
// later), Permanent (refused for good), Unknown (lost after the final dot);
// ReplyOf tells what the relay said and at which verb. Addresses are in wire
// form, as a Row has them.
func (s *Sender) Send(ctx context.Context, from, to string, msg []byte, beforeData func(context.Context) error) (Reply, error) {
	for _, address := range []string{from, to} {
		if err := checkWire(address); err != nil {
			return Reply{}, err
		}
	}
	d, err := s.address(ctx, from, to)
	if err != nil {
		return Reply{}, fmt.Errorf("send mail to %s: %w", s.settings.Host, err)
	}
	release := d.endWith(ctx)
	if err := beforeData(ctx); err != nil {
		s.keep(d, release(), d.reset())
		return Reply{}, err
	}
	reply, err := d.deliver(msg)
	s.keep(d, release(), err)
	if err != nil {
		return Reply{}, fmt.Errorf("send mail to %s: %w", s.settings.Host, err)
	}
	return reply, nil
}

// address finds a connection on which the relay takes the envelope. An idle
// one may have died meanwhile; that says nothing about the mail, so the next
// one is tried, and a fresh one at last.
func (s *Sender) address(ctx context.Context, from, to string) (*dialogue, error) {
	for d := s.idle.take(); d != nil; d = s.idle.take() {
		err := d.readdress(ctx, from, to)
		if err == nil {
			return d, nil
		}
		s.keep(d, true, err)
		if !gone(err) || ctx.Err() != nil {
			return nil, err
		}
	}
	d, err := dial(ctx, s.settings)
	if err != nil {
		return nil, err
	}
	release := d.endWith(ctx)
	err = d.envelope(from, to)
	if alive := release(); err != nil || !alive {
		s.keep(d, alive, err)
		return nil, orElse(err, classify(RcptTo, context.Cause(ctx)))
	}
	return d, nil
}

// keep puts a connection aside for the next mail, unless it broke.
func (s *Sender) keep(d *dialogue, alive bool, err error) {
	if !alive || err != nil && gone(err) {
		d.close()
		return
	}
	s.idle.put(d)
}

// Check asks the relay whether it is there, on an idle connection or a new one
// that is then kept for the next mail.
func (s *Sender) Check(ctx context.Context) error {
	for d := s.idle.take(); d != nil; d = s.idle.take() {
		release := d.endWith(ctx)
		err := d.reset()
		s.keep(d, release(), err)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return fmt.Errorf("ask %s: %w", s.settings.Host, err)
		}
	}
	d, err := dial(ctx, s.settings)
	if err != nil {
		return fmt.Errorf("ask %s: %w", s.settings.Host, err)
	}
	s.keep(d, true, nil)
	return nil
}
