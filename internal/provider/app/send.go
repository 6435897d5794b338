package app

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync"
	"time"

	"peyk/internal/protocol"
	"peyk/internal/provider/store"
	"peyk/internal/telemetry"
)

const (
	senders     = 8                // webhooks under way at a time
	sendTimeout = 10 * time.Second // of one attempt
	maxAsked    = time.Hour        // the longest Retry-After that is heeded
)

// retryAfter is the rest before attempt n + 1, after n failed (Standard
// Webhooks 1.0.0, "Deliverability").
var retryAfter = [...]time.Duration{ //nolint:gochecknoglobals // a table, never written
	1: 5 * time.Second, 2: 5 * time.Minute, 3: 30 * time.Minute, 4: 2 * time.Hour, 5: 5 * time.Hour,
	6: 10 * time.Hour, 7: 14 * time.Hour, 8: 20 * time.Hour, 9: 24 * time.Hour,
}

// sendAll sends what lies in the outbox, when its time has come, until ctx
// ends. It is woken by the commit that put something there.
func (a *App) sendAll(ctx context.Context) {
	var sending sync.WaitGroup
	defer sending.Wait()
	underWay := map[string]bool{}
	done := make(chan string, senders)
	for ctx.Err() == nil {
		next := a.sendDue(ctx, underWay, func(d store.Delivery) {
			sending.Go(func() { a.deliver(ctx, d); done <- d.ID })
		})
		timer := time.NewTimer(next)
		select {
		case id := <-done:
			delete(underWay, id)
		case <-a.Store.Outbox():
		case <-timer.C:
		case <-ctx.Done():
		}
		timer.Stop()
	}
}

// idle is the longest rest of a loop that knows of nothing to do.
const idle = time.Hour

// sendDue starts what is due and gives the rest until more is.
func (a *App) sendDue(ctx context.Context, underWay map[string]bool, start func(store.Delivery)) time.Duration {
	due, next, err := a.Store.DueWebhooks(ctx, senders+len(underWay))
	if err != nil {
		if ctx.Err() == nil {
			a.Log.ErrorContext(ctx, "cannot read the outbox", "error", err)
		}
		return storeRest
	}
	for _, d := range due {
		if !underWay[d.ID] && len(underWay) < senders {
			underWay[d.ID] = true
			start(d)
		}
	}
	if next.IsZero() || len(underWay) == senders {
		return idle // the end of one under way wakes the loop
	}
	return min(max(next.Sub(a.Now()), 0), idle)
}

// deliver makes one attempt and writes down how it went.
func (a *App) deliver(ctx context.Context, d store.Delivery) {
	ctx = telemetry.WithGUID(ctx, d.GUID)
	status, asked, err := a.post(ctx, d)
	if ctx.Err() != nil {
		return // stopping: the same webhook is sent again after the start
	}
	log := a.Log.With("generation", d.Generation, "webhook", d.ID, "attempt", d.Attempts+1, "status", status)
	attempts := d.Attempts + 1
	switch {
	case status >= 200 && status < 300:
		log.InfoContext(ctx, "told the company")
		err = a.Store.Settle(ctx, d.ID)
	case status == http.StatusGone:
		log.WarnContext(ctx, "the company wants no more of this webhook")
		err = a.Store.Settle(ctx, d.ID)
	case attempts >= len(retryAfter):
		log.WarnContext(ctx, "gave a webhook up", "error", err)
		err = a.Store.Settle(ctx, d.ID)
	default:
		rest := max(a.jitter(retryAfter[attempts]), asked)
		log.InfoContext(ctx, "the company could not be told", "again_in", rest, "error", err)
		err = a.Store.Postpone(ctx, d.ID, a.Now().Add(rest))
	}
	if err != nil && ctx.Err() == nil {
		log.ErrorContext(ctx, "cannot write down a webhook", "error", err)
		pause(ctx, storeRest)
	}
}

// jitter spreads a rest over ±10 %, so that what failed together does not come
// back together.
func (a *App) jitter(d time.Duration) time.Duration {
	return time.Duration(float64(d) * (0.9 + 0.2*a.Random()))
}

// post sends a webhook once and gives the status, 0 if none came, and the
// Retry-After of a 429 or 503.
func (a *App) post(ctx context.Context, d store.Delivery) (status int, asked time.Duration, err error) {
	ctx, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, a.Webhook.URL, bytes.NewReader(d.Body))
	if err != nil {
		return 0, 0, fmt.Errorf("build webhook: %w", err)
	}
	req.Header.Set("Content-Type", protocol.MediaCloudEvent)
	req.Header.Set(protocol.HeaderRequestID, d.GUID)
	if a.Webhook.Token != "" {
		req.Header.Set("Authorization", "Bearer "+a.Webhook.Token)
	}
	protocol.SignWebhook(req.Header, d.ID, a.Now(), d.Body, a.Webhook.Keys...)
	resp, err := a.hooks.Do(req)
	if err != nil {
		return 0, 0, fmt.Errorf("send webhook: %w", err)
	}
	defer resp.Body.Close()
	_, _ = io.CopyN(io.Discard, resp.Body, 4096) // so that the connection can be used again
	if resp.StatusCode == http.StatusTooManyRequests || resp.StatusCode == http.StatusServiceUnavailable {
		seconds, _ := strconv.Atoi(resp.Header.Get("Retry-After"))
		asked = min(time.Duration(seconds)*time.Second, maxAsked)
	}
	return resp.StatusCode, asked, nil
}
