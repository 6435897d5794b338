package protocol

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"time"

	"github.com/cloudevents/sdk-go/v2/event"
)

// WebhookSource is the CloudEvents source of a provider that names no other.
const WebhookSource = "urn:peyk:provider"

// Webhook is what a provider tells the company: that a report changed. It is a
// hint to look, and carries nothing that looking would not show.
type Webhook struct {
	ID     string // unique per change; the same over all attempts; also the webhook-id
	Source string // of the CloudEvent
	Type   string // peyk.report.<state>.v1
	Time   time.Time
	Data   WebhookData
}

// WebhookData is the data of the CloudEvent.
type WebhookData struct {
	ReportID   string `json:"report_id"`
	Generation int    `json:"generation"`
	Rev        int64  `json:"rev"`
	State      State  `json:"state"`
}

// WebhookType is the CloudEvents type for a state.
func WebhookType(s State) string { return "peyk.report." + string(s) + ".v1" }

// webhookTypes accepts later states: any webhook means "look now".
var webhookTypes = regexp.MustCompile(`^peyk\.report\.[a-z_]{1,40}\.v1$`)

// Body writes the webhook as a CloudEvent 1.0 in structured mode.
func (w Webhook) Body() ([]byte, error) {
	e := event.New(event.CloudEventsVersionV1)
	e.SetID(w.ID)
	e.SetSource(w.Source)
	e.SetType(w.Type)
	e.SetSubject(w.Data.ReportID)
	e.SetTime(w.Time.UTC())
	if err := e.SetData(event.ApplicationJSON, w.Data); err != nil {
		return nil, fmt.Errorf("write webhook %s: %w", w.ID, err)
	}
	if err := w.check(e); err != nil {
		return nil, fmt.Errorf("write webhook %s: %w", w.ID, err)
	}
	return e.MarshalJSON()
}

// ParseWebhook reads the body of a webhook. It refuses what is no CloudEvent
// 1.0, what is of another type, and data that is incomplete or speaks of
// another report than the subject.
func ParseWebhook(body []byte) (Webhook, error) {
	if len(body) > MaxWebhookBody {
		return Webhook{}, fmt.Errorf("parse webhook: %d bytes, at most %d are allowed", len(body), MaxWebhookBody)
	}
	var e event.Event
	if err := json.Unmarshal(body, &e); err != nil {
		return Webhook{}, fmt.Errorf("parse webhook: %w", err)
	}
	w := Webhook{ID: e.ID(), Source: e.Source(), Type: e.Type(), Time: e.Time()}
	if err := json.Unmarshal(e.Data(), &w.Data); err != nil {
		return Webhook{}, fmt.Errorf("parse webhook %.40q: data: %w", w.ID, err)
	}
	if err := w.check(e); err != nil {
		return Webhook{}, fmt.Errorf("parse webhook %.40q: %w", w.ID, err)
	}
	return w, nil
}

// check holds for what is sent as for what is received.
func (w Webhook) check(e event.Event) error {
	if err := e.Validate(); err != nil {
		return err
	}
	if err := CheckGUID(e.Subject()); err != nil {
		return fmt.Errorf("subject: %w", err)
	}
	switch d := w.Data; {
	case e.SpecVersion() != event.CloudEventsVersionV1:
		return fmt.Errorf("specversion %.20q", e.SpecVersion())
	case !webhookTypes.MatchString(w.Type):
		return fmt.Errorf("type %.80q is not of this contract", w.Type)
	case d.ReportID != e.Subject():
		return fmt.Errorf("data speaks of %.40q, subject of %s", d.ReportID, e.Subject())
	case d.Generation < 1 || d.Generation > MaxGeneration:
		return fmt.Errorf("generation %d", d.Generation)
	case d.Rev < 1:
		return fmt.Errorf("rev %d", d.Rev)
	case d.State == "":
		return errors.New("no state")
	}
	return nil
}
