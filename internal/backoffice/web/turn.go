package web

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"peyk/internal/backoffice/ledger"
)

const (
	lately      = 30 * time.Second // a change shows up in the ledger that long behind its date, at most
	drawnMargin = 2 * time.Second  // between the clock of a page and that of the ledger
	changedMost = 2000             // changes that are told one by one at a look
	toldMost    = 50               // requests that one person is told of one by one in a turn
)

// turn tells everybody what is new: of the requests and inboxes that were handed
// in, or, at a look, of all there is. What a turn could not read the next look finds.
func (l *live) turn(look bool) {
	in := l.take()
	in.look = look
	l.settle(in)
	if len(l.people) == 0 && len(in.coming) == 0 {
		l.known, l.failing = nil, false // who comes next begins anew
		return
	}
	ctx, cancel := context.WithTimeout(l.ctx, readsFor)
	err := l.s.cfg.Ledger.View(ctx, func(view ledger.View) error { return l.read(view, in) })
	cancel()
	if l.ctx.Err() != nil {
		return
	}
	l.fared(err)
	if err != nil {
		l.handBack(in)
	}
	for _, f := range l.people {
		f.flush()
	}
}

// handBack keeps for the next look what was not read.
func (l *live) handBack(in handed) {
	l.mu.Lock()
	defer l.mu.Unlock()
	waiting := slices.DeleteFunc(in.coming, func(st *stream) bool { return st.greeted })
	l.handed.coming = append(waiting, l.handed.coming...)
	maps.Copy(l.handed.guids, in.guids)
	maps.Copy(l.handed.accounts, in.accounts)
}

// settle does what needs no reading.
func (l *live) settle(in handed) {
	for _, st := range in.left {
		if f := l.people[st.who.Name]; f != nil {
			delete(f.streams, st)
			if len(f.streams) == 0 {
				delete(l.people, st.who.Name)
			}
		}
		st.gone = true
	}
	for _, a := range in.changed {
		if f := l.people[a.Name]; f != nil {
			f.is(l.s, a)
		}
	}
}

// fared tells the pages when nothing can be read any more, and when it can again.
func (l *live) fared(err error) {
	if failing := err != nil; failing != l.failing {
		l.failing = failing
		for _, f := range l.people {
			if failing {
				f.out.WriteString("event: lost\ndata:\n\n")
			} else {
				f.again = true
				f.beat(l.s.cfg.Now())
			}
		}
		if failing {
			l.s.cfg.Logger.WarnContext(l.ctx, "open pages hear no news: the ledger cannot be read", "error", err)
		}
	}
}

func (l *live) read(view ledger.View, in handed) error {
	if in.look || len(in.coming) > 0 {
		if err := l.changes(view, in); err != nil {
			return err
		}
	}
	for _, st := range in.coming {
		if err := l.greet(view, st); err != nil {
			return err
		}
	}
	for guid := range in.guids {
		if err := l.tell(view, guid, in.accounts); err != nil {
			return err
		}
		delete(in.guids, guid)
	}
	return l.inboxes(view, in)
}

// changes finds what changed since the last look. Who comes now is told, too,
// of what changed since its page was drawn.
func (l *live) changes(view ledger.View, in handed) error {
	first := l.known == nil
	if first {
		l.known, l.newest = map[string]ledger.Change{}, view.Now()
	}
	rows, err := view.Changed(l.newest.Add(-lately), changedMost)
	if err != nil {
		return err
	}
	if len(rows) == changedMost && !first { // too many to be told one by one
		for _, f := range l.people {
			f.again = true
		}
		first = true
	}
	drawn := oldest(in.coming)
	for _, c := range rows {
		if l.knows(c) && !first || len(in.coming) > 0 && !c.At.Before(drawn.Add(-drawnMargin)) {
			in.guids[c.GUID] = struct{}{}
		}
	}
	for guid, c := range l.known {
		if c.At.Before(l.newest.Add(-2 * lately)) {
			delete(l.known, guid)
		}
	}
	return nil
}

// oldest is when the oldest of their pages was drawn.
func oldest(streams []*stream) (drawn time.Time) {
	for i, st := range streams {
		if i == 0 || st.drawn.Before(drawn) {
			drawn = st.drawn
		}
	}
	return drawn
}

// knows takes note of a change and reports whether it was new.
func (l *live) knows(c ledger.Change) bool {
	old, had := l.known[c.GUID]
	if had && c.Version <= old.Version && !c.At.After(old.At) {
		return false
	}
	l.known[c.GUID] = ledger.Change{GUID: c.GUID, Version: max(c.Version, old.Version), At: latest(c.At, old.At)}
	l.newest = latest(l.newest, c.At)
	return true
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// tell tells of a request to whom it concerns, and nobody else: owner,
// recipients, those who may approve it, the operators.
func (l *live) tell(view ledger.View, guid string, concerned map[string]struct{}) error {
	r, err := view.Request(guid)
	if errors.Is(err, ledger.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	recipients, err := view.Recipients(guid)
	if err != nil {
		return err
	}
	if l.known != nil {
		l.knows(ledger.Change{GUID: guid, Version: r.Version, At: ledger.ChangedAt(r)})
	}
	for name, f := range l.people {
		if f.scope.Sees(r) || slices.ContainsFunc(recipients, func(c ledger.Recipient) bool {
			return f.scope.Account != "" && c.Account == f.scope.Account && c.GoneAt.IsZero()
		}) {
			f.changed = append(f.changed, guid)
			concerned[name] = struct{}{}
		}
	}
	return nil
}

// inboxes looks which inboxes changed: of those concerned, or at a look of all.
func (l *live) inboxes(view ledger.View, in handed) error {
	var names []string
	for name := range l.people {
		if _, concerned := in.accounts[name]; concerned || in.look {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return nil
	}
	boxes, err := view.Inboxes(names...)
	if err != nil {
		return err
	}
	for i, name := range names {
		if f := l.people[name]; f.box != boxes[i] {
			if err := l.deliver(view, f, boxes[i]); err != nil {
				return fmt.Errorf("tell %s the news: %w", name, err)
			}
		}
	}
	return nil
}
