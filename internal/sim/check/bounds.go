package check

import (
	"strings"
	"time"
)

// counts checks what I10 bounds by number.
func (r *reading) counts(s *story) {
	begun, returned := 0, 0
	for _, m := range s.moves {
		switch {
		case m.To == accepted:
			begun, returned = 0, 0
		case m.To == submitting:
			if begun++; begun > mostGenerations {
				r.fail(10, s.guid, "seq %d begins generation %d of this round", m.Seq, begun)
			}
		case m.To == ready && m.From == stored:
			if returned++; returned > mostRefetches {
				r.fail(10, s.guid, "seq %d returns it from STORED for the %dth time", m.Seq, returned)
			}
		}
	}
	for _, b := range s.boxes {
		if n := b.unknowns(r.End); n > mostUnknowns*max(1, s.generations(b.subject)) {
			r.fail(10, s.guid, "the fate of the letter about %q to %s was unknown %d times", b.subject, b.account, n)
		}
	}
	r.refusals(s)
}

// refusals checks how many downloads of a file may fail their check, and that
// our bytes are removed only when it is over.
func (r *reading) refusals(s *story) {
	state := ""
	var refused map[string]int // in this stay, by file
	for _, e := range s.rows {
		switch {
		case e.Kind == move:
			state = e.To
			clear(refused)
		case e.Name == "refused":
			if refused == nil {
				refused = map[string]int{}
			}
			file := text(e.Evidence, "file")
			if refused[file]++; refused[file] > mostRefusals {
				r.fail(10, s.guid, "seq %d: %q was refused %d times", e.Seq, file, refused[file])
			}
		case e.Name == "cleaned_here" && !terminal(state):
			r.fail(10, s.guid, "seq %d: our bytes were removed while it was in %s", e.Seq, state)
		}
	}
}

// deadlines checks what I10 bounds by time: each state is left by its deadline,
// and not ended before it.
func (r *reading) deadlines(s *story) {
	var begun, told time.Time // when its deadline's time began; told: of STORED
	for i, m := range s.moves {
		switch {
		case m.To == awaiting:
			r.leaves(s, i, m.At.Add(approvalTime))
		case m.To == accepted, m.To == ready && m.From == stored:
			begun = m.At
		case m.To == stored:
			if told = s.toldIn(m.Version); !told.IsZero() {
				r.leaves(s, i, told.Add(announcingTime))
			}
		case m.To == expired && i > 0 && m.At.Before(s.moves[i-1].At.Add(approvalTime)):
			r.fail(10, s.guid, "seq %d: it expired before its day was over", m.Seq)
		case m.To == delivered:
			if _, open := m.Evidence["open"]; open && m.At.Before(told.Add(announcingTime)) {
				r.fail(10, s.guid, "seq %d: it was delivered with open letters before their day was over", m.Seq)
			}
		}
		if preparingState(m.To) {
			r.leaves(s, i, begun.Add(preparingTime))
		}
	}
}

// leaves demands that the state move i entered is left soon after its deadline,
// or soon after faults stopped.
func (r *reading) leaves(s *story, i int, deadline time.Time) {
	most := deadline
	if most.Before(r.Calm) {
		most = r.Calm
	}
	if until := r.until(s, i); until.After(most.Add(deadlineSlack)) {
		r.fail(10, s.guid, "it stayed in %s until %v, and its deadline was %v", s.moves[i].To, until, deadline)
	}
}

// toldIn is when people were first told in a version; zero: never.
func (s *story) toldIn(version int64) time.Time {
	for _, a := range s.told {
		if a.version == version {
			return a.at
		}
	}
	return time.Time{}
}

// storage checks that what lies there belongs to a request that was not cleaned.
func (r *reading) storage() {
	for _, key := range r.Storage {
		guid, _, _ := strings.Cut(strings.ReplaceAll(key, "/", "."), ".")
		s := r.byGUID[guid]
		switch {
		case s == nil || len(s.rows) == 0:
			r.fail(10, guid, "the bytes %s lie in storage and belong to no request", key)
		case s.cleaned():
			r.fail(10, guid, "the bytes %s lie in storage after it was cleaned", key)
		}
	}
}

func (s *story) cleaned() bool {
	for _, e := range s.rows {
		if e.Kind == fact && e.Name == "cleaned_here" {
			return true
		}
	}
	return false
}
