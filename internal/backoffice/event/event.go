// Package event is the closed table of what may lie on the company's queue.
//
// Promise: an event says only where to look, never what is there: the request's
// GUID, its generation and version, and what happened. No parameter, name or
// address ever lies on the queue. On the wire it is a structured CloudEvent 1.0
// in JSON; encoding the same event twice gives the same bytes.
//
// Limits: a payload is at most MaxSize bytes. Delivery, order and uniqueness are
// no business of this package: an event only wakes a task whose truth is in the
// ledger, so it may come twice, late or never.
//
// Failure: Decode tells ErrUnreadable (nobody will ever read it: park it) from
// ErrUnknownType (a newer Peyk wrote it: keep it). Neither is ever dropped.
package event

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/google/uuid"
)

// Type names what happened to a request.
type Type string

// The types. Who publishes which after which commit, and whom it wakes, is the
// table "Events" of the architecture.
const (
	ApprovalAsked   Type = "ApprovalAsked"
	ReportRequested Type = "ReportRequested"
	ReportReady     Type = "ReportReady"
	ReportIsHere    Type = "ReportIsHere"
	ReportRejected  Type = "ReportRejected"
	ReportFailed    Type = "ReportFailed"
	ReportDeclined  Type = "ReportDeclined"
	ReportExpired   Type = "ReportExpired"
	ReportCancelled Type = "ReportCancelled"
	ReportDelivered Type = "ReportDelivered"
	ReportAnnounced Type = "ReportAnnounced" // notices were committed: open pages look
)

// SubjectPrefix begins the subject of every event; the star of NATS after it
// matches them all.
const SubjectPrefix = "peyk.v1.report."

// ErrUnknownType marks a well-formed event of a type this build does not know.
var ErrUnknownType = errors.New("unknown event type")

// Types lists the whole table, in the order of the journey.
func Types() []Type {
	return []Type{
		ApprovalAsked, ReportRequested, ReportReady, ReportIsHere, ReportRejected,
		ReportFailed, ReportDeclined, ReportExpired, ReportCancelled, ReportDelivered,
		ReportAnnounced,
	}
}

// Subject is where events of the type are published and, as every event's
// CloudEvents type, what they are called outside Go. An unknown type has none.
func (t Type) Subject() string {
	switch t {
	case ApprovalAsked:
		return SubjectPrefix + "approval-asked"
	case ReportRequested:
		return SubjectPrefix + "report-requested"
	case ReportReady:
		return SubjectPrefix + "report-ready"
	case ReportIsHere:
		return SubjectPrefix + "report-is-here"
	case ReportRejected:
		return SubjectPrefix + "report-rejected"
	case ReportFailed:
		return SubjectPrefix + "report-failed"
	case ReportDeclined:
		return SubjectPrefix + "report-declined"
	case ReportExpired:
		return SubjectPrefix + "report-expired"
	case ReportCancelled:
		return SubjectPrefix + "report-cancelled"
	case ReportDelivered:
		return SubjectPrefix + "report-delivered"
	case ReportAnnounced:
		return SubjectPrefix + "report-announced"
	}
	return ""
}

// Known reports whether the type is in the table.
func (t Type) Known() bool { return t.Subject() != "" }

// Event is one thing that happened to one request.
type Event struct {
	Type       Type
	GUID       string // of the request: a UUID in its canonical lower-case form
	Generation int    // which attempt at the report; 0 before the first
	Version    int64  // of the request's row after the move; 0 where no move was made (a webhook)
}

// ID is the CloudEvents id. It follows from what the event says, so publishing
// the same fact again gives the same id.
func (e Event) ID() string {
	return e.GUID + "." + strconv.FormatInt(e.Version, 10) + "." + string(e.Type)
}

// check refuses what must not be published and cannot be acted upon.
func (e Event) check() error {
	if id, err := uuid.Parse(e.GUID); err != nil || id.String() != e.GUID {
		return fmt.Errorf("guid %.64q is not a canonical UUID", e.GUID)
	}
	if e.Generation < 0 || e.Version < 0 {
		return fmt.Errorf("generation %d and version %d must not be negative", e.Generation, e.Version)
	}
	return nil
}
