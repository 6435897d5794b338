// Package reader is the External Reader Service (step 7): the one door through
// which the other company speaks to us.
//
// Promise: a webhook that was answered 204 is in the inbox, once, and the task
// it wakes is due. Nothing of a webhook is believed but that we should look: the
// gateway's own GET decides. Duplicates and webhooks about requests nobody knows
// are 204 too, so that a sender learns nothing from the answer.
//
// Limits: a body has at most 64 KiB; at most MaxAtOnce are worked on at a time.
//
// Failure: a webhook that is not signed by a pinned key, is older or newer than
// five minutes, or cannot be read is refused with problem+json; overload is 503
// with Retry-After, and so is a ledger that cannot commit. The sender tries
// again, and without it the gateway's poll finds the report.
package reader

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"

	"peyk/internal/backoffice/event"
	"peyk/internal/backoffice/ledger"
	"peyk/internal/protocol"
	"peyk/internal/report"
	"peyk/internal/telemetry"
)

// MaxAtOnce bounds the webhooks that are worked on at the same time.
const MaxAtOnce = 64

// Path is where webhooks are posted.
const Path = "/hooks/reports"

// Store is what reader needs of the ledger.
type Store interface {
	Update(ctx context.Context, fn func(ledger.Tx) error) error
}

// Publisher puts events on the queue.
type Publisher interface {
	Publish(ctx context.Context, e event.Event) error
}

// Config of the station.
type Config struct {
	Store    Store
	Publish  Publisher
	Verifier protocol.Verifier
	Log      *slog.Logger
}

// Station is the External Reader Service.
type Station struct {
	Config
	slots chan struct{}
}

// New makes the station.
func New(c Config) *Station {
	return &Station{Config: c, slots: make(chan struct{}, MaxAtOnce)}
}

// ServeHTTP takes one webhook.
func (s *Station) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	r = telemetry.Serving(r, string(report.Reader))
	hook, err := s.admit(w, r)
	if err == nil {
		err = telemetry.About(hook.GUID, s.take(telemetry.WithGUID(r.Context(), hook.GUID), hook))
	}
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// admit reads a webhook that was posted to the right place.
func (s *Station) admit(w http.ResponseWriter, r *http.Request) (ledger.Hook, error) {
	if r.URL.Path != Path {
		return ledger.Hook{}, protocol.NewProblem(http.StatusNotFound, protocol.CodeNotFound, "webhooks are posted to %s", Path)
	}
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		return ledger.Hook{}, protocol.NewProblem(http.StatusMethodNotAllowed, protocol.CodeMethodNotAllowed, "webhooks are posted")
	}
	return s.read(w, r)
}

// take records a webhook unless too many are worked on.
func (s *Station) take(ctx context.Context, hook ledger.Hook) error {
	select {
	case s.slots <- struct{}{}:
		defer func() { <-s.slots }()
	default:
		return busy("too many webhooks at once")
	}
	return s.record(ctx, hook)
}

func busy(why string) error {
	p := protocol.NewProblem(http.StatusServiceUnavailable, protocol.CodeUnavailable, "%s", why)
	p.RetryAfter = 2
	return p
}

// read does the cheap checks first: size, signature, then JSON.
func (s *Station) read(w http.ResponseWriter, r *http.Request) (ledger.Hook, error) {
	media, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	if !strings.EqualFold(strings.TrimSpace(media), protocol.MediaCloudEvent) {
		return ledger.Hook{}, protocol.NewProblem(http.StatusUnsupportedMediaType, protocol.CodeUnsupportedMedia, "webhooks are %s", protocol.MediaCloudEvent)
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, protocol.MaxWebhookBody))
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return ledger.Hook{}, protocol.NewProblem(http.StatusRequestEntityTooLarge, protocol.CodeTooLarge, "a webhook may have %d bytes", tooLarge.Limit)
	}
	if err != nil {
		return ledger.Hook{}, protocol.NewProblem(http.StatusBadRequest, protocol.CodeMalformed, "the body broke off")
	}
	signed, err := s.Verifier.Verify(r.Header, body)
	if err != nil {
		return ledger.Hook{}, unsigned(err)
	}
	hook, err := protocol.ParseWebhook(body)
	if err != nil {
		return ledger.Hook{}, protocol.NewProblem(http.StatusBadRequest, protocol.CodeMalformed, "%v", err)
	}
	return ledger.Hook{
		ID: signed.ID, GUID: hook.Data.ReportID, Generation: hook.Data.Generation,
		Type: hook.Type, State: string(hook.Data.State), Rev: hook.Data.Rev, Key: signed.KeyName,
	}, nil
}

