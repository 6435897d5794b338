package event

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	cloudevents "github.com/cloudevents/sdk-go/v2/event"
)

// MaxSize is the largest payload in bytes that is read or written: 64 KiB, the
// size every CloudEvents intermediary must forward (CloudEvents 1.0, "Size
// Limits"). Ours have about 400 bytes.
const MaxSize = 64 << 10

// ErrUnreadable marks bytes that are no event and never will be.
var ErrUnreadable = errors.New("unreadable event")

// source is the CloudEvents source: all stations speak as one company.
const source = "/peyk/backoffice"

// data is the payload inside the CloudEvent. Fields a newer Peyk adds are
// ignored, so that two versions can share a queue.
type data struct {
	GUID       string `json:"guid"`
	Generation int    `json:"generation"`
	Version    int64  `json:"version"`
	Type       Type   `json:"type"`
}

// Encode writes the event as a structured CloudEvent. It fails only for an
// event that must not be published: a type outside the table, a GUID that is
// none, a negative number.
func Encode(e Event) ([]byte, error) {
	if !e.Type.Known() {
		return nil, fmt.Errorf("encode event %s: %w", e.ID(), ErrUnknownType)
	}
	if err := e.check(); err != nil {
		return nil, fmt.Errorf("encode event %s: %w", e.ID(), err)
	}
	ce := cloudevents.New(cloudevents.CloudEventsVersionV1)
	ce.SetID(e.ID())
	ce.SetSource(source)
	ce.SetType(e.Type.Subject())
	ce.SetSubject(e.GUID)
	if err := ce.SetData(cloudevents.ApplicationJSON, payload(e)); err != nil {
		return nil, fmt.Errorf("encode event %s: %w", e.ID(), err)
	}
	raw, err := ce.MarshalJSON()
	if err != nil {
		return nil, fmt.Errorf("encode event %s: %w", e.ID(), err)
	}
	return raw, nil
}

func payload(e Event) data {
	return data{GUID: e.GUID, Generation: e.Generation, Version: e.Version, Type: e.Type}
}

// Decode reads what Encode wrote, here or in another version of Peyk. With
// ErrUnknownType the event is filled in as far as it says; with ErrUnreadable
// it is empty.
func Decode(raw []byte) (Event, error) {
	if len(raw) > MaxSize {
		return Event{}, fmt.Errorf("%w: %d bytes are more than %d", ErrUnreadable, len(raw), MaxSize)
	}
	ce, err := envelope(raw)
	if err != nil {
		return Event{}, fmt.Errorf("%w: %w", ErrUnreadable, err)
	}
	var d data
	if err := json.Unmarshal(ce.Data(), &d); err != nil {
		return Event{}, fmt.Errorf("%w: data: %w", ErrUnreadable, err)
	}
	e := Event{Type: d.Type, GUID: d.GUID, Generation: d.Generation, Version: d.Version}
	if err := e.check(); err != nil {
		return Event{}, fmt.Errorf("%w: data: %w", ErrUnreadable, err)
	}
	if ce.Subject() != e.GUID {
		return Event{}, fmt.Errorf("%w: subject %.64q is not the guid %s", ErrUnreadable, ce.Subject(), e.GUID)
	}
	if !e.Type.Known() {
		return e, fmt.Errorf("%w %.64q", ErrUnknownType, e.Type)
	}
	if ce.Type() != e.Type.Subject() {
		return Event{}, fmt.Errorf("%w: envelope says %.64q, data says %s", ErrUnreadable, ce.Type(), e.Type)
	}
	return e, nil
}

// envelope reads and validates the CloudEvent around the data. The library
// reads one JSON value and stops, so bytes after it are looked for first.
func envelope(raw []byte) (*cloudevents.Event, error) {
	if !json.Valid(raw) {
		return nil, errors.New("not one JSON value")
	}
	ce := new(cloudevents.Event)
	if err := cloudevents.ReadJson(ce, bytes.NewReader(raw)); err != nil {
		return nil, err
	}
	if ce.SpecVersion() != cloudevents.CloudEventsVersionV1 {
		return nil, fmt.Errorf("specversion %.16q, want %s", ce.SpecVersion(), cloudevents.CloudEventsVersionV1)
	}
	return ce, ce.Validate()
}
