package protocol

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// The vector of the Go reference library of Standard Webhooks
// (libraries/go/webhook_asymmetric_test.go).
const (
	vectorKey       = "whsk_VEVTVFNJR05JTkdLRVlET05PVFVTRVRISVNGT1JBTlk="
	vectorID        = "msg_p5jXN8AQM9LWM0D4loKWxJek"
	vectorUnix      = 1614265330
	vectorBody      = `{"test": 2432232314}`
	vectorSignature = "v1a,tQ9V2XOqn7jL/DQenEFpqIugdBVtiMmER5mhSkXBNwM0mkATuDe6KYYUuxqtaiHeYGb7KaaBRdM5WqyeFiL8Ag=="
)

func vector(t *testing.T) (SigningKey, http.Header) {
	t.Helper()
	key, err := ParseSigningKey("vector", vectorKey)
	if err != nil {
		t.Fatal(err)
	}
	h := http.Header{}
	SignWebhook(h, vectorID, time.Unix(vectorUnix, 0), []byte(vectorBody), key)
	return key, h
}

func otherKey(t interface{ Fatal(...any) }, seed string) SigningKey {
	key, err := GenerateSigningKey("other", strings.NewReader(strings.Repeat(seed, 32)))
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func at(unix int64) func() time.Time { return func() time.Time { return time.Unix(unix, 0) } }

func TestSignatureOfTheReferenceLibrary(t *testing.T) {
	t.Parallel()
	_, h := vector(t)
	if got := h.Get(HeaderWebhookSignature); got != vectorSignature {
		t.Errorf("signed %s, want %s", got, vectorSignature)
	}
}

func TestVerify(t *testing.T) {
	t.Parallel()
	set := func(name, value string) func(http.Header) { return func(h http.Header) { h.Set(name, value) } }
	for name, c := range map[string]struct {
		change func(http.Header)
		body   string
		now    int64
		want   error
	}{
		"as sent":                  {},
		"body changed":             {body: vectorBody + " ", want: ErrWrongSignature},
		"id changed":               {change: set(HeaderWebhookID, "msg_other"), want: ErrWrongSignature},
		"time changed":             {change: set(HeaderWebhookTimestamp, fmt.Sprint(vectorUnix+1)), want: ErrWrongSignature},
		"300 s late":               {now: vectorUnix + 300},
		"301 s late":               {now: vectorUnix + 301, want: ErrTooOld},
		"300 s early":              {now: vectorUnix - 300},
		"301 s early":              {now: vectorUnix - 301, want: ErrTooNew},
		"no signature":             {change: func(h http.Header) { h.Del(HeaderWebhookSignature) }, want: ErrNoSignature},
		"empty signature":          {change: set(HeaderWebhookSignature, " "), want: ErrNoSignature},
		"no id":                    {change: func(h http.Header) { h.Del(HeaderWebhookID) }, want: ErrMalformedSignature},
		"two ids":                  {change: func(h http.Header) { h.Add(HeaderWebhookID, "b") }, want: ErrMalformedSignature},
		"id with a dot":            {change: set(HeaderWebhookID, "a.1"), want: ErrMalformedSignature},
		"long id":                  {change: set(HeaderWebhookID, strings.Repeat("a", 129)), want: ErrMalformedSignature},
		"no timestamp":             {change: func(h http.Header) { h.Del(HeaderWebhookTimestamp) }, want: ErrMalformedSignature},
		"timestamp with a plus":    {change: set(HeaderWebhookTimestamp, fmt.Sprintf("+%d", vectorUnix)), want: ErrMalformedSignature},
		"timestamp is no number":   {change: set(HeaderWebhookTimestamp, "now"), want: ErrMalformedSignature},
		"HMAC only":                {change: set(HeaderWebhookSignature, "v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc="), want: ErrWrongSignature},
		"cut":                      {change: set(HeaderWebhookSignature, vectorSignature[:40]), want: ErrWrongSignature},
		"no base64":                {change: set(HeaderWebhookSignature, "v1a,*"), want: ErrWrongSignature},
		"one of several is right":  {change: set(HeaderWebhookSignature, "v1,x v1a,AAAA "+vectorSignature+" v2,y")},
		"in a second header line":  {change: func(h http.Header) { h[HeaderWebhookSignature] = []string{"v1,x", vectorSignature} }},
		"more signatures than few": {change: set(HeaderWebhookSignature, strings.Repeat("v1a,AAAA ", 9)+vectorSignature), want: ErrMalformedSignature},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			key, h := vector(t)
			if c.change != nil {
				c.change(h)
			}
			if c.body == "" {
				c.body = vectorBody
			}
			if c.now == 0 {
				c.now = vectorUnix
			}
			v := Verifier{Keys: []VerifyingKey{otherKey(t, "o").Public(), key.Public()}, Now: at(c.now)}
			got, err := v.Verify(h, []byte(c.body))
			if !errors.Is(err, c.want) {
				t.Fatalf("Verify: %v, want %v", err, c.want)
			}
			if err == nil && (got.ID != vectorID || got.KeyName != "vector" || got.At.Unix() != vectorUnix) {
				t.Errorf("verified %+v", got)
			}
		})
	}
}

