package check

import (
	"cmp"
	"slices"
	"time"
)

// promise checks I12: a missed promise is shown, neither too early nor too late
// nor twice, and a letter's bad end is shown too.
func (r *reading) promise(s *story) {
	shown := 0
	for i, m := range s.moves {
		if m.To == accepted {
			shown += r.round(s, i)
		}
	}
	if shown != len(s.lates) {
		r.fail(12, s.guid, "it was called late %d times outside of a round", len(s.lates)-shown)
	}
	for _, e := range s.lates {
		r.alarm(s, 12, aboutLate, e)
	}
	for _, b := range s.boxes {
		for _, w := range b.words {
			if w.what == bounced || w.what == unconfirmed || w.what == givenUp {
				r.alarm(s, 12, aboutMail, w.Entry)
			}
		}
	}
}

// round checks one way from the entry to ACCEPTED, move i, to the end, and gives
// how often it was called late.
func (r *reading) round(s *story, i int) int {
	over, version := r.End, int64(1)<<62
	for _, m := range s.moves[i+1:] {
		if terminal(m.To) {
			over, version = m.At, m.Version
			break
		}
	}
	var first *Entry
	shown := 0
	for _, e := range s.lates {
		if e.Version >= s.moves[i].Version && e.Version < version {
			if shown++; first == nil {
				first = e
			}
		}
	}
	if shown > 1 {
		r.fail(12, s.guid, "it was called late %d times in one round", shown)
	}
	if expected, known := r.expected(s, s.moves[i].At); known {
		r.shown(s, expected, over, first)
	}
	return shown
}

// shown checks the fact of one round: not before the promise was missed, and
// soon after it, or soon after faults stopped.
func (r *reading) shown(s *story, expected, over time.Time, late *Entry) {
	if late != nil && late.At.Before(expected) {
		r.fail(12, s.guid, "seq %d calls it late, and it was promised by %v", late.Seq, expected)
	}
	most := expected
	if most.Before(r.Calm) {
		most = r.Calm
	}
	most = most.Add(lateSlack)
	if over.After(most) && (late == nil || late.At.After(most)) {
		r.fail(12, s.guid, "it was promised by %v, not over at %v, and nobody was told", expected, most)
	}
}

// took is how long an ended request needed.
type took struct {
	ended    time.Time
	duration time.Duration
}

// expected is by when the request that was accepted at t is promised: after the
// 95th percentile, by nearest rank, of what the last of its type that ended
// before needed. Unknown if the type of any request is.
func (r *reading) expected(s *story, t time.Time) (promised time.Time, known bool) {
	var all []took
	for _, other := range r.stories {
		if other.form == nil && len(other.rows) > 0 {
			return promised, false
		}
		if other.form == nil || other.form.Type != s.form.Type {
			continue
		}
		if d, ok := other.took(t); ok {
			all = append(all, d)
		}
	}
	if len(all) == 0 {
		return t.Add(withoutRecord), true
	}
	slices.SortFunc(all, func(a, b took) int { return b.ended.Compare(a.ended) })
	all = all[:min(len(all), history)]
	slices.SortFunc(all, func(a, b took) int { return cmp.Compare(a.duration, b.duration) })
	return t.Add(all[(len(all)*95+99)/100-1].duration), true
}

// took is how long the request needed from its last entry to ACCEPTED to the
// first STORED since, if it had ended before t and not begun again.
func (s *story) took(t time.Time) (out took, ok bool) {
	var begun, here time.Time
	over := false
	for _, m := range s.moves {
		if !m.At.Before(t) {
			break
		}
		switch over = terminal(m.To); {
		case m.To == accepted:
			begun, here = m.At, time.Time{}
		case m.To == stored && here.IsZero():
			here = m.At
		}
		out.ended = m.At
	}
	out.duration = here.Sub(begun)
	return out, over && !begun.IsZero() && !here.IsZero()
}
