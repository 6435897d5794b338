package reader_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"peyk/internal/backoffice/reader"
	"peyk/internal/protocol"
)

// Each way to be wrong has its own answer, and leaves no trace.
func TestRefusals(t *testing.T) {
	t.Parallel()
	body, err := ready("a", preparing, 1).Body()
	if err != nil {
		t.Fatal(err)
	}
	other := bytes.Repeat([]byte{8}, 32)
	for _, c := range []struct {
		what   string
		status int
		code   string
		make   func(w *world) *http.Request
	}{
		{"no signature", 401, "no-signature", func(w *world) *http.Request {
			r := w.signed("a", body, w.now, w.key)
			r.Header.Del(protocol.HeaderWebhookSignature)
			return r
		}},
		{"wrong key", 401, "wrong-signature", func(w *world) *http.Request {
			return w.signed("a", body, w.now, key(w.tb, other))
		}},
		{"altered body", 401, "wrong-signature", func(w *world) *http.Request {
			r := w.signed("a", body, w.now, w.key)
			r.Body = io.NopCloser(strings.NewReader(strings.Replace(string(body), `"rev":3`, `"rev":4`, 1)))
			return r
		}},
		{"another id than was signed", 401, "wrong-signature", func(w *world) *http.Request {
			r := w.signed("a", body, w.now, w.key)
			r.Header.Set(protocol.HeaderWebhookID, "b")
			return r
		}},
		{"two ids", 400, "malformed-signature", func(w *world) *http.Request {
			r := w.signed("a", body, w.now, w.key)
			r.Header.Add(protocol.HeaderWebhookID, "b")
			return r
		}},
		{"6 minutes old", 401, "timestamp-too-old", func(w *world) *http.Request {
			return w.signed("a", body, w.now.Add(-6*time.Minute), w.key)
		}},
		{"6 minutes ahead", 401, "timestamp-too-new", func(w *world) *http.Request {
			return w.signed("a", body, w.now.Add(6*time.Minute), w.key)
		}},
		{"a byte too long", 413, protocol.CodeTooLarge, func(w *world) *http.Request {
			long := append(bytes.Clone(body), bytes.Repeat([]byte(" "), protocol.MaxWebhookBody+1-len(body))...)
			return w.signed("a", long, w.now, w.key)
		}},
		{"signed, but no JSON", 400, protocol.CodeMalformed, func(w *world) *http.Request {
			return w.signed("a", []byte("ready!"), w.now, w.key)
		}},
		{"signed, but no event of ours", 400, protocol.CodeMalformed, func(w *world) *http.Request {
			return w.signed("a", []byte(`{"specversion":"1.0"}`), w.now, w.key)
		}},
		{"plain JSON", 415, protocol.CodeUnsupportedMedia, func(w *world) *http.Request {
			r := w.signed("a", body, w.now, w.key)
			r.Header.Set("Content-Type", "application/json")
			return r
		}},
		{"GET", 405, protocol.CodeMethodNotAllowed, func(w *world) *http.Request {
			r := w.signed("a", body, w.now, w.key)
			r.Method, r.Body = http.MethodGet, http.NoBody
			r.ContentLength = 0
			return r
		}},
		{"another path", 404, protocol.CodeNotFound, func(w *world) *http.Request {
			r := w.signed("a", body, w.now, w.key)
			r.URL.Path = "/hooks"
			return r
		}},
	} {
		t.Run(c.what, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			resp, p := w.send(c.make(w))
			if resp.StatusCode != c.status || p.Code != c.code {
				t.Errorf("answered %d %q, want %d %q", resp.StatusCode, p.Code, c.status, c.code)
			}
			if allow := resp.Header.Get("Allow"); c.status == 405 && allow != http.MethodPost {
				t.Errorf("405 allows %q, want POST (RFC 9110, 15.5.6)", allow)
			}
			if got := w.kept(preparing, 1); got != (kept{}) {
				t.Errorf("left behind %+v", got)
			}
		})
	}
}

// The longest body the contract allows is taken, at the edge of its time.
func TestEdgesAreTaken(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i, off := range []time.Duration{-protocol.WebhookTolerance, protocol.WebhookTolerance} {
		h := ready(string(rune('a'+i)), preparing, 1)
		body, err := h.Body()
		if err != nil {
			t.Fatal(err)
		}
		full := append(body, bytes.Repeat([]byte(" "), protocol.MaxWebhookBody-len(body))...)
		if resp, p := w.send(w.signed(h.ID, full, w.now.Add(off), w.key)); resp.StatusCode != 204 {
			t.Errorf("signed at %s: %d %s", off, resp.StatusCode, p.Code)
		}
	}
}

func TestLedgerDown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.down = errors.New("disk gone")
	w.wantBusy(w.post(ready("a", preparing, 1)))
	w.down = nil
	if got := w.kept(preparing, 1); got != (kept{}) {
		t.Errorf("left behind %+v", got)
	}
	w.taken(w.post(ready("a", preparing, 1)))
	if got := w.kept(preparing, 1); got != (kept{1, 1, 1, 1}) {
		t.Errorf("the second try left %+v", got)
	}
}

func (w *world) wantBusy(r *http.Request) {
	w.tb.Helper()
	resp, p := w.send(r)
	if resp.StatusCode != 503 || p.Code != protocol.CodeUnavailable || resp.Header.Get("Retry-After") == "" {
		w.tb.Errorf("answered %d %q, Retry-After %q; want 503 unavailable with one",
			resp.StatusCode, p.Code, resp.Header.Get("Retry-After"))
	}
}

// While every place is taken, who is not signed still learns that first, and no
// forger finds out how busy we are.
func TestOverload(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.enter, w.leave = make(chan struct{}), make(chan struct{})
	answers := make(chan int)
	for i := range reader.MaxAtOnce {
		r := w.post(ready("under-way-"+strconv.Itoa(i), preparing, 1))
		go func() {
			resp, err := w.client.Do(r)
			if err != nil {
				t.Error(err)
				answers <- 0
				return
			}
			resp.Body.Close()
			answers <- resp.StatusCode
		}()
	}
	for range reader.MaxAtOnce {
		<-w.enter
	}
	w.wantBusy(w.post(ready("one-more", preparing, 1)))
	forged := w.post(ready("one-more", preparing, 1))
	forged.Header.Del(protocol.HeaderWebhookSignature)
	if resp, p := w.send(forged); resp.StatusCode != 401 || p.Code != "no-signature" {
		t.Errorf("a forged one was answered %d %s", resp.StatusCode, p.Code)
	}
	close(w.leave)
	for range reader.MaxAtOnce {
		if got := <-answers; got != http.StatusNoContent {
			t.Errorf("one that was under way ended %d", got)
		}
	}
	w.enter = nil
	w.taken(w.post(ready("one-more", preparing, 1)))
}
