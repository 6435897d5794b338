package standing

import (
	"time"

	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/web/words"
	"peyk/internal/report"
)

// lineMost is the place up to which the provider counts; behind it there is no
// telling.
const lineMost = 1000

// With tells how r stands, and how far the provider is with it as p says, if p
// is of what is being prepared now.
func With(w *words.Words, r *report.Request, p ledger.Progress) Standing {
	s := Of(w, r)
	if r.State != report.Preparing || p.GUID != r.GUID || p.Generation != r.Generation {
		return s
	}
	s.Stage = timed(w, stage(w, p), p.ReadyAt)
	if p.Total > 0 {
		s.Done, s.Total = min(max(p.Done, 0), p.Total), p.Total
		s.Percent = w.Say("progress.percent", "N", int(100*float64(s.Done)/float64(s.Total)))
	}
	if s.Icon == Busy {
		s.Reason = s.Stage
	}
	return s
}

func stage(w *words.Words, p ledger.Progress) string {
	switch p.Stage {
	case ledger.StageWaiting:
		if p.Position < 1 || p.Position > lineMost {
			return w.Say("progress.line")
		}
		return w.Say("progress.place", "N", p.Position)
	case ledger.StageReview, ledger.StageGathering, ledger.StageCombining, ledger.StageRendering:
		return w.Say("progress." + string(p.Stage))
	}
	return w.Say("progress.preparing")
}

// timed adds how long it should still take, while that is not over.
func timed(w *words.Words, stage string, ready time.Time) string {
	left := ready.Sub(w.Now())
	if ready.IsZero() || left <= 0 {
		return stage
	}
	return w.Say("progress.left", "Stage", stage, "Time", w.Short(left))
}
