package check

import (
	"strings"
	"time"
)

// What the journal says of a letter, behind "mail_".
const (
	sending     = "sending"
	sent        = "sent"
	bounced     = "bounced"
	unconfirmed = "unconfirmed"
	givenUp     = "given_up"
	void        = "void"
	unknown     = "unknown"
	deferred    = "deferred"
)

// settled reports whether a letter that was said this of is done with. A void
// one may be opened again.
func settled(what string) bool {
	return what == sent || what == bounced || what == unconfirmed || what == givenUp
}

// word is one fact about a letter.
type word struct {
	*Entry
	what string
	id   string // Message-ID, of a sending
}

// box holds what was said of the letters about one subject to one person, of
// whatever generation: only SENDING tells which.
type box struct {
	subject, account string
	words            []word // by Seq
}

// thread is one letter: all messages with its Message-ID, and the commits of
// SENDING before them.
type thread struct {
	id         string
	story      *story
	box        *box
	generation int
	sendings   []time.Time
	mails      []*Mail // by At
}

// letter files a fact about a letter.
func (r *reading) letter(s *story, e *Entry) {
	what, ok := strings.CutPrefix(e.Name, "mail_")
	if !ok {
		return
	}
	b := s.box(text(e.Evidence, "subject"), text(e.Evidence, "account"))
	w := word{Entry: e, what: what}
	if what == sending {
		w.id = text(e.Evidence, "message_id")
		r.sendingOf(s, b, w)
	}
	b.words = append(b.words, w)
}

func (s *story) box(subject, account string) *box {
	for _, b := range s.boxes {
		if b.account == account && b.subject == subject {
			return b
		}
	}
	b := &box{subject: subject, account: account}
	s.boxes = append(s.boxes, b)
	return b
}

// sendingOf files the commit of SENDING with its letter. SENDING is committed
// only in the letter's own generation, and so tells it.
func (r *reading) sendingOf(s *story, b *box, w word) {
	t := r.byID[w.id]
	if t == nil {
		t = &thread{id: w.id, story: s, box: b, generation: w.Generation}
		r.byID[w.id] = t
		r.threads = append(r.threads, t)
	}
	if t.story != s || t.box != b || t.generation != w.Generation {
		r.fail(7, s.guid, "SENDING about %q to %s in generation %d, seq %d, under the Message-ID %s of another letter (%q to %s in generation %d)",
			b.subject, b.account, w.Generation, w.Seq, w.id, t.box.subject, t.box.account, t.generation)
	}
	t.sendings = append(t.sendings, w.At)
}

// mails files what reached the relay with its letter.
func (r *reading) mails() {
	for i := range r.Mail {
		m := &r.Mail[i]
		t := r.byID[m.MessageID]
		if t == nil {
			r.fail(6, "", "a message %s to %s reached the relay and no SENDING of it was ever committed", m.MessageID, m.To)
			continue
		}
		t.mails = append(t.mails, m)
	}
	for _, t := range r.threads {
		sorted(t.mails, func(a, b *Mail) int { return a.At.Compare(b.At) })
	}
}

// single reports whether people were told about subject in one generation only:
// then a person has one letter about it, and every word in the box is of that
// one.
func (s *story) single(subject string) bool { return s.generations(subject) <= 1 }

// generations counts those in which people were told about subject.
func (s *story) generations(subject string) int {
	if subject == aboutLate {
		return s.lateIn()
	}
	n := 0
	for i, a := range s.told {
		if a.subject == subject && s.first(i) {
			n++
		}
	}
	return n
}

// lateIn counts the generations in which a promise was called missed.
func (s *story) lateIn() int {
	seen := map[int]bool{}
	for _, e := range s.lates {
		seen[e.Generation] = true
	}
	return len(seen)
}

// first reports whether announcement i is the first of its subject and
// generation. A report that was fetched again is announced again.
func (s *story) first(i int) bool {
	for _, a := range s.told[:i] {
		if a.subject == s.told[i].subject && a.generation == s.told[i].generation {
			return false
		}
	}
	return true
}
