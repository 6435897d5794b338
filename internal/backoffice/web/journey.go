package web

import (
	"strconv"
	"time"

	"peyk/internal/backoffice/web/page/onereport"
	"peyk/internal/backoffice/web/standing"
	"peyk/internal/report"
)

// journey is the thirteen steps as the journal tells them.
type journey struct {
	v    *visit
	r    *report.Request
	d    dossier
	done [report.Steps + 1]*report.Entry // by step; the last time it was taken
	last report.Step                     // the furthest step taken since the last start
}

// readJourney picks each step's newest row. A step that was taken before an
// earlier one was taken again belongs to an attempt that is over.
func readJourney(v *visit, r *report.Request, d dossier) *journey {
	j := &journey{v: v, r: r, d: d}
	for i := range d.journal {
		e := &d.journal[i]
		if e.Step < 1 || e.Step > report.Steps || e.Generation != r.Generation && e.Step > report.StepRecorded {
			continue
		}
		if j.done[e.Step] == nil || e.Step != report.StepDelivered {
			j.done[e.Step] = e
		}
		j.last = max(j.last, e.Step)
	}
	return j
}

// phase is a part of the journey a person follows.
type phase struct {
	key         string
	first, last report.Step
}

func phases() []phase {
	return []phase{
		{"asked", report.StepAsked, report.StepStamped},
		{"recorded", report.StepRecorded, report.StepRecorded},
		{"prepared", report.StepHeard, report.StepPrepared},
		{"collected", report.StepReader, report.StepStored},
		{"delivered", report.StepHereHeard, report.StepDelivered},
	}
}

func (j *journey) phases() []onereport.Phase {
	var out []onereport.Phase
	for _, ph := range phases() {
		p := onereport.Phase{Key: ph.key, Title: j.phaseTitle(ph), Icon: j.phaseIcon(ph)}
		for s := ph.first; s <= ph.last; s++ {
			p.Steps = append(p.Steps, j.step(s))
		}
		if end := j.done[ph.last]; end != nil {
			p.Clock = j.v.w.Seconds(end.At)
			p.Took = j.v.w.Took(end.At.Sub(j.before(ph.first)))
		}
		out = append(out, p)
	}
	return out
}

func (j *journey) phaseTitle(ph phase) string {
	if ph.key == "recorded" && j.r.Asked.Approval != report.NoApproval {
		if e := j.done[report.StepRecorded]; e != nil {
			if by, ok := e.Evidence["approved_by"].(string); ok {
				return j.v.w.Say("phase.approved", "Name", j.d.name(by))
			}
		}
		return j.v.w.Say("phase.approval")
	}
	return j.v.w.Say("phase." + ph.key)
}

func (j *journey) phaseIcon(ph phase) standing.Icon {
	switch {
	case j.done[ph.last] != nil:
		return standing.Ready
	case j.ended() && ph.last > j.last && ph.first <= j.last+1:
		return standing.Of(j.v.w, j.r).Icon
	case !j.ended() && ph.first <= j.last+1 && j.r.State == report.AwaitingApproval:
		return standing.Waiting
	case !j.ended() && ph.first <= j.last+1:
		return standing.Busy
	}
	return ""
}

// ended reports whether nothing more will come on the way.
func (j *journey) ended() bool { return j.r.State.Terminal() }

func (j *journey) step(s report.Step) onereport.Step {
	out := onereport.Step{
		Number: int(s), Title: j.v.w.Say("step." + strconv.Itoa(int(s))), Role: j.role(s),
		Running: !j.ended() && s == j.last+1 && j.r.State != report.AwaitingApproval,
	}
	e := j.done[s]
	if e == nil {
		return out
	}
	out.Done, out.Running = true, false
	out.Event = eventOf(s)
	out.Evidence = evidence(j.v, e.Evidence)
	out.Clock, out.Exact = j.v.w.Millis(e.At), e.At.Format(time.RFC3339Nano)
	out.Took = j.v.w.Took(e.At.Sub(j.before(s)))
	if ms, ok := e.Evidence["took_ms"]; ok {
		if n, ok := asNumber(ms); ok {
			out.Took = j.v.w.Took(time.Duration(n) * time.Millisecond)
		}
	}
	if s == report.StepAsked {
		out.Took = "–"
	}
	return out
}

// eventOf is what the step puts on the queue.
func eventOf(s report.Step) string {
	switch s {
	case report.StepRecorded:
		return "ReportRequested"
	case report.StepReader:
		return "ReportReady"
	case report.StepStored:
		return "ReportIsHere"
	}
	return ""
}

func (j *journey) role(s report.Step) string {
	switch {
	case s == report.StepAsked && j.r.Asked.Owner == j.v.who.Name:
		return j.v.w.Say("one.you")
	case s == report.StepAsked:
		return j.d.name(j.r.Asked.Owner)
	case s == report.StepPrepared:
		return j.v.w.Say("one.reporting-app")
	}
	return string(s.Role())
}

// before is when the nearest step before s was taken.
func (j *journey) before(s report.Step) time.Time {
	for i := s - 1; i >= 1; i-- {
		if j.done[i] != nil {
			return j.done[i].At
		}
	}
	return j.r.CreatedAt
}

// shares says where the time went, once the report is here.
func (j *journey) shares() []onereport.Share {
	end := j.done[report.StepDelivered]
	if end == nil || j.done[report.StepRecorded] == nil {
		return nil
	}
	whole := end.At.Sub(j.r.CreatedAt)
	waited := j.done[report.StepRecorded].At.Sub(j.r.CreatedAt)
	worked := time.Duration(0)
	if from, to := j.done[report.StepPosted], j.done[report.StepPrepared]; from != nil && to != nil {
		worked = max(0, to.At.Sub(from.At))
	}
	if whole <= 0 {
		return nil
	}
	var out []onereport.Share
	at := 0.0
	for _, part := range []struct {
		kind string
		took time.Duration
	}{{"waited", waited}, {"worked", worked}, {"rest", whole - waited - worked}} {
		if part.took <= 0 {
			continue
		}
		width := 100 * float64(part.took) / float64(whole)
		out = append(out, onereport.Share{
			Kind: part.kind, Label: j.v.w.Say("share." + part.kind), Took: j.v.w.Took(part.took),
			From: percent(at), Width: percent(width),
		})
		at += width
	}
	return out
}

func percent(f float64) string { return strconv.FormatFloat(f, 'f', 2, 64) }

// rest lists the journal's rows that are none of the steps shown.
func (j *journey) rest() []onereport.Event {
	var out []onereport.Event
	for i := range j.d.journal {
		e := &j.d.journal[i]
		if e.Step > 0 && e.Step <= report.Steps && j.done[e.Step] == e {
			continue
		}
		out = append(out, onereport.Event{
			Clock: j.v.w.Millis(e.At), Exact: e.At.Format(time.RFC3339Nano), Role: string(e.Role),
			Name: e.Name, Move: e.Kind == report.KindMove, Evidence: evidence(j.v, e.Evidence),
		})
	}
	return out
}
