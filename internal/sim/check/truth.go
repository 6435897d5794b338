package check

// truth checks I7: SENDING is committed only while the letter is true, in the
// state, the generation and to a person it is true for.
func (r *reading) truth(s *story) {
	for _, b := range s.boxes {
		p := r.people[b.account]
		for _, w := range b.words {
			if w.what != sending {
				continue
			}
			m := s.before(w.Seq)
			switch {
			case m == nil || !trueIn(b.subject, m.To):
				state := ""
				if m != nil {
					state = m.To
				}
				r.fail(7, s.guid, "seq %d: SENDING about %q to %s while it is in %q", w.Seq, b.subject, b.account, state)
			case m.Generation != w.Generation:
				r.fail(7, s.guid, "seq %d: SENDING about %q to %s of generation %d in generation %d", w.Seq, b.subject, b.account, w.Generation, m.Generation)
			case p != nil && p.left(w.At):
				r.fail(7, s.guid, "seq %d: SENDING about %q to %s, who has left", w.Seq, b.subject, b.account)
			case b.subject == aboutAsking && s.form != nil && (p == nil || !s.decides(p)):
				r.fail(7, s.guid, "seq %d: SENDING to ask %s, who may not decide", w.Seq, b.account)
			}
		}
	}
}

// before is the last move before a row; nil if there is none.
func (s *story) before(seq int64) *Entry {
	for i := len(s.moves) - 1; i >= 0; i-- {
		if s.moves[i].Seq < seq {
			return s.moves[i]
		}
	}
	return nil
}
