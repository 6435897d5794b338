package check

// held is the provider's copy of one generation.
type held struct {
	generation int
	alive      bool
}

// copies replays the provider's log for I4 and I5: when is a copy deleted, and
// which remain.
func (r *reading) copies(s *story) {
	var all []held
	for _, p := range s.provider {
		switch p.What {
		case Posted, Published:
			all = hold(all, p.Generation)
		case Deleted:
			for i := range all {
				if all[i].alive && all[i].generation <= p.Generation {
					all[i].alive = false
					r.deletion(s, p, all[i].generation)
				}
			}
		case Forgot, Expired:
			all = all[:0]
		}
	}
	m := s.last()
	if m == nil || !terminal(m.To) {
		return
	}
	for _, c := range all {
		if c.alive && !s.leftBehind(c.generation) {
			r.fail(5, s.guid, "it ended as %s, and the provider still has generation %d", m.To, c.generation)
		}
	}
}

func hold(all []held, generation int) []held {
	for i := range all {
		if all[i].generation == generation {
			all[i].alive = true
			return all
		}
	}
	return append(all, held{generation, true})
}

// deletion checks I4 at the moment a copy went: nobody needs it any more if the
// request is over, or on to a later generation. What the journal never heard of
// is an orphan.
func (r *reading) deletion(s *story, p *Provider, generation int) {
	if len(s.moves) == 0 {
		return
	}
	m := s.at(p.At)
	switch {
	case m == nil:
		r.fail(4, s.guid, "the copy of generation %d was deleted before the request was born", generation)
	case m.Generation <= generation && !terminal(m.To):
		r.fail(4, s.guid, "the copy of generation %d was deleted by DELETE up to %d while it was in %s, generation %d",
			generation, p.Generation, m.To, m.Generation)
	}
}

// leftBehind reports whether the journal owns up to a copy of the generation.
func (s *story) leftBehind(generation int) bool {
	for _, e := range s.rows {
		if e.Name == "left_behind" && number(e.Evidence, "generations_up_to") >= generation {
			return true
		}
	}
	return false
}
