package report

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"
)

// Text is a text in the languages people here read.
type Text struct {
	EN string `json:"en"`
	TR string `json:"tr"`
}

// In gives the text in the language of locale ("tr", "tr-TR", "en", …);
// English where the other is missing.
func (t Text) In(locale string) string {
	if len(locale) >= 2 && locale[:2] == "tr" && t.TR != "" {
		return t.TR
	}
	if t.EN == "" {
		return t.TR
	}
	return t.EN
}

// Asked is what the requester asked for. It never changes after the request
// is recorded; Hash is taken over all that decides what will run.
type Asked struct {
	Type        string          `json:"type"`         // e.g. top-games.v1
	TypeVersion string          `json:"type_version"` // digest of the type's file
	Title       Text            `json:"title"`
	Sentence    Text            `json:"sentence"`   // the parameters in words
	Parameters  json.RawMessage `json:"parameters"` // resolved: presets are dates
	Formats     []string        `json:"formats"`
	Locale      string          `json:"locale"`    // of the document: tr or en
	TimeZone    string          `json:"time_zone"` // IANA name
	Owner       string          `json:"owner"`     // account name
	OwnerName   string          `json:"owner_name"`
	Note        string          `json:"note,omitempty"` // to the approver
	Approval    string          `json:"approval"`       // the role that approves, or none
	RequestedAt time.Time       `json:"requested_at"`
	Short       Text            `json:"short,omitzero"` // the values alone, for lists
	BodyHash    string          `json:"body_hash"`      // of the request as sent: the same GUID must bring the same body
	Retention   time.Duration   `json:"retention"`      // kept so long after the end; 0: until it is had
}

// InShort is what lists and letters show of a request: its values alone, or the
// sentence of one that was recorded before there was a short form.
func (a Asked) InShort(locale string) string {
	return cmp.Or(a.Short.In(locale), a.Sentence.In(locale))
}

// The longest texts that people add to a request, in characters.
const (
	MaxNote   = 2000 // from the requester to the approver
	MaxReason = 2000 // of a decision, a cancellation or an operator's act
)

// NoApproval is the approval rule of a type anybody may run.
const NoApproval = "none"

// Hash is the SHA-256, in hex, over what decides what runs: type, its version,
// parameters, formats, language and time zone. What was approved is what runs:
// the approved hash must equal the one submitted.
func (a Asked) Hash() (string, error) {
	doc, err := json.Marshal(struct {
		Type, Version string
		Parameters    json.RawMessage
		Formats       []string
		Locale, Zone  string
	}{a.Type, a.TypeVersion, a.Parameters, a.Formats, a.Locale, a.TimeZone})
	if err != nil {
		return "", fmt.Errorf("hash what was asked of %s: %w", a.Type, err)
	}
	sum := sha256.Sum256(doc)
	return hex.EncodeToString(sum[:]), nil
}

// Request is one request for a report.
type Request struct {
	GUID       string
	Version    int64 // +1 by each move, by nothing else
	Generation int   // of the attempt at the provider, from 1
	State      State
	Outcome    Outcome
	Failure    *Failure
	Asked      Asked

	ApprovedHash string    // what may be submitted; set on the way into ACCEPTED
	Submitted    bool      // a submit was intended once
	WasStored    bool      // STORED was reached once: too late to cancel
	AcceptedAt   time.Time // last entry to ACCEPTED
	Deadline     time.Time // of the state; zero: none
	ExpectedBy   time.Time // zero: not promised yet
	Resubmits    int       // generations begun since the last entry to ACCEPTED
	Refetches    int       // returns from STORED to READY
	MissedAt     time.Time // the provider's last answer was that it knows nothing of it; zero: it was another
	Lost         int       // how often a file of this generation was gone although said to be ready
	Tombstoned   bool      // an unasked 410 was already answered with a next generation

	Manifest    Manifest  // of the current generation, as the provider declared it
	ExpiresAt   time.Time // of the provider's copy; zero: unknown
	AnnouncedAt time.Time // ANNOUNCE of the current outcome was committed
	LateAt      time.Time // the missed promise was told
	EndedAt     time.Time // entry to a terminal state
	CollectedAt time.Time // first download by its owner or a recipient
	PurgedAt    time.Time // our bytes and letters are gone
	CreatedAt   time.Time
	UpdatedAt   time.Time
}

// The numbers of the design that bound a request.
const (
	ApprovalTime   = 24 * time.Hour // AWAITING_APPROVAL, then EXPIRED
	PreparingTime  = 6 * time.Hour  // from ACCEPTED down to READY, then FAILED(deadline)
	AnnouncingTime = 24 * time.Hour // after ANNOUNCE was committed, then DELIVERED
	MaxGenerations = 3              // begun between two entries to ACCEPTED
	MaxRefetches   = 3              // the third damage of our bytes is FAILED(storage)
	MaxLost        = 2              // a file gone so often means: forgotten

	// ForgottenAfter is the least time between the two answers that together
	// mean that the provider has forgotten a request.
	ForgottenAfter = 30 * time.Second
)

// Told reports whether people were told how the request stands at its end: of a
// report that is here, or that none will come.
func (r *Request) Told() bool {
	return !r.AnnouncedAt.IsZero() && (r.State.Terminal() || r.State == Stored)
}
