package report_test

import (
	"fmt"
	"strings"
	"time"

	"peyk/internal/report"
)

type edge struct{ from, to report.State }

// states is the design's table of states: who may take a request from where to
// where. A birth comes from "-".
const states = `
-                 trigger: AWAITING_APPROVAL ACCEPTED
AWAITING_APPROVAL trigger: ACCEPTED DECLINED CANCELLED EXPIRED
ACCEPTED          gateway: SUBMITTING FAILED
ACCEPTED          trigger: CANCELLED
SUBMITTING        gateway: PREPARING REJECTED FAILED SUBMITTING
SUBMITTING        trigger: CANCELLED
PREPARING         gateway: READY REJECTED FAILED SUBMITTING
PREPARING         trigger: CANCELLED
READY             gateway: STORED PREPARING FAILED
READY             trigger: CANCELLED
STORED            trace:   DELIVERED READY FAILED
REJECTED          trigger: ACCEPTED
FAILED            trigger: ACCEPTED
`

func design() map[edge]report.Role {
	table := map[edge]report.Role{}
	for line := range strings.Lines(strings.TrimSpace(states)) {
		who, targets, _ := strings.Cut(line, ":")
		from := strings.Fields(who)
		for _, to := range strings.Fields(targets) {
			table[edge{report.State(strings.Trim(from[0], "-")), report.State(to)}] = report.Role(from[1])
		}
	}
	return table
}

// judge says, by the design's words, whether a step is allowed and where it
// leads.
func (w *walker) judge(s step) (report.State, bool) {
	r := w.r
	in := func(states ...report.State) bool {
		for _, x := range states {
			if r.State == x {
				return true
			}
		}
		return false
	}
	switch s.Verb {
	case "approve":
		return report.Accepted, in(report.AwaitingApproval) && s.By != requester
	case "decline":
		return report.Declined, in(report.AwaitingApproval) && s.By != requester && s.Reason != ""
	case "expire":
		return report.Expired, in(report.AwaitingApproval) && w.at.Sub(r.CreatedAt) >= 24*time.Hour
	case "cancel":
		return report.Cancelled, !w.stored && in(report.AwaitingApproval, report.Accepted, report.Submitting, report.Preparing, report.Ready)
	case "submit":
		return report.Submitting, in(report.Accepted) && !w.changed
	case "next":
		forgotten := in(report.Preparing) || in(report.Submitting) && s.Flag
		return report.Submitting, forgotten && w.attempts < 3 && !(s.Flag && w.buried)
	case "redrive":
		return report.Accepted, in(report.Failed, report.Rejected) && s.Flag && r.PurgedAt.IsZero() && !w.changed
	}
	return w.judgeProgress(s, in)
}

func (w *walker) judgeProgress(s step, in func(...report.State) bool) (report.State, bool) {
	switch s.Verb {
	case "prepare":
		return report.Preparing, in(report.Submitting)
	case "found":
		return report.Ready, in(report.Preparing) && s.Flag
	case "gone":
		return report.Preparing, in(report.Ready)
	case "store":
		return report.Stored, in(report.Ready)
	case "deliver":
		return report.Delivered, in(report.Stored) && w.announced
	case "damaged":
		if w.damages == 2 {
			return report.Failed, in(report.Stored)
		}
		return report.Ready, in(report.Stored)
	case "reject":
		return report.Rejected, in(report.Submitting, report.Preparing)
	case "fail":
		return report.Failed, in(report.Accepted, report.Submitting, report.Preparing, report.Ready)
	}
	return "", false
}

// remember keeps, in its own way, what the rules need to know of the past.
func (w *walker) remember(s step, to report.State) {
	switch {
	case s.Verb == "redrive":
		w.attempts, w.damages, w.stored, w.buried = 0, 0, false, false
		w.attempt++
	case s.Verb == "submit":
		w.attempts = 1
	case s.Verb == "next":
		w.attempts++
		w.attempt++
		w.buried = w.buried || s.Flag
	case s.Verb == "damaged" && to == report.Ready:
		w.damages++
	}
	w.stored = w.stored || to == report.Stored
	if to != report.Delivered {
		w.announced = false
	}
}

// consequences checks what the design says of the state that was entered.
func (w *walker) consequences(before *report.Request) error {
	r := w.r
	if r.Generation != w.attempt {
		return fmt.Errorf("generation %d, want %d", r.Generation, w.attempt)
	}
	if over := r.State.Terminal(); over != !r.EndedAt.IsZero() || over != (r.Outcome != "") {
		return fmt.Errorf("over: %t, but ended at %s as %q", over, r.EndedAt, r.Outcome)
	}
	if excused := r.State == report.Failed || r.State == report.Rejected; excused && (r.Failure == nil || r.Failure.Code == "" || r.Failure.Stage != string(before.State)) {
		return fmt.Errorf("it failed in %s, but says %+v", before.State, r.Failure)
	}
	if got, want := r.Deadline, w.deadline(before); !got.Equal(want) {
		return fmt.Errorf("deadline %s, want %s", got, want)
	}
	if r.State == report.Accepted && (!r.ExpectedBy.Equal(w.at.Add(promise)) || !r.AcceptedAt.Equal(w.at) || r.ApprovedHash == "") {
		return fmt.Errorf("accepted at %s it says %s, expected by %s, hash %q", w.at, r.AcceptedAt, r.ExpectedBy, r.ApprovedHash)
	}
	return nil
}

// deadline is 6 h from the last entry to ACCEPTED, or from the return from
// STORED; STORED has none before it is announced, and what is over has none.
func (w *walker) deadline(before *report.Request) time.Time {
	switch w.r.State {
	case report.Accepted:
		return w.at.Add(6 * time.Hour)
	case report.Ready:
		if before.State == report.Stored {
			return w.at.Add(6 * time.Hour)
		}
		return before.Deadline
	case report.Submitting, report.Preparing:
		return before.Deadline
	}
	return time.Time{}
}
