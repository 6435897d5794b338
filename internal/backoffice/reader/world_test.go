package reader_test

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"peyk/internal/backoffice/event"
	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/ledger/mem"
	"peyk/internal/backoffice/reader"
	"peyk/internal/protocol"
	"peyk/internal/protocol/protocoltest"
	"peyk/internal/report"
	"peyk/internal/telemetry/logtest"
)

const (
	preparing = "019ab0f2-7c00-7000-8000-000000000001" // a request that waits for its webhook
	unknown   = "019ab0f2-7c00-7000-8000-000000000002"
)

// seed makes the provider's key, so that a test may check signatures itself.
var seed = bytes.Repeat([]byte{7}, 32)

// world is a reader behind real HTTP, on a ledger in memory.
type world struct {
	tb      testing.TB
	ledger  *mem.Ledger
	station *reader.Station
	log     *logtest.Log
	url     string
	client  *http.Client
	key     protocol.SigningKey
	now     time.Time
	down    error         // of the ledger
	queue   error         // of the queue
	enter   chan struct{} // told of each transaction before it begins, if not nil
	leave   chan struct{} // holds each transaction back until it is closed

	mu     sync.Mutex
	events []event.Event
}

func (w *world) Update(ctx context.Context, fn func(ledger.Tx) error) error {
	if w.enter != nil {
		w.enter <- struct{}{}
		<-w.leave
	}
	if w.down != nil {
		return w.down
	}
	return w.ledger.Update(ctx, fn)
}

func (w *world) Publish(_ context.Context, e event.Event) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.events = append(w.events, e)
	return w.queue
}

func newWorld(tb testing.TB) *world {
	tb.Helper()
	w := &world{tb: tb, key: key(tb, seed), now: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC), log: logtest.New(tb, "reader")}
	now := func() time.Time { return w.now }
	w.ledger = mem.New(now)
	w.station = reader.New(reader.Config{
		Store: w, Publish: w, Log: w.log.Logger,
		Verifier: protocol.Verifier{Keys: []protocol.VerifyingKey{w.key.Public()}, Now: now},
	})
	server := httptest.NewServer(w.station)
	tb.Cleanup(server.Close)
	w.url, w.client = server.URL+reader.Path, server.Client()
	w.prepare(preparing)
	return w
}

func key(tb testing.TB, seed []byte) protocol.SigningKey {
	tb.Helper()
	k, err := protocol.GenerateSigningKey("provider-2026", bytes.NewReader(seed))
	if err != nil {
		tb.Fatal(err)
	}
	return k
}

// prepare brings a request to where it waits for the provider.
func (w *world) prepare(guid string) {
	w.tb.Helper()
	w.write(func(tx ledger.Tx) error {
		r, m, err := report.New(guid, report.Asked{Owner: "derya", Approval: report.NoApproval}, time.Minute, w.now)
		for _, next := range []func() (report.Move, error){
			func() (report.Move, error) { return r.Submit(w.now, nil) },
			func() (report.Move, error) { return r.Prepare(w.now, nil) },
			func() (report.Move, error) { return report.Move{}, nil },
		} {
			if err != nil {
				return err
			}
			if err := ledger.Move(tx, r, m); err != nil {
				return err
			}
			m, err = next()
		}
		return err
	})
}

func (w *world) write(fn func(ledger.Tx) error) {
	w.tb.Helper()
	if err := w.ledger.Update(w.tb.Context(), fn); err != nil {
		w.tb.Fatal(err)
	}
}

// ready is a webhook as the provider sends it.
func ready(id, guid string, generation int) protocol.Webhook {
	return protocol.Webhook{
		ID: id, Source: protocol.WebhookSource, Type: protocol.WebhookType(protocol.Ready),
		Time: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC),
		Data: protocol.WebhookData{ReportID: guid, Generation: generation, Rev: 3, State: protocol.Ready},
	}
}

// post makes the signed request; what a test wants wrong it changes in it.
func (w *world) post(h protocol.Webhook) *http.Request {
	w.tb.Helper()
	body, err := h.Body()
	if err != nil {
		w.tb.Fatal(err)
	}
	return w.signed(h.ID, body, w.now, w.key)
}

func (w *world) signed(id string, body []byte, at time.Time, keys ...protocol.SigningKey) *http.Request {
	w.tb.Helper()
	r, err := http.NewRequestWithContext(w.tb.Context(), http.MethodPost, w.url, bytes.NewReader(body))
	if err != nil {
		w.tb.Fatal(err)
	}
	r.Header.Set("Content-Type", protocol.MediaCloudEvent)
	protocol.SignWebhook(r.Header, id, at, body, keys...)
	return r
}

// send gives status and headers, and of a refusal its problem.
func (w *world) send(r *http.Request) (*http.Response, protocol.Problem) {
	w.tb.Helper()
	resp, err := w.client.Do(r)
	if err != nil {
		w.tb.Fatal(err)
	}
	defer resp.Body.Close()
	var p protocol.Problem
	if resp.StatusCode == http.StatusNoContent {
		return resp, p
	}
	if got := resp.Header.Get("Content-Type"); got != protocol.MediaProblem {
		w.tb.Errorf("%d came as %q, want %s", resp.StatusCode, got, protocol.MediaProblem)
	}
	if err := json.NewDecoder(resp.Body).Decode(&p); err != nil || p.Status != resp.StatusCode {
		w.tb.Errorf("the problem of %d reads as %+v, %v", resp.StatusCode, p, err)
	}
	return resp, p
}

// taken sends a webhook the contract allows and wants 204.
func (w *world) taken(r *http.Request) {
	w.tb.Helper()
	w.client.Transport = protocoltest.New(w.tb).WebhookTransport(w.client.Transport)
	if resp, p := w.send(r); resp.StatusCode != http.StatusNoContent {
		w.tb.Errorf("a good webhook was answered %d %s", resp.StatusCode, p.Code)
	}
}

// kept is what the ledger and the queue hold of the request after its webhooks.
type kept struct{ hooks, facts, steps, events int }

func (w *world) kept(guid string, generation int) (k kept) {
	w.tb.Helper()
	w.write(func(tx ledger.Tx) error {
		hooks, err := tx.Hooks(guid, generation)
		if err != nil {
			return err
		}
		journal, err := tx.Journal(guid)
		k.hooks = len(hooks)
		for _, e := range journal {
			if e.Name == "webhook" {
				k.facts++
			}
			if e.Step == report.StepReader {
				k.steps++
			}
		}
		return err
	})
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, e := range w.events {
		if e.GUID == guid {
			k.events++
		}
	}
	return k
}
