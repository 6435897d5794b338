// Package standing says in words how a request stands: one word, the reason,
// and the shape of the icon before it.
//
// Promise: every state has its word in both languages and its own shape, so
// that nothing is told by colour alone, and no word is technical.
//
// Limits: it looks only at what it is given, so that a list of a hundred costs
// one reading of the requests and one of their progress.
//
// Failure: a cause it does not know is told as such, without its code.
package standing

import (
	"time"

	"peyk/internal/backoffice/web/words"
	"peyk/internal/report"
)

// Icon is a shape.
type Icon string

// The shapes.
const (
	Ready     Icon = "ready"     // full circle with a tick
	Busy      Icon = "busy"      // ring
	Waiting   Icon = "waiting"   // clock
	Failed    Icon = "failed"    // octagon
	Declined  Icon = "declined"  // circle with a cross
	Cancelled Icon = "cancelled" // circle with a minus
	Late      Icon = "late"      // triangle
)

// Standing is how a request stands.
type Standing struct {
	Icon   Icon
	Word   string
	Reason string

	Stage   string // what the provider is doing, and how long still; "": unknown
	Percent string // of a share that is known
	Done    int    // of Total; a Total of 0: there is no bar to show
	Total   int
}

// Of tells how r stands.
func Of(w *words.Words, r *report.Request) Standing {
	switch r.State {
	case report.AwaitingApproval:
		return because(Waiting, w.Say("state.waiting"), w.Say("state.waiting.since", "Time", w.About(w.Now().Sub(r.CreatedAt))))
	case report.Stored, report.Delivered:
		return here(w, r)
	case report.Rejected, report.Failed:
		return because(Failed, w.Say("state.failed"), refused(w, r))
	case report.Declined:
		return because(Declined, w.Say("state.declined"), quoted(w, r.Failure))
	case report.Expired:
		return because(Declined, w.Say("state.expired"), w.Say("state.expired.reason"))
	case report.Cancelled:
		return because(Cancelled, w.Say("state.cancelled"), cancelled(w, r))
	}
	return onItsWay(w, r)
}

func because(icon Icon, word, reason string) Standing {
	return Standing{Icon: icon, Word: word, Reason: reason}
}

// refused is why a request failed; if the provider would not prepare it, in its
// own words, too.
func refused(w *words.Words, r *report.Request) string {
	cause := Cause(w, r.Failure)
	said := r.Failure.Said()
	if r.State != report.Rejected || said == "" {
		return cause
	}
	return w.Say("cause.said", "Cause", cause, "Said", w.Say("quoted", "Text", said))
}

func onItsWay(w *words.Words, r *report.Request) Standing {
	if IsLate(r, w.Now()) {
		return because(Late, w.Say("state.late"), w.Say("state.late.reason", "Clock", w.Clock(r.ExpectedBy)))
	}
	stage := w.Say("stage." + string(r.State))
	if !r.ExpectedBy.IsZero() {
		stage = w.Say("state.by", "Stage", stage, "Clock", w.Clock(r.ExpectedBy))
	}
	return because(Busy, w.Say("state.busy"), stage)
}

// IsLate reports whether a promise was missed and the report is not here yet.
func IsLate(r *report.Request, now time.Time) bool {
	return !r.State.Terminal() && r.State != report.Stored && !r.ExpectedBy.IsZero() && now.After(r.ExpectedBy)
}

func here(w *words.Words, r *report.Request) Standing {
	if !r.PurgedAt.IsZero() {
		return because(Cancelled, w.Say("state.purged"), w.Say("state.purged.reason", "Day", w.DayMonth(r.PurgedAt)))
	}
	s := Standing{Icon: Ready, Word: w.Say("state.ready"), Reason: extent(w, r.Manifest)}
	switch {
	case r.Manifest.Partial():
		s.Word = w.Say("state.partial")
	case r.Manifest.Empty():
		s.Reason = w.Say("state.empty.reason")
	}
	if until := Until(w, r); until != "" {
		s.Reason += ", " + until
	}
	return s
}

// Until says how long the report can be had; "" while that is not known.
func Until(w *words.Words, r *report.Request) string {
	switch {
	case r.EndedAt.IsZero():
		return ""
	case r.Asked.Retention == 0:
		return w.Say("until.had")
	}
	return w.Say("until.day", "Day", w.DayMonth(r.EndedAt.Add(r.Asked.Retention)))
}

func extent(w *words.Words, m report.Manifest) string {
	pages, rows := 0, 0
	for _, f := range m.Files {
		pages, rows = max(pages, f.Pages), max(rows, f.Rows)
	}
	if pages == 0 {
		return w.Count("count.rows", rows)
	}
	return w.Count("count.pages", pages) + ", " + w.Count("count.rows", rows)
}

// Cause says why a request failed.
func Cause(w *words.Words, f *report.Failure) string {
	if f != nil {
		if id := "cause." + f.Code; w.Has(id) {
			return w.Say(id)
		}
	}
	return w.Say("cause.unknown")
}

func quoted(w *words.Words, f *report.Failure) string {
	if f == nil || f.Detail == "" {
		return ""
	}
	return w.Say("quoted", "Text", f.Detail)
}

func cancelled(w *words.Words, r *report.Request) string {
	when := w.Moment(r.EndedAt)
	if why := quoted(w, r.Failure); why != "" {
		return when + ", " + why
	}
	return when
}
