package web

import (
	"slices"

	"peyk/internal/backoffice/ledger"
)

// guard ends the streams of sessions that are over and of people who left, and
// takes note of who may see something else now. Each session is asked about
// once, however many pages it has open. It runs beside the turns: popups do not
// wait for it.
func (l *live) guard() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.guarding || len(l.streams) == 0 || l.ctx.Err() != nil {
		return
	}
	l.guarding = true
	sessions := map[string][]*stream{}
	for st := range l.streams {
		sessions[st.session] = append(sessions[st.session], st)
	}
	l.running.Go(func() {
		for _, streams := range sessions {
			l.check(streams)
		}
		l.mu.Lock()
		l.guarding = false
		l.mu.Unlock()
	})
}

// check asks about one session. A ledger that does not answer ends nothing: the
// turns tell the pages.
func (l *live) check(streams []*stream) {
	_, who, err := l.s.recall(streams[0].came.WithContext(l.ctx))
	if err != nil {
		return
	}
	for _, st := range streams {
		if who.Name != st.who.Name {
			st.end()
			continue
		}
		if !sameEyes(who, st.eyes) {
			st.eyes = who
			l.hand(func(h *handed) { h.changed = append(h.changed, who) })
		}
	}
}

// sameEyes reports whether both see the same, in the same words.
func sameEyes(a, b ledger.Account) bool {
	return slices.Equal(a.Roles, b.Roles) && a.Locale == b.Locale && a.TimeZone == b.TimeZone && a.FullName == b.FullName
}
