package report

import (
	"strings"
	"unicode"
)

// Outcome is how a request ended, a closed set. What was generated, verified,
// stored, mailed and seen are separate facts in the journal.
type Outcome string

// The outcomes. "" means: not over yet.
const (
	OutcomeSucceeded Outcome = "succeeded"
	OutcomeEmpty     Outcome = "empty"   // no data: a document with a sentence
	OutcomePartial   Outcome = "partial" // a cap was hit and the type allows it
	OutcomeRejected  Outcome = "rejected"
	OutcomeFailed    Outcome = "failed"
	OutcomeDeclined  Outcome = "declined"
	OutcomeExpired   Outcome = "expired"
	OutcomeCancelled Outcome = "cancelled"
)

// Failure tells why a request is REJECTED, FAILED or CANCELLED(system).
type Failure struct {
	Code      string `json:"code"`      // stable, kebab-case
	Stage     string `json:"stage"`     // the state it failed in, or the provider's stage
	Retriable bool   `json:"retriable"` // whether asking again may help
	Detail    string `json:"detail,omitempty"`
}

// Outcome of a finished document.
func (m Manifest) Outcome() Outcome {
	switch {
	case m.Partial():
		return OutcomePartial
	case m.Empty():
		return OutcomeEmpty
	}
	return OutcomeSucceeded
}

// saidMost bounds what is shown of another company's sentence, in letters.
const saidMost = 300

// Said is the other company's sentence about the failure, fit to be shown: of
// one line, of bounded length, without control characters; "" if there is none.
func (f *Failure) Said() string {
	if f == nil {
		return ""
	}
	text := strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			return ' '
		}
		return r
	}, f.Detail)
	letters := []rune(strings.Join(strings.Fields(text), " "))
	if len(letters) > saidMost {
		return string(letters[:saidMost]) + "…"
	}
	return string(letters)
}
