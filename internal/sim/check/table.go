package check

import "time"

// The states, as the journal writes them.
const (
	awaiting   = "AWAITING_APPROVAL"
	accepted   = "ACCEPTED"
	submitting = "SUBMITTING"
	preparing  = "PREPARING"
	ready      = "READY"
	stored     = "STORED"
	delivered  = "DELIVERED"
	rejected   = "REJECTED"
	failed     = "FAILED"
	declined   = "DECLINED"
	expired    = "EXPIRED"
	cancelled  = "CANCELLED"
)

// The stations that move requests.
const (
	trigger = "trigger"
	gateway = "gateway"
	trace   = "trace"
)

// Kinds of journal rows.
const (
	move = "move"
	fact = "fact"
)

// The roles people hold.
const (
	roleRequester = "requester"
	roleOperator  = "operator"
	roleAdmin     = "admin"
	noRule        = "none"
)

// Subjects of letters and notices besides the bad ends.
const (
	aboutAsking = "asking"
	aboutReady  = "ready"
	aboutLate   = "late"
	aboutMail   = "mail"
)

// The bounds of the design.
const (
	approvalTime   = 24 * time.Hour   // AWAITING_APPROVAL, then EXPIRED
	preparingTime  = 6 * time.Hour    // from ACCEPTED, or the return from STORED, down to READY
	announcingTime = 24 * time.Hour   // STORED after it was announced
	deadlineSlack  = 10 * time.Minute // until a deadline that was missed is acted on
	lateSlack      = 2 * time.Minute  // until a missed promise is shown

	mostGenerations = 3 // begun between two entries to ACCEPTED
	mostRefetches   = 2 // returns from STORED to READY; the third damage ends it
	mostRefusals    = 2 // full downloads of one file that did not pass; the third ends it
	mostUnknowns    = 3 // times a letter's fate may be unknown and it is sent again

	history       = 20               // ended requests a promise is made from
	withoutRecord = 15 * time.Minute // the promise where there are none
)

// terminal reports whether a request in state is over.
func terminal(state string) bool {
	switch state {
	case delivered, rejected, failed, declined, expired, cancelled:
		return true
	}
	return false
}

// mover is the state table: whose move it is, and whether it is legal at all. A
// request is born from "".
func mover(from, to string) (role string, legal bool) {
	switch to {
	case awaiting:
		return trigger, from == ""
	case accepted: // born, approved, or redriven
		return trigger, from == "" || from == awaiting || from == failed || from == rejected
	case declined, expired:
		return trigger, from == awaiting
	case cancelled:
		return trigger, from == awaiting || preparingState(from)
	case submitting: // from itself and PREPARING: the next generation
		return gateway, from == accepted || from == submitting || from == preparing
	case preparing: // from READY: a file is gone
		return gateway, from == submitting || from == ready
	case rejected:
		return gateway, from == submitting || from == preparing
	case stored:
		return gateway, from == ready
	case delivered:
		return trace, from == stored
	}
	return moverBySource(from, to)
}

// moverBySource is the part of the table where the state that is left decides
// whose move it is: the gateway prepares, trace finds our bytes damaged.
func moverBySource(from, to string) (role string, legal bool) {
	switch {
	case to == ready && from == preparing, to == failed && preparingState(from):
		return gateway, true
	case (to == ready || to == failed) && from == stored:
		return trace, true
	}
	return "", false
}

// preparingState reports whether state shares the deadline of six hours.
func preparingState(state string) bool {
	return state == accepted || state == submitting || state == preparing || state == ready
}

// nextGeneration reports whether the move begins one.
func nextGeneration(from, to string) bool {
	switch to {
	case accepted:
		return from == failed || from == rejected
	case submitting:
		return from == submitting || from == preparing
	}
	return false
}

// about is the subject people are told of when a request ends in state.
func about(state string) string {
	switch state {
	case delivered:
		return aboutReady
	case rejected:
		return "rejected"
	case failed:
		return "failed"
	case declined:
		return "declined"
	case expired:
		return "expired"
	case cancelled:
		return "cancelled"
	}
	return ""
}

// trueIn reports whether a letter about subject is true in state.
func trueIn(subject, state string) bool {
	subject, _ = once(subject)
	switch subject {
	case aboutAsking:
		return state == awaiting
	case aboutLate:
		return preparingState(state)
	case aboutReady:
		return state == stored || state == delivered
	}
	return state != delivered && subject != "" && subject == about(state)
}
