package protocol

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"peyk/internal/report"
)

// SubmitRequest asks a provider for one generation of a report.
type SubmitRequest struct {
	ReportID    string                     `json:"report_id"` // the GUID
	Generation  int                        `json:"generation"`
	Type        string                     `json:"type"`
	TypeVersion string                     `json:"type_version,omitempty"` // as approved; the provider prepares no other
	Parameters  map[string]json.RawMessage `json:"parameters"`
	Formats     []string                   `json:"formats"`
	Locale      string                     `json:"locale"`    // BCP 47, of the document
	TimeZone    string                     `json:"time_zone"` // IANA name
	Deadline    time.Time                  `json:"deadline,omitzero"`
	MaxBytes    int64                      `json:"max_bytes,omitempty"`    // of all files together; 0: no limit
	RequestedBy string                     `json:"requested_by,omitempty"` // a display name, printed in the document, used for nothing else
	RequestedAt time.Time                  `json:"requested_at,omitzero"`
}

// State is where an operation is at the provider. The set may grow: a state
// nobody here knows is to be treated as running, with an alarm.
type State string

// The states of an operation.
const (
	Queued        State = "queued"
	PendingReview State = "pending_review" // a person at the provider has to look at it
	Preparing     State = "preparing"
	Ready         State = "ready"
	Rejected      State = "rejected" // the provider will not prepare it
	Failed        State = "failed"
	Deleted       State = "deleted" // only its tombstone is left
)

// Known reports whether the contract names s.
func (s State) Known() bool {
	switch s {
	case Queued, PendingReview, Preparing:
		return true
	}
	return s.Ended()
}

// Ended reports whether the provider works on the generation no more.
func (s State) Ended() bool {
	switch s {
	case Ready, Rejected, Failed, Deleted:
		return true
	}
	return false
}

// Reasons of the state deleted.
const (
	ReasonDeleted = "deleted" // the company asked for it
	ReasonExpired = "expired" // the provider keeps reports only so long
)

// Operation is the provider's account of the highest generation of a report.
type Operation struct {
	ReportID   string          `json:"report_id"`
	Generation int             `json:"generation"`
	State      State           `json:"state"`
	Rev        int64           `json:"rev"` // rises with every change, over all generations of the GUID
	Progress   *Progress       `json:"progress,omitempty"`
	ETASeconds int             `json:"eta_seconds,omitempty"` // until ready, from now; 0: unknown
	ExpiresAt  time.Time       `json:"expires_at,omitzero"`
	UpdatedAt  time.Time       `json:"updated_at,omitzero"`
	Results    []report.File   `json:"results,omitempty"` // when ready
	Sources    []report.Source `json:"sources,omitempty"` // when ready
	Error      *OperationError `json:"error,omitempty"`   // when rejected or failed
	Reason     string          `json:"reason,omitempty"`  // when deleted
}

// Progress of an operation not at its end. Done of Total may jump back when a
// new stage begins; a Total of 0 is unknown.
type Progress struct {
	Done     int    `json:"done"`
	Total    int    `json:"total"`
	Stage    string `json:"stage,omitempty"`
	Position int    `json:"position,omitempty"` // in the line, 1: next; 0: in none, or unknown
}

// StageWaiting is the stage of what is queued. The others are the provider's.
const StageWaiting = "waiting"

// OperationError tells why a generation was rejected or failed.
type OperationError struct {
	Code      string `json:"code"` // stable, kebab-case
	Detail    string `json:"detail,omitempty"`
	Retriable bool   `json:"retriable"` // whether a next generation may do better
	Stage     string `json:"stage,omitempty"`
}

// Page is a part of the list of operations, for reconciliation.
type Page struct {
	Operations []Operation `json:"operations"`
	Next       string      `json:"next,omitempty"` // the page parameter of the next call; empty: the end
}

// Manifest gathers what travels with the files.
func (o Operation) Manifest() report.Manifest {
	return report.Manifest{Files: o.Results, Sources: o.Sources}
}

// ETag is the entity tag of the operation: its rev names its content, but for
// its place in the line, which changes by what happens to others.
func (o Operation) ETag() string {
	if o.Progress != nil && o.Progress.Position > 0 {
		return fmt.Sprintf(`"%s.%d.%d"`, o.ReportID, o.Rev, o.Progress.Position)
	}
	return fmt.Sprintf(`"%s.%d"`, o.ReportID, o.Rev)
}

// Check refuses an operation that breaks the contract or speaks of another
// report than guid. An unknown state passes.
func (o Operation) Check(guid string) error {
	switch {
	case o.ReportID != guid:
		return fmt.Errorf("operation speaks of report %.40q, asked for %s", o.ReportID, guid)
	case o.Generation < 1 || o.Generation > MaxGeneration:
		return fmt.Errorf("operation has generation %d", o.Generation)
	case o.Rev < 1:
		return fmt.Errorf("operation has rev %d", o.Rev)
	case o.State == "":
		return errors.New("operation has no state")
	case o.State == Ready:
		return checkResults(o.Results)
	}
	return nil
}

func checkResults(files []report.File) error {
	if len(files) == 0 {
		return errors.New("operation is ready without results")
	}
	seen := make(map[string]bool, len(files))
	for _, f := range files {
		if err := CheckFileName(f.Name); err != nil {
			return err
		}
		if seen[f.Name] {
			return fmt.Errorf("operation lists %s twice", f.Name)
		}
		seen[f.Name] = true
		sum, err := hex.DecodeString(f.SHA256)
		if err != nil || len(sum) != 32 || hex.EncodeToString(sum) != f.SHA256 {
			return fmt.Errorf("operation gives %.70q as the SHA-256 of %s", f.SHA256, f.Name)
		}
		if f.Size < 0 || f.Pages < 0 || f.Rows < 0 {
			return fmt.Errorf("operation gives a negative size, page or row count for %s", f.Name)
		}
	}
	return nil
}
