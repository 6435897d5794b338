package queue_test

import (
	"context"
	"testing"

	"peyk/internal/backoffice/event"
	"peyk/internal/backoffice/queue"
	"peyk/internal/telemetry"
	"peyk/internal/telemetry/logtest"
)

// A handler's context names the request its event is about, and the role.
func TestHandlersKnowTheRequest(t *testing.T) {
	t.Parallel()
	e := event.Event{Type: event.ReportReady, GUID: "019ab0f2-7c00-7000-8000-000000000001", Generation: 1, Version: 1}
	raw, err := event.Encode(e)
	if err != nil {
		t.Fatal(err)
	}
	log := logtest.New(t, "gateway")
	ack := func(context.Context) error { return nil }
	handle := func(ctx context.Context, _ queue.Message) { log.InfoContext(ctx, "handled") }
	parked := 0
	park := func(ctx context.Context, _, _ string, _ uint64, _ []byte, _ error) error {
		parked++
		if role := telemetry.Role(ctx); role != "gateway" {
			t.Errorf("parked for the role %q", role)
		}
		return nil
	}
	for _, body := range [][]byte{raw, []byte("no event")} {
		d := queue.Delivery{Subject: e.Type.Subject(), Raw: body, Sequence: 1, Attempt: 1, Ack: ack}
		queue.Dispatch(t.Context(), "gateway", d, handle, park, log.Logger)
	}
	log.About(e.GUID, "handled")
	if parked != 1 {
		t.Errorf("%d payloads were parked, want 1", parked)
	}
}
