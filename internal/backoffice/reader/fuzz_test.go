package reader_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"peyk/internal/backoffice/reader"
	"peyk/internal/protocol"
)

// FuzzWebhook sends any body under any headers: nothing panics, nothing but 204
// and refusals comes back, and 204 only for what the provider's key signed,
// computed here without the verifier.
func FuzzWebhook(f *testing.F) {
	w := newWorld(f)
	good := w.post(ready("a", preparing, 1))
	body, err := ready("a", preparing, 1).Body()
	if err != nil {
		f.Fatal(err)
	}
	id, stamp, signature := good.Header.Get(protocol.HeaderWebhookID),
		good.Header.Get(protocol.HeaderWebhookTimestamp), good.Header.Get(protocol.HeaderWebhookSignature)
	media := protocol.MediaCloudEvent
	f.Add(body, media, id, stamp, signature)
	f.Add(body, media+"; charset=utf-8", id, stamp, "v1,AAAA "+signature)
	f.Add(body[1:], media, id, stamp, signature)
	f.Add(body, "application/json", id, stamp, signature)
	f.Add(body, media, "b", stamp, signature)
	f.Add(body, media, id, "-1", signature)
	f.Add(body, media, id, stamp, strings.Repeat("v1a, ", 9))
	f.Add([]byte(nil), "", "", "", "")
	public := ed25519.NewKeyFromSeed(seed).Public().(ed25519.PublicKey)

	f.Fuzz(func(t *testing.T, body []byte, media, id, stamp, signature string) {
		r := httptest.NewRequest(http.MethodPost, reader.Path, bytes.NewReader(body))
		for name, v := range map[string]string{
			"Content-Type": media, protocol.HeaderWebhookID: id,
			protocol.HeaderWebhookTimestamp: stamp, protocol.HeaderWebhookSignature: signature,
		} {
			r.Header.Set(name, v)
		}
		rec := httptest.NewRecorder()
		w.station.ServeHTTP(rec, r)
		switch {
		case rec.Code == http.StatusNoContent && !signedBy(public, id+"."+stamp+"."+string(body), signature):
			t.Errorf("taken without a good signature: %q %q %q %q %q", body, media, id, stamp, signature)
		case rec.Code != http.StatusNoContent && (rec.Code < 400 || rec.Code > 499):
			t.Errorf("answered %d: %q %q %q %q %q", rec.Code, body, media, id, stamp, signature)
		}
	})
}

func signedBy(key ed25519.PublicKey, content, signatures string) bool {
	for _, s := range strings.Fields(signatures) {
		sum, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(s, "v1a,"))
		if err == nil && strings.HasPrefix(s, "v1a,") && ed25519.Verify(key, []byte(content), sum) {
			return true
		}
	}
	return false
}
