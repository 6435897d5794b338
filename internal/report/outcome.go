package report

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
