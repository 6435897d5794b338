package web

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"time"

	"peyk/internal/backoffice/access"
	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/web/page/frame"
	"peyk/internal/backoffice/web/words"
)

// noticeBatch is how many notices are brought to a page that was away; older
// ones wait in the bell.
const noticeBatch = 50

// follower is one person with pages open, in however many browsers.
type follower struct {
	who     ledger.Account
	scope   ledger.Scope
	w       *words.Words
	streams map[*stream]struct{}
	box     ledger.Inbox     // as it was told
	unseen  map[string]int64 // GUID → its newest unseen notice, as it was told

	changed []string // requests to be told of
	again   bool     // everything may have changed
	out     bytes.Buffer
}

// is takes note of who the person is now.
func (f *follower) is(s *Station, a ledger.Account) {
	f.who, f.scope = a, access.SeeScope(a)
	f.w = s.book.For(a.Locale, a.TimeZone, s.cfg.Now())
}

// greet brings a stream to where the others of its person are.
func (l *live) greet(view ledger.View, st *stream) error {
	if st.greeted || st.gone {
		return nil
	}
	boxes, err := view.Inboxes(st.who.Name)
	if err != nil {
		return err
	}
	f, old := l.people[st.who.Name]
	if !old {
		f = &follower{streams: map[*stream]struct{}{}, box: boxes[0]}
		f.is(l.s, st.who)
		f.unseen, _, err = unseen(view, st.who.Name)
	} else if f.box != boxes[0] {
		err = l.deliver(view, f, boxes[0])
	}
	if err != nil {
		return err
	}
	missed, err := missed(view, st.who.Name, st.after, f.box.Newest)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	if st.drawn.Before(view.Now().Add(-lately)) {
		out.WriteString("event: again\ndata:\n\n") // the page is older than what is remembered
	}
	if len(f.unseen) < maxUnseen {
		say(&out, "still", strings.Join(guidsOf(f.unseen), " "))
	}
	if err := l.popups(view, f, missed, &out); err != nil {
		return err
	}
	fmt.Fprintf(&out, "event: beat\ndata: %s\n\n", f.w.Clock(l.s.cfg.Now()))
	f.flush() // what the others still have to hear is behind this one
	st.send(out.Bytes())
	st.greeted, f.streams[st], l.people[st.who.Name] = true, struct{}{}, f
	return nil
}

// missed reads the notices after one and up to another, the newest of them.
func missed(view ledger.View, account string, after, upTo int64) ([]ledger.Notice, error) {
	if after >= upTo {
		return nil, nil
	}
	list, err := view.Inbox(account, upTo+1, noticeBatch)
	if err != nil {
		return nil, err
	}
	slices.Reverse(list)
	return slices.DeleteFunc(list, func(n ledger.Notice) bool { return n.Seq <= after }), nil
}

// deliver tells what is new in an inbox: notices that came, and those that were
// seen elsewhere.
func (l *live) deliver(view ledger.View, f *follower, box ledger.Inbox) error {
	fresh, err := missed(view, f.who.Name, f.box.Newest, box.Newest)
	if err != nil {
		return err
	}
	now, oldest, err := unseen(view, f.who.Name)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	if err := l.popups(view, f, fresh, &out); err != nil {
		return err
	}
	for _, guid := range guidsOf(f.unseen) {
		if _, still := now[guid]; !still && f.unseen[guid] >= oldest {
			say(&out, "seen", guid)
		}
	}
	var bell bytes.Buffer
	if err := frame.Bell(f.w, box.Unseen).Render(l.ctx, &bell); err != nil {
		return fmt.Errorf("draw the bell: %w", err)
	}
	say(&out, "bell", bell.String())
	f.tellChanged()
	f.out.Write(out.Bytes())
	f.box, f.unseen = box, now
	return nil
}

// unseen reads what somebody has not seen, by GUID. If it was cut, nothing is
// known of notices before oldest.
func unseen(view ledger.View, account string) (by map[string]int64, oldest int64, err error) {
	list, err := view.Unseen(account, maxUnseen)
	by = make(map[string]int64, len(list))
	for _, n := range list {
		by[n.GUID] = max(by[n.GUID], n.Seq)
		if len(list) == maxUnseen {
			oldest = n.Seq
		}
	}
	return by, oldest, err
}

func guidsOf(unseen map[string]int64) []string {
	out := make([]string, 0, len(unseen))
	for guid := range unseen {
		out = append(out, guid)
	}
	slices.Sort(out)
	return out
}

// popups writes what came and was not seen yet.
func (l *live) popups(view ledger.View, f *follower, list []ledger.Notice, out *bytes.Buffer) error {
	w := f.w.At(l.s.cfg.Now())
	for _, n := range list {
		if !n.SeenAt.IsZero() || !f.who.WantsPopup(n.Subject) {
			continue
		}
		p, err := popup(view, w, f.who, n)
		if err != nil {
			return err
		}
		p.Arriving = true
		var html bytes.Buffer
		if err := frame.PopupView(w, p).Render(l.ctx, &html); err != nil {
			return fmt.Errorf("draw notice %d: %w", n.Seq, err)
		}
		fmt.Fprintf(out, "id: %d\n", n.Seq)
		say(out, "notice", html.String())
	}
	return nil
}

// say writes an event (HTML Living Standard, 9.2.6).
func say(out *bytes.Buffer, kind, data string) {
	fmt.Fprintf(out, "event: %s\ndata: %s\n\n", kind, strings.ReplaceAll(data, "\n", "\ndata: "))
}

func (f *follower) beat(now time.Time) { say(&f.out, "beat", f.w.Clock(now)) }

// tellChanged writes which requests to look at again.
func (f *follower) tellChanged() {
	if f.again || len(f.changed) > toldMost {
		say(&f.out, "again", "")
	} else {
		for _, guid := range f.changed {
			say(&f.out, "changed", guid)
		}
	}
	f.changed, f.again = nil, false
}

// flush sends all of the person's streams what is to be told.
func (f *follower) flush() {
	f.tellChanged()
	if f.out.Len() == 0 {
		return
	}
	text := bytes.Clone(f.out.Bytes())
	f.out.Reset()
	for st := range f.streams {
		st.send(text)
	}
}

// beat lets every stream say that it lives, and what time it is.
func (l *live) beat() {
	if l.failing {
		return // a page that hears nothing says so
	}
	now := l.s.cfg.Now()
	for _, f := range l.people {
		f.beat(now)
		f.flush()
	}
}
