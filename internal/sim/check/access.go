package check

// calls checks I9 in what people were answered and in what lies in their bells.
func (r *reading) calls(s *story) {
	for _, c := range s.clients {
		if !ruled(c.Op) || s.form == nil && len(s.rows) > 0 {
			continue
		}
		p := r.people[c.Who]
		switch {
		case p != nil && !p.left(c.At) && s.may(p, c.Op):
		case c.Status >= 200 && c.Status < 400:
			r.fail(9, s.guid, "%s by %s at %v was answered %d", c.Op, c.Who, c.At, c.Status)
		case p != nil && !p.left(c.At) && (c.Op == Status || c.Op == File) && tells(c.Status):
			r.fail(9, s.guid, "%s by %s at %v was answered %d, which tells that there is one", c.Op, c.Who, c.At, c.Status)
		}
	}
	for _, b := range s.bells {
		p := r.people[b.Who]
		if s.form != nil && (p == nil || !s.concerns(p, b.Subject)) {
			r.fail(9, s.guid, "%s has a notice %q, whom it does not concern", b.Who, b.Subject)
		}
	}
}

// ruled reports whether there is a rule about who may do op: to ask is everybody's.
func ruled(op string) bool {
	switch op {
	case Status, File, Approve, Decline, Cancel, Redrive:
		return true
	}
	return false
}

// tells reports whether a refusal gives away that the request exists: who may
// not see it gets the 404 of an unknown one.
func tells(status int) bool {
	return status == 403 || status == 405 || status == 409 || status == 410
}

// may reports whether p may do op to the request. An operator sees every
// request and none of the documents.
func (s *story) may(p *Person, op string) bool {
	if s.form == nil || len(s.rows) == 0 {
		return false
	}
	switch op {
	case Status:
		return s.receives(p.Name) || s.approves(p) || p.operates()
	case File:
		return s.receives(p.Name)
	case Approve, Decline:
		return s.decides(p)
	case Cancel:
		return s.form.Who == p.Name || p.operates()
	case Redrive:
		return p.operates()
	}
	return false
}

// concerns reports whether a letter or notice about subject is for p.
func (s *story) concerns(p *Person, subject string) bool {
	if s.form == nil {
		return true
	}
	subject, _ = once(subject)
	switch subject {
	case aboutAsking:
		return s.decides(p)
	case aboutLate, aboutMail:
		return s.form.Who == p.Name || p.operates()
	}
	return s.receives(p.Name)
}

// deciders checks I9 in the journal: who approved, declined, cancelled, redrove.
func (r *reading) deciders(s *story) {
	if s.form == nil {
		return
	}
	for _, m := range s.moves {
		op, by := "", ""
		switch {
		case m.To == accepted && m.From == awaiting:
			op, by = Approve, text(m.Evidence, "approved_by")
		case m.To == accepted && m.From != "":
			op, by = Redrive, text(m.Evidence, "redriven_by")
		case m.To == declined:
			op, by = Decline, text(m.Evidence, "declined_by")
		case m.To == cancelled:
			op, by = Cancel, text(m.Evidence, "cancelled_by")
		default:
			continue
		}
		p := r.people[by]
		if op == Cancel && by == "system" {
			p = r.people[s.form.Who] // who must have left
			if p == nil || p.GoneAt.IsZero() || p.GoneAt.After(m.At) {
				r.fail(9, s.guid, "seq %d: the system cancelled it, and %s is still here", m.Seq, s.form.Who)
			}
			continue
		}
		if p == nil || !s.may(p, op) {
			r.fail(9, s.guid, "seq %d to %s: %s by %q, who may not", m.Seq, m.To, op, by)
		}
	}
}
