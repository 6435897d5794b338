package gateway

import (
	"time"

	"peyk/internal/backoffice/ledger"
	"peyk/internal/protocol"
	"peyk/internal/report"
)

// leastPoll is the shortest rest a provider can make us keep.
const leastPoll = 5 * time.Second

// longestGuess bounds how far ahead an expected end is believed.
const longestGuess = 7 * 24 * time.Hour

// pollAfter is the rest before the next look: what the provider asked for,
// within bounds; else the usual one.
func pollAfter(asked, usual time.Duration) time.Duration {
	if asked <= 0 {
		return usual
	}
	return min(max(asked, leastPoll), mostPoll)
}

// progressOf is what a page may show of an operation under way. Nothing of it is
// the provider's own text, and no number is below zero.
func progressOf(r *report.Request, o protocol.Operation, now time.Time) ledger.Progress {
	p := ledger.Progress{GUID: r.GUID, Generation: r.Generation, At: now}
	if o.ETASeconds > 0 && o.ETASeconds <= int(longestGuess/time.Second) {
		p.ReadyAt = now.Add(time.Duration(o.ETASeconds) * time.Second)
	}
	if o.State == protocol.PendingReview {
		p.Stage = ledger.StageReview
		return p
	}
	if o.State == protocol.Queued {
		p.Stage = ledger.StageWaiting
	}
	if o.Progress == nil {
		return p
	}
	switch s := ledger.Stage(o.Progress.Stage); s {
	case ledger.StageWaiting, ledger.StageGathering, ledger.StageCombining, ledger.StageRendering:
		p.Stage = s
	}
	if p.Stage == ledger.StageWaiting {
		p.Position = max(o.Progress.Position, 0)
		return p
	}
	p.Total = max(o.Progress.Total, 0)
	p.Done = min(max(o.Progress.Done, 0), p.Total)
	return p
}
