package check

import "time"

// results checks I2 at the provider: one result per generation. One that forgot
// the request, or removed its copy, begins anew: the same POST is legal then,
// and so is what it makes.
func (r *reading) results(s *story) {
	var seen []int
	for _, p := range s.provider {
		switch p.What {
		case Forgot, Expired:
			seen = seen[:0]
		case Published:
			for _, g := range seen {
				if g == p.Generation {
					r.fail(2, s.guid, "a second result of generation %d was published", g)
				}
			}
			seen = append(seen, p.Generation)
		}
	}
}

// digest is what we once said a file's bytes are.
type digest struct {
	generation   int
	file, sha256 string
	at           time.Time
}

// bytes checks I3, and I2 on our side: what we kept was published for that very
// generation, and does not change.
func (r *reading) bytes(s *story) {
	var known []digest
	fetched := 0 // of this generation since it was last STORED
	for _, e := range s.rows {
		switch {
		case e.Kind == move && nextGeneration(e.From, e.To):
			fetched = 0
		case e.Kind == move && e.To == stored:
			r.kept(s, e, fetched)
			fetched = 0
			known = r.same(s, e, known)
		case e.Kind == fact && e.Name == "fetched":
			fetched++
			known = r.same(s, e, known)
		case e.Kind == fact && e.Name == "taken":
			known = r.same(s, e, known)
		}
	}
	for _, c := range s.clients {
		if c.Op == File && c.Status == 200 && !s.published(0, "", c.SHA256, c.At) {
			r.fail(3, s.guid, "%s was served bytes with SHA-256 %q, which were never published for it", c.Who, c.SHA256)
		}
	}
}

// kept checks what STORED stands on: a result that was published, files that
// were fetched, a digest.
func (r *reading) kept(s *story, e *Entry, fetched int) {
	switch {
	case !s.published(e.Generation, "", "", e.At):
		r.fail(3, s.guid, "seq %d: STORED, and generation %d was not published", e.Seq, e.Generation)
	case fetched == 0:
		r.fail(3, s.guid, "seq %d: STORED, and no file of generation %d was fetched for it", e.Seq, e.Generation)
	case e.Evidence["sha256"] == nil && e.Evidence["files"] == nil:
		r.fail(3, s.guid, "seq %d: STORED without evidence", e.Seq)
	}
	key, declared := text(e.Evidence, "blob_key"), text(e.Evidence, "sha256")
	if wrote := r.Written[key]; r.Written != nil && key != "" && wrote != declared {
		r.fail(3, s.guid, "seq %d: STORED with SHA-256 %q, and what was written to %s has %q", e.Seq, declared, key, wrote)
	}
}

// same checks the digest a row speaks of, if it does, and remembers it.
func (r *reading) same(s *story, e *Entry, known []digest) []digest {
	sum := text(e.Evidence, "sha256")
	if sum == "" {
		return known
	}
	d := digest{e.Generation, text(e.Evidence, "file"), sum, e.At}
	if !s.published(d.generation, d.file, d.sha256, d.at) {
		r.fail(3, s.guid, "seq %d, %s: %q has SHA-256 %s, which was not published for generation %d", e.Seq, e.Name, d.file, d.sha256, d.generation)
	}
	for _, k := range known {
		if k.generation != d.generation || k.file != d.file {
			continue
		}
		if k.sha256 != d.sha256 && !s.begunAnew(d.at) {
			r.fail(2, s.guid, "seq %d, %s: the bytes of %q changed from %s to %s within generation %d", e.Seq, e.Name, d.file, k.sha256, d.sha256, d.generation)
		}
		return known
	}
	return append(known, d)
}

// published reports whether such bytes were, by then: of a generation (0: any),
// under a name ("": any), with a digest ("": any, where the generation is given).
func (s *story) published(generation int, file, sum string, by time.Time) bool {
	for _, p := range s.provider {
		if p.What != Published || p.At.After(by) || generation != 0 && p.Generation != generation {
			continue
		}
		if sum == "" && generation != 0 || has(p.Files, file, sum) {
			return true
		}
	}
	return false
}

func has(files map[string]string, file, sum string) bool {
	if file != "" {
		got, ok := files[file]
		return ok && got == sum
	}
	for _, got := range files {
		if got == sum {
			return true
		}
	}
	return false
}

// begunAnew reports whether the provider lost what it had, by then.
func (s *story) begunAnew(by time.Time) bool {
	for _, p := range s.provider {
		if (p.What == Forgot || p.What == Expired) && !p.At.After(by) {
			return true
		}
	}
	return false
}
