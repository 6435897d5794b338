package check

import (
	"strings"
	"time"
)

// relay checks what reached the relay: for I6 how often and that it was the
// same, for I3 the bytes attached, for I9 to whom it went.
func (r *reading) relay() {
	for i, t := range r.threads {
		r.often(t)
		r.identical(t)
		for _, m := range t.mails {
			r.attached(t, m)
			r.addressed(t, m)
		}
		for _, other := range r.threads[:i] {
			if other.box == t.box && other.generation == t.generation && other.taken() && t.taken() {
				r.fail(6, t.story.guid, "the letter about %q to %s in generation %d went out under two Message-IDs, %s and %s",
					t.box.subject, t.box.account, t.generation, other.id, t.id)
			}
		}
	}
}

// uncertain reports whether its sender cannot know that the relay does not have
// the message.
func (m *Mail) uncertain() bool { return m.Code < 400 }

// taken reports whether the relay has the letter, as far as its sender can know.
func (t *thread) taken() bool {
	for _, m := range t.mails {
		if m.Taken && m.uncertain() {
			return true
		}
	}
	return false
}

// often checks that each message followed its own SENDING, and each that may be
// the second an UNKNOWN. It counts instead of looking between the two, for a
// process that was stopped may finish its message after its successor's.
func (r *reading) often(t *thread) {
	possible := 0
	for i, m := range t.mails {
		if by(t.sendings, m.At) < i+1 {
			r.fail(6, t.story.guid, "message %d under %s reached the relay at %v without a SENDING of its own", i+1, t.id, m.At)
		}
		if m.uncertain() {
			possible++
		}
		if possible > 1 && m.uncertain() && t.box.unknowns(m.At) < possible-1 {
			r.fail(6, t.story.guid, "message %d under %s reached the relay at %v, and no UNKNOWN was noted before it", i+1, t.id, m.At)
		}
	}
}

// by counts the times that are not after t.
func by(times []time.Time, t time.Time) int {
	n := 0
	for _, x := range times {
		if !x.After(t) {
			n++
		}
	}
	return n
}

// unknowns counts how often by then the fate of the box's letters was unknown.
func (b *box) unknowns(t time.Time) int {
	n := 0
	for _, w := range b.words {
		if w.what == unknown && !w.At.After(t) {
			n++
		}
	}
	return n
}

// identical checks that what followed a message that may have arrived was the
// same, byte for byte. One the relay surely refused may be written anew.
func (r *reading) identical(t *thread) {
	sum := ""
	for i, m := range t.mails {
		if sum != "" && m.SHA256 != sum {
			r.fail(6, t.story.guid, "message %d under %s is not the one that went before", i+1, t.id)
		}
		if sum == "" && m.uncertain() {
			sum = m.SHA256
		}
	}
}

// attached checks I3 in letters.
func (r *reading) attached(t *thread, m *Mail) {
	for name, sum := range m.Attached {
		if !t.story.published(t.generation, "", sum, m.At) {
			r.fail(3, t.story.guid, "the letter %s carries %q with SHA-256 %s, which was not published for generation %d", t.id, name, sum, t.generation)
		}
	}
}

// addressed checks I9 in letters: to the address of the account it names, and
// only to whom the subject concerns.
func (r *reading) addressed(t *thread, m *Mail) {
	p := r.people[t.box.account]
	switch {
	case p == nil || !strings.EqualFold(p.Email, m.To):
		r.fail(9, t.story.guid, "the letter %s to %s went to %s", t.id, t.box.account, m.To)
	case !t.story.concerns(p, t.box.subject):
		r.fail(9, t.story.guid, "the letter %s about %q went to %s, whom it does not concern", t.id, t.box.subject, p.Name)
	}
}

// arrived reports whether the relay took the message that a fact says was sent.
func (r *reading) arrived(p *postman, w word) bool {
	for _, t := range r.threads {
		if t.box != p.b {
			continue
		}
		for _, m := range t.mails {
			early := p.single && m.At.Before(p.since)
			if m.Taken && m.Code >= 200 && m.Code < 300 && !m.At.After(w.At) && !early {
				return true
			}
		}
	}
	return false
}