// During a change of keys the sender signs with both, and each receiver knows
// one of them at least.
func TestChangeOfKeys(t *testing.T) {
	t.Parallel()
	old, next := otherKey(t, "a"), otherKey(t, "b")
	h := http.Header{}
	SignWebhook(h, "id", time.Unix(1, 0), nil, old, next)
	for _, k := range []SigningKey{old, next} {
		if _, err := (Verifier{Keys: []VerifyingKey{k.Public()}, Now: at(1)}).Verify(h, nil); err != nil {
			t.Error(err)
		}
	}
	if _, err := (Verifier{Now: at(1)}).Verify(h, nil); !errors.Is(err, ErrWrongSignature) {
		t.Errorf("without pinned keys: %v", err)
	}
}

// Whatever one byte of what is signed is changed to, nothing verifies.
func TestAnyChangeIsSeen(t *testing.T) {
	t.Parallel()
	key := otherKey(t, "k")
	rapid.Check(t, func(t *rapid.T) {
		body := rapid.SliceOfN(rapid.Byte(), 1, 200).Draw(t, "body")
		h := http.Header{}
		SignWebhook(h, "id", time.Unix(1, 0), body, key)
		i := rapid.IntRange(0, len(body)-1).Draw(t, "place")
		body[i] ^= rapid.ByteRange(1, 255).Draw(t, "change")
		_, err := Verifier{Keys: []VerifyingKey{key.Public()}, Now: at(1)}.Verify(h, body)
		if !errors.Is(err, ErrWrongSignature) {
			t.Fatalf("Verify: %v", err)
		}
	})
}

func TestKeysAreSerialised(t *testing.T) {
	t.Parallel()
	key, err := ParseSigningKey("k", vectorKey)
	if err != nil || key.Secret() != vectorKey {
		t.Errorf("%s came back as %s, %v", vectorKey, key.Secret(), err)
	}
	public, err := ParseVerifyingKey("k", key.Public().String())
	if err != nil || public.String() != key.Public().String() {
		t.Errorf("public key came back as %s, %v", public, err)
	}
	for _, s := range []string{"", vectorKey[5:], "whpk_" + vectorKey[5:], "whsk_*", "whsk_AAAA"} {
		if _, err := ParseSigningKey("k", s); err == nil || s != "" && strings.Contains(err.Error(), s) {
			t.Errorf("ParseSigningKey(%q): %v", s, err)
		}
	}
	for _, s := range []string{"", vectorKey, "whpk_AAAA"} {
		if _, err := ParseVerifyingKey("k", s); err == nil {
			t.Errorf("ParseVerifyingKey(%q) lets it through", s)
		}
	}
	for _, shown := range []string{fmt.Sprint(key), fmt.Sprintf("%v %+v %#v %s", key, key, key, key), key.LogValue().String()} {
		if !strings.Contains(shown, "redacted") || strings.Contains(shown, "VEVT") {
			t.Errorf("a signing key prints as %s", shown)
		}
	}
}
