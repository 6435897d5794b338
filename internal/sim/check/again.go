package check

import (
	"slices"
	"strings"
)

// asked is the row of a person who had letters sent again.
const asked = "letters_asked"

// once gives the subject of a letter as it was the first time; again reports
// whether a person asked for this one besides.
func once(subject string) (about string, again bool) {
	about, _, again = strings.Cut(subject, "+")
	return about, again
}

// wanted checks I6 of letters that went out again: a person asked for each, once,
// to that very account. And I12's letter about a promise: it says so only after
// the journal does.
func (r *reading) wanted(s *story) {
	for _, b := range s.boxes {
		_, again := once(b.subject)
		for _, w := range b.words {
			if w.what != sending {
				continue
			}
			if again && !s.askedFor(b, w.Seq) {
				r.fail(6, s.guid, "seq %d: the letter about %q went to %s, and nobody asked for it", w.Seq, b.subject, b.account)
			}
			if b.subject == aboutLate && !slices.ContainsFunc(s.lates, func(e *Entry) bool { return e.Seq < w.Seq }) {
				r.fail(7, s.guid, "seq %d: SENDING to %s that it is late, before it was", w.Seq, b.account)
			}
			if b.subject == aboutLate && s.form != nil && b.account != s.form.Who {
				r.fail(9, s.guid, "seq %d: SENDING to %s, who did not ask for it, that it is late", w.Seq, b.account)
			}
		}
	}
}

// askedFor reports whether a person asked for this letter before a row.
func (s *story) askedFor(b *box, before int64) bool {
	return slices.ContainsFunc(s.rows, func(e *Entry) bool {
		to, _ := e.Evidence["to"].([]any)
		return e.Kind == fact && e.Name == asked && e.Seq < before && text(e.Evidence, "subject") == b.subject && slices.Contains(to, any(b.account))
	})
}
