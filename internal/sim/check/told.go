package check

import "time"

// telling checks I6 from the announcements' side: whoever was to be told has a
// notice, and a letter that came to an end.
func (r *reading) telling(s *story) {
	for i, a := range s.told {
		if m := s.version(a.version); m == nil || !trueIn(a.subject, m.To) {
			r.fail(6, s.guid, "%q was announced in version %d, which is not so", a.subject, a.version)
		}
		if s.first(i) {
			r.everybody(s, a)
		}
	}
	r.outcome(s)
}

// version is the move that made version v; nil if none did.
func (s *story) version(v int64) *Entry {
	for _, m := range s.moves {
		if m.Version == v {
			return m
		}
	}
	return nil
}

// everybody checks one announcement. That its letters turned void is all right
// here: what was announced may be overtaken.
func (r *reading) everybody(s *story, a announcement) {
	for _, p := range r.addressees(s, a.subject) {
		if !s.rings(p.Name, a.subject, a.generation) {
			r.fail(6, s.guid, "%q of generation %d was announced, and %s has no notice", a.subject, a.generation, p.Name)
		}
		if !s.closed(a, p.Name, true) {
			r.fail(6, s.guid, "%q of generation %d was announced, and the letter to %s came to no end", a.subject, a.generation, p.Name)
		}
	}
}

// closed reports whether a letter about what was announced came to an end since:
// sent, bounced, unconfirmed, given up; or, if that is enough, void.
func (s *story) closed(a announcement, account string, voidToo bool) bool {
	for _, b := range s.boxes {
		if b.subject != a.subject || b.account != account {
			continue
		}
		for _, w := range b.words {
			if !w.At.Before(a.at) && (settled(w.what) || voidToo && w.what == void) {
				return true
			}
		}
	}
	return false
}

// outcome checks that people were told how it ended, and that nobody's letter
// about it is void: it stays true.
func (r *reading) outcome(s *story) {
	m := s.last()
	if m == nil || !terminal(m.To) {
		return
	}
	version := m.Version
	if m.To == delivered {
		version-- // told while it was STORED
	}
	subject := about(m.To)
	var first *announcement // whose letters may stand, though it was fetched again
	announced := false
	for i := range s.told {
		a := &s.told[i]
		if a.subject != subject || a.generation != m.Generation {
			continue
		}
		if first == nil {
			first = a
		}
		announced = announced || a.version == version
	}
	if !announced {
		r.fail(6, s.guid, "it ended as %s in generation %d, and nobody was told", m.To, m.Generation)
		return
	}
	for _, p := range r.addressees(s, subject) {
		if !s.closed(*first, p.Name, false) {
			r.fail(6, s.guid, "it ended as %s, and the letter to %s was neither sent nor bounced, unconfirmed or given up", m.To, p.Name)
		}
	}
}

// posting checks I6 from the letters' side: no second sending but after a
// recorded UNKNOWN, none after the end, and no end without its reason.
func (r *reading) posting(s *story) {
	for _, b := range s.boxes {
		p := postman{r: r, s: s, b: b, single: s.single(b.subject)}
		for _, w := range b.words {
			p.follow(w)
		}
	}
}

// postman follows what was said of one box's letters.
type postman struct {
	r        *reading
	s        *story
	b        *box
	single   bool // all of it is of one letter
	inFlight string
	since    time.Time // of the last SENDING
	unknowns int
	done     bool
}

func (p *postman) follow(w word) {
	switch {
	case w.what == sending:
		p.sending(w)
		return
	case w.what == unknown:
		p.unknowns++
	case w.what == void && p.single && p.unknowns > 0:
		p.fail(w, "void, though its fate is unknown")
	case w.what == void && p.single && p.inFlight != "":
		p.fail(w, "void, though the relay may have it")
	case w.what == sent && !p.r.arrived(p, w):
		p.fail(w, "sent, and the relay took no such message")
	}
	p.inFlight = ""
	p.done = p.done || settled(w.what)
}

func (p *postman) sending(w word) {
	switch {
	case w.id == p.inFlight:
		p.fail(w, "sending again, and nothing was noted of the first time")
	case p.single && p.done:
		p.fail(w, "sending, after it came to its end")
	case p.single && flag(w.Evidence, "again") != (p.unknowns > 0):
		p.fail(w, "sending, with a wrong word about whether it is a second time")
	}
	p.inFlight, p.since = w.id, w.At
}

func (p *postman) fail(w word, what string) {
	p.r.fail(6, p.s.guid, "seq %d: the letter about %q to %s is %s", w.Seq, p.b.subject, p.b.account, what)
}
