package sim

import (
	"bytes"
	"net/http"
	"strconv"
	"time"

	"peyk/internal/backoffice/reader"
	"peyk/internal/protocol"
	"peyk/internal/report"
)

// hook is a webhook the provider owes.
type hook struct {
	protocol.Webhook
	at      time.Time // of the next attempt
	attempt int
}

// pauses are how long the provider waits after each attempt.
func pauses() []time.Duration {
	return []time.Duration{
		5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour,
		10 * time.Hour, 14 * time.Hour, 20 * time.Hour, 24 * time.Hour,
	}
}

// tell owes the company a webhook about the operation's state: none, one, or
// several.
func (p *provider) tell(d *dossier, o *operation) {
	for range p.w.script.webhooks(p.w) {
		p.hookIDs++
		p.hooks = append(p.hooks, &hook{at: p.w.clock.now().Add(p.w.script.hookDelay(p.w)), Webhook: protocol.Webhook{
			ID: "hook-" + strconv.Itoa(p.hookIDs), Source: protocol.WebhookSource, Type: protocol.WebhookType(o.State), Time: p.w.clock.now(),
			Data: protocol.WebhookData{ReportID: d.guid, Generation: o.Generation, Rev: o.Rev, State: o.State},
		}})
	}
}

// runHooks sends what is owed.
func (p *provider) runHooks(t *thread) {
	for {
		t.await(func() (at time.Time) {
			for _, h := range p.hooks {
				sooner(&at, h.at)
			}
			return at
		})
		kept := p.hooks[:0]
		for _, h := range p.hooks {
			if h.at.After(p.w.clock.now()) {
				kept = append(kept, h)
				continue
			}
			if h.attempt < len(pauses()) {
				h.at = p.w.clock.now().Add(pauses()[h.attempt])
				h.attempt++
				kept = append(kept, h)
			}
			p.post(h, p.w.lab.key)
		}
		p.hooks = kept
	}
}

// post sends one attempt, signed with the key. An answer that comes ends it.
func (p *provider) post(h *hook, key protocol.SigningKey) {
	to := p.w.serving(report.Reader)
	if to == nil {
		return
	}
	content, err := h.Body()
	if err != nil {
		panic(err) // of the protocol's own making
	}
	p.w.spawn(to, "reader webhook", func(*thread) {
		req, err := http.NewRequest(http.MethodPost, reader.Path, bytes.NewReader(content))
		if err != nil {
			panic(err) // a constant path
		}
		req.Header.Set("Content-Type", protocol.MediaCloudEvent)
		protocol.SignWebhook(req.Header, h.ID, p.w.clock.now(), content, key)
		rec := newRecorder()
		to.reader.ServeHTTP(rec, req)
		p.w.mark("webhook answered " + strconv.Itoa(rec.status))
		v := p.w.enter(answer, "")
		if v.effect && v.fault == "" && rec.status == http.StatusNoContent {
			p.done(h)
		}
		_ = p.w.leave(v, nil) // a lost answer brings the webhook again
	})
}

func (p *provider) done(h *hook) {
	for i, x := range p.hooks {
		if x == h {
			p.hooks = append(p.hooks[:i:i], p.hooks[i+1:]...)
			return
		}
	}
}

// forge posts a webhook that nobody here signed.
func (p *provider) forge(guid string, key protocol.SigningKey) {
	p.hookIDs++
	p.post(&hook{Webhook: protocol.Webhook{
		ID: "forged-" + strconv.Itoa(p.hookIDs), Source: protocol.WebhookSource, Type: protocol.WebhookType(protocol.Ready), Time: p.w.clock.now(),
		Data: protocol.WebhookData{ReportID: guid, Generation: 1, Rev: 1, State: protocol.Ready},
	}}, key)
}

// recorder is the other end of an answer.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func newRecorder() *recorder { return &recorder{header: http.Header{}} }

// Header is the http.ResponseWriter's.
func (r *recorder) Header() http.Header { return r.header }

// WriteHeader is the http.ResponseWriter's.
func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
}

// Write is the http.ResponseWriter's.
func (r *recorder) Write(b []byte) (int, error) {
	r.WriteHeader(http.StatusOK)
	return r.body.Write(b)
}
