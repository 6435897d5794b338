package check

// ends checks I1: what was answered 202, or recorded though the answer was
// lost, has ended.
func (r *reading) ends(s *story) {
	asked := false
	for _, c := range s.clients {
		if c.Op != Submit {
			continue
		}
		asked = asked || c.Status == 202 || c.Status == 0 || c.Status >= 500
		if c.Status == 202 && (c.Who != s.form.Who || c.Type != s.form.Type) {
			r.fail(1, s.guid, "202 to %s for %q and to %s for %q: one request cannot be both", s.form.Who, s.form.Type, c.Who, c.Type)
		}
	}
	if s.form != nil && s.form.Status == 202 && len(s.rows) == 0 {
		r.fail(1, s.guid, "it was answered 202 and has no journal")
		return
	}
	if len(s.rows) == 0 {
		return
	}
	if !asked {
		r.fail(1, s.guid, "it has a journal and nobody asked for it")
	}
	if m := s.last(); m == nil || !terminal(m.To) {
		state := "no state"
		if m != nil {
			state = m.To
		}
		r.fail(1, s.guid, "it never ended: at the end it is in %s", state)
	}
}
