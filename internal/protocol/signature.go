package protocol

import (
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Headers of a webhook (Standard Webhooks 1.0.0, "Webhook headers").
const (
	HeaderWebhookID        = "Webhook-Id"
	HeaderWebhookTimestamp = "Webhook-Timestamp"
	HeaderWebhookSignature = "Webhook-Signature"
)

// WebhookTolerance is how far the clocks of sender and receiver may be apart,
// in both directions.
const WebhookTolerance = 5 * time.Minute

// Why a webhook is not believed.
var (
	ErrNoSignature        = errors.New("webhook is not signed")
	ErrMalformedSignature = errors.New("webhook headers are malformed")
	ErrWrongSignature     = errors.New("no signature of the webhook was made by a pinned key")
	ErrTooOld             = errors.New("webhook was signed too long ago")
	ErrTooNew             = errors.New("webhook was signed in the future")
)

// scheme is the signature identifier of Ed25519 (Standard Webhooks 1.0.0,
// "Signature scheme"). HMAC (v1) is not accepted: the receiver would have to
// hold the sender's secret.
const scheme = "v1a,"

// maxSignatures bounds the work an unsigned message can cause.
const maxSignatures = 8

// SignWebhook sets the three headers for one attempt at sending body. id stays
// the same over all attempts, at is the time of this one. With several keys, as
// during a change of keys, each adds its signature.
func SignWebhook(h http.Header, id string, at time.Time, body []byte, keys ...SigningKey) {
	signatures := make([]string, len(keys))
	for i, k := range keys {
		sum := ed25519.Sign(k.key, signedContent(id, at.Unix(), body))
		signatures[i] = scheme + base64.StdEncoding.EncodeToString(sum)
	}
	h.Set(HeaderWebhookID, id)
	h.Set(HeaderWebhookTimestamp, strconv.FormatInt(at.Unix(), 10))
	h.Set(HeaderWebhookSignature, strings.Join(signatures, " "))
}

// signedContent is id.timestamp.body. An id with a dot could shift the borders
// between the three, which is why no verifier accepts one.
func signedContent(id string, unix int64, body []byte) []byte {
	return fmt.Appendf(nil, "%s.%d.%s", id, unix, body)
}

// Verifier checks webhooks against a set of pinned keys.
type Verifier struct {
	Keys []VerifyingKey
	Now  func() time.Time
}

// Verified is what is certain of a webhook after its check.
type Verified struct {
	ID      string    // the same over all attempts: the key against replays
	At      time.Time // of this attempt, by the sender's clock
	KeyName string    // of the pinned key that fits
}

// Verify checks the headers and the signature over the body, exactly as
// received. Its errors wrap ErrNoSignature, ErrMalformedSignature, ErrTooOld,
// ErrTooNew or ErrWrongSignature. Replays within the tolerance pass: keeping
// the ids is the receiver's part.
func (v Verifier) Verify(h http.Header, body []byte) (Verified, error) {
	signatures := h.Values(HeaderWebhookSignature)
	if len(signatures) == 0 || strings.TrimSpace(signatures[0]) == "" {
		return Verified{}, ErrNoSignature
	}
	id, at, err := webhookHead(h)
	if err != nil {
		return Verified{}, err
	}
	now := v.Now()
	if late := now.Sub(at); late > WebhookTolerance {
		return Verified{}, fmt.Errorf("%w: %s", ErrTooOld, late.Round(time.Second))
	}
	if early := at.Sub(now); early > WebhookTolerance {
		return Verified{}, fmt.Errorf("%w: %s", ErrTooNew, early.Round(time.Second))
	}
	content := signedContent(id, at.Unix(), body)
	name, err := v.match(strings.Fields(strings.Join(signatures, " ")), content)
	return Verified{ID: id, At: at, KeyName: name}, err
}

// webhookHead reads the id and the time of the attempt.
func webhookHead(h http.Header) (id string, at time.Time, err error) {
	ids, stamps := h.Values(HeaderWebhookID), h.Values(HeaderWebhookTimestamp)
	if len(ids) != 1 || len(stamps) != 1 {
		return "", at, fmt.Errorf("%w: want one id and one timestamp", ErrMalformedSignature)
	}
	id = ids[0]
	if id == "" || len(id) > 128 || strings.ContainsAny(id, ". ") {
		return "", at, fmt.Errorf("%w: id %.40q", ErrMalformedSignature, id)
	}
	unix, err := strconv.ParseInt(stamps[0], 10, 64)
	if err != nil || unix < 0 || strconv.FormatInt(unix, 10) != stamps[0] {
		return "", at, fmt.Errorf("%w: timestamp %.40q", ErrMalformedSignature, stamps[0])
	}
	return id, time.Unix(unix, 0), nil
}

// match finds the pinned key one of the signatures was made with.
func (v Verifier) match(signatures []string, content []byte) (string, error) {
	if len(signatures) > maxSignatures {
		return "", fmt.Errorf("%w: %d signatures", ErrMalformedSignature, len(signatures))
	}
	for _, s := range signatures {
		encoded, ok := strings.CutPrefix(s, scheme)
		if !ok {
			continue // another scheme, meant for other receivers
		}
		sum, err := base64.StdEncoding.DecodeString(encoded)
		if err != nil {
			continue
		}
		for _, k := range v.Keys {
			if len(k.key) == ed25519.PublicKeySize && ed25519.Verify(k.key, content, sum) {
				return k.Name, nil
			}
		}
	}
	return "", ErrWrongSignature
}