// unsigned is the table from what is wrong with a signature to its answer.
func unsigned(err error) error {
	code := "wrong-signature"
	switch {
	case errors.Is(err, protocol.ErrNoSignature):
		code = "no-signature"
	case errors.Is(err, protocol.ErrMalformedSignature):
		return protocol.NewProblem(http.StatusBadRequest, "malformed-signature", "%v", err)
	case errors.Is(err, protocol.ErrTooOld):
		code = "timestamp-too-old"
	case errors.Is(err, protocol.ErrTooNew):
		code = "timestamp-too-new"
	}
	return protocol.NewProblem(http.StatusUnauthorized, code, "%v", err)
}

// record commits the inbox row, step 7 and the waking of TRACK, then tells the
// queue.
func (s *Station) record(ctx context.Context, h ledger.Hook) error {
	var known, fresh bool
	err := s.Store.Update(ctx, func(tx ledger.Tx) (err error) {
		known, fresh = false, false
		h.At = tx.Now()
		if fresh, err = tx.AddHook(h); err != nil || !fresh {
			return err
		}
		r, err := tx.Request(h.GUID)
		if errors.Is(err, ledger.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		known = true
		if err := tx.Append(received(r, h)); err != nil {
			return err
		}
		return tx.Wake(h.GUID, ledger.Track)
	})
	if err != nil {
		s.Log.ErrorContext(ctx, "webhook not recorded", "webhook_id", h.ID, "error", err)
		return busy("the webhook could not be recorded just now")
	}
	if !fresh || !known {
		s.Log.InfoContext(ctx, "webhook changes nothing", "webhook_id", h.ID, "duplicate", !fresh, "known", known)
		return nil
	}
	s.Log.InfoContext(ctx, "webhook taken", "webhook_id", h.ID, "state", h.State)
	s.publish(ctx, h)
	return nil
}

// received is step 7; a webhook about anything but ready is a plain fact.
func received(r *report.Request, h ledger.Hook) report.Entry {
	var step report.Step
	if h.State == string(protocol.Ready) && h.Generation == r.Generation {
		step = report.StepReader
	}
	return ledger.Fact(r, report.Reader, step, "webhook", report.Evidence{
		"webhook_id": h.ID, "signature": "Ed25519 valid", "key": h.Key, "state": h.State, "generation": h.Generation,
	})
}

func (s *Station) publish(ctx context.Context, h ledger.Hook) {
	e := event.Event{Type: event.ReportReady, GUID: h.GUID, Generation: h.Generation}
	if err := s.Publish.Publish(ctx, e); err != nil {
		s.Log.WarnContext(ctx, "event not published; the sweep will find its task", "error", err)
	}
}

func (s *Station) refuse(w http.ResponseWriter, r *http.Request, err error) {
	var p *protocol.Problem
	if !errors.As(err, &p) {
		p = protocol.NewProblem(http.StatusInternalServerError, protocol.CodeInternal, "")
	}
	s.Log.WarnContext(telemetry.Of(r.Context(), err), "webhook refused", "status", p.Status, "code", p.Code,
		"webhook_id", r.Header.Get(protocol.HeaderWebhookID), "from", r.RemoteAddr)
	protocol.WriteProblem(w, p)
}
