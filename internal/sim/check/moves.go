package check

// moving checks I8 and I11: legal moves by their owner, nothing missing.
func (r *reading) moving(s *story) {
	var now *Entry // the last move
	var past *Entry
	cleaned := false
	for i, e := range s.rows {
		if e.Seq != int64(i+1) {
			r.fail(8, s.guid, "row %d of the journal has seq %d", i+1, e.Seq)
		}
		if past != nil && e.At.Before(past.At) {
			r.fail(8, s.guid, "seq %d is of %v, before seq %d of %v", e.Seq, e.At, past.Seq, past.At)
		}
		past = e
		switch e.Kind {
		case move:
			r.step(s, now, e)
			if cleaned {
				r.fail(8, s.guid, "seq %d moves it to %s after our bytes were removed", e.Seq, e.To)
			}
			now = e
		case fact:
			r.fact(s, now, e, i)
			cleaned = cleaned || e.Name == "cleaned_here"
		default:
			r.fail(8, s.guid, "seq %d is neither move nor fact but %q", e.Seq, e.Kind)
		}
	}
	if now == nil && len(s.rows) > 0 {
		r.fail(8, s.guid, "it has a journal and was never born")
	}
	r.cancels(s)
}

// step checks one move after the one before it; nil: it is the birth.
func (r *reading) step(s *story, before, e *Entry) {
	from, version, generation := "", int64(1), 1
	if before != nil {
		from, version, generation = before.To, before.Version+1, before.Generation
	}
	if nextGeneration(from, e.To) {
		generation++
	}
	role, legal := mover(from, e.To)
	switch {
	case e.From != from:
		r.fail(8, s.guid, "seq %d moves it from %q, but it was in %q", e.Seq, e.From, from)
	case !legal:
		r.fail(8, s.guid, "seq %d: there is no move from %q to %q", e.Seq, from, e.To)
	case role != e.Role:
		r.fail(11, s.guid, "seq %d: from %q to %q is %s's move, %s made it", e.Seq, from, e.To, role, e.Role)
	}
	if e.Name != e.To {
		r.fail(8, s.guid, "seq %d is called %q and moves to %q", e.Seq, e.Name, e.To)
	}
	if e.Version != version {
		r.fail(8, s.guid, "seq %d to %s makes version %d, not %d", e.Seq, e.To, e.Version, version)
	}
	if e.Generation != generation {
		r.fail(8, s.guid, "seq %d to %s is of generation %d, not %d", e.Seq, e.To, e.Generation, generation)
	}
}

// fact checks that row i left the request as it was. A fact that rides in the
// commit of a move may be written before it, and then bears its version.
func (r *reading) fact(s *story, now, e *Entry, i int) {
	if now != nil && e.Version == now.Version && e.Generation == now.Generation {
		return
	}
	for _, n := range s.rows[i+1:] {
		if !n.At.Equal(e.At) {
			break
		}
		if n.Kind == move {
			if e.Version == n.Version && e.Generation == n.Generation {
				return
			}
			break
		}
	}
	r.fail(8, s.guid, "seq %d, %s: a fact of version %d and generation %d is out of place", e.Seq, e.Name, e.Version, e.Generation)
}

// cancels checks that nothing was cancelled once the report was here. A redrive
// begins anew.
func (r *reading) cancels(s *story) {
	here := false
	for _, m := range s.moves {
		switch m.To {
		case accepted:
			here = false
		case stored:
			here = true
		case cancelled:
			if here {
				r.fail(8, s.guid, "seq %d cancels it after it was STORED", m.Seq)
			}
		}
	}
}
