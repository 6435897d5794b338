package check

import (
	"slices"
	"time"
)

// holds reports whether p holds the role; nobody unknown does.
func (p *Person) holds(role string) bool {
	return p != nil && slices.Contains(p.Roles, role)
}

// operates reports whether p looks after the whole.
func (p *Person) operates() bool { return p.holds(roleOperator) || p.holds(roleAdmin) }

// stays reports whether p never left.
func (p *Person) stays() bool { return p != nil && p.GoneAt.IsZero() }

// left reports whether p had left before t.
func (p *Person) left(t time.Time) bool { return !p.GoneAt.IsZero() && p.GoneAt.Before(t) }

// receives reports whether the request's document is meant for name: who asked,
// and the recipients.
func (s *story) receives(name string) bool {
	return s.form != nil && (s.form.Who == name || slices.Contains(s.form.Recipients, name))
}

// approves reports whether p holds the role the rule names. Asking is open to
// many, so the requester's role approves nothing.
func (s *story) approves(p *Person) bool {
	return s.rule != "" && s.rule != noRule && s.rule != roleRequester && p.holds(s.rule)
}

// decides reports whether p may approve or decline: nobody about their own.
func (s *story) decides(p *Person) bool {
	return s.approves(p) && s.form != nil && s.form.Who != p.Name
}

// addressees are the people to be told about subject who never left.
func (r *reading) addressees(s *story, subject string) []*Person {
	if s.form == nil {
		return nil
	}
	var out []*Person
	for i := range r.People {
		p := &r.People[i]
		if subject == aboutAsking && s.decides(p) || subject != aboutAsking && s.receives(p.Name) {
			if p.stays() {
				out = append(out, p)
			}
		}
	}
	return out
}

// rings reports whether name has a notice of the request in the bell.
func (s *story) rings(name, subject string, generation int) bool {
	for _, b := range s.bells {
		if b.Who == name && b.Subject == subject && b.Generation == generation {
			return true
		}
	}
	return false
}

// alarm demands a notice for who asked and for everybody who operates, of those
// still here.
func (r *reading) alarm(s *story, invariant int, subject string, e *Entry) {
	for i := range r.People {
		p := &r.People[i]
		if !p.stays() || !p.operates() && (s.form == nil || s.form.Who != p.Name) {
			continue
		}
		if !s.rings(p.Name, subject, e.Generation) {
			r.fail(invariant, s.guid, "%s, seq %d: %s has no notice %q of generation %d", e.Name, e.Seq, p.Name, subject, e.Generation)
		}
	}
}
