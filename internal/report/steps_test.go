package report_test

import (
	"slices"
	"time"

	"peyk/internal/report"

	"pgregory.net/rapid"
)

// step is one thing somebody tries.
type step struct {
	Verb   string
	Manner manner
	Pick   int // which of the verbs that fit the manner
	By     string
	Reason string
	Flag   bool // tombstoned; files found; the version seen is the current one
	After  time.Duration
}

// manner is how a verb is chosen.
type manner string

const (
	blind manner = "blind" // whatever was drawn
	bold  manner = "bold"  // a move the table has from here, allowed now or not
	legal manner = "legal" // one that is allowed
)

// onward are the verbs that lead far, tried more often.
var onward = []string{"approve", "submit", "prepare", "found", "store", "announced", "deliver", "damaged", "damaged", "next", "redrive"}

var verbs = slices.Concat(onward, onward, onward, []string{
	"fail", "reject", "gone", "decline", "expire", "cancel", "change", "purge",
})

func drawStep() *rapid.Generator[step] {
	return rapid.Custom(func(t *rapid.T) step {
		return step{
			Verb:   rapid.SampledFrom(verbs).Draw(t, "verb"),
			Manner: rapid.SampledFrom([]manner{legal, bold, blind}).Draw(t, "manner"),
			Pick:   rapid.IntRange(0, 999).Draw(t, "pick"),
			By:     rapid.SampledFrom([]string{approver, requester}).Draw(t, "by"),
			Reason: rapid.SampledFrom([]string{"pahalı", ""}).Draw(t, "reason"),
			Flag:   rapid.Bool().Draw(t, "flag"),
			After:  rapid.SampledFrom([]time.Duration{time.Second, time.Hour, report.ApprovalTime}).Draw(t, "after"),
		}
	})
}

// choose gives the verb of the step, or one of those the step would rather
// have; "" if there are none.
func (w *walker) choose(s step) string {
	if s.Manner == blind {
		return s.Verb
	}
	var verb []string
	for _, s.Verb = range verbs {
		if w.fits(s) {
			verb = append(verb, s.Verb)
		}
	}
	if len(verb) == 0 {
		return ""
	}
	return verb[s.Pick%len(verb)] // small numbers come more often, and so does what is first
}

// fits reports whether a verb is what the step's manner looks for.
func (w *walker) fits(s step) bool {
	to, may := w.judge(s)
	switch {
	case s.Verb == "announced":
		return w.r.State == report.Stored && !w.announced
	case s.Verb == "purge":
		return w.r.State.Terminal() && w.r.PurgedAt.IsZero()
	case s.Verb == "change":
		return s.Manner == bold && w.r.State == report.Accepted
	case s.Manner == bold:
		return w.table[edge{w.r.State, to}] != ""
	}
	return may
}

func (w *walker) try(s step) (report.Move, error) {
	r, at, ev := w.r, w.at, report.Evidence{"try": s.Verb}
	switch s.Verb {
	case "approve":
		return r.Approve(s.By, promise, at)
	case "decline":
		return r.Decline(s.By, s.Reason, at)
	case "expire":
		return r.Expire(at)
	case "cancel":
		return r.Cancel(s.By, s.Reason, at)
	case "submit":
		return r.Submit(at, ev)
	case "prepare":
		return r.Prepare(at, ev)
	case "next":
		return r.NextGeneration(s.Flag, at, ev)
	case "found":
		if s.Flag {
			return r.Found(files, at.Add(time.Hour), at, ev)
		}
		return r.Found(report.Manifest{}, at, at, ev)
	case "gone":
		return r.Gone(at, ev)
	case "store":
		return r.Store(at, ev)
	case "deliver":
		return r.Deliver(at, ev)
	case "damaged":
		return r.Damaged(at, ev)
	case "reject":
		return r.Reject(report.Failure{Code: "too-large"}, at, ev)
	case "fail":
		return r.Fail(report.Failure{Code: "deadline"}, at, ev)
	case "redrive":
		version := r.Version
		if !s.Flag {
			version--
		}
		return r.Redrive(s.By, version, promise, at)
	case "announced":
		r.Announced(at)
		w.announced = true
	case "change":
		w.change(s.Flag)
	case "purge":
		if r.State.Terminal() {
			r.PurgedAt = at
		}
	}
	return report.Move{}, nil
}

// change makes what was asked another thing than what was approved, or again
// the same. Before approval there is nothing it could differ from.
func (w *walker) change(back bool) {
	if w.r.ApprovedHash == "" {
		return
	}
	w.changed = !back
	w.r.Asked.Parameters = []byte(`{"count":50}`)
	if w.changed {
		w.r.Asked.Parameters = []byte(`{"count":51}`)
	}
}
