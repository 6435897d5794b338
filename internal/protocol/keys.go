package protocol

import (
	"crypto/ed25519"
	"encoding/base64"
	"fmt"
	"io"
	"log/slog"
	"strings"
)

// Prefixes of serialised keys (Standard Webhooks 1.0.0, "Signature scheme").
const (
	secretKeyPrefix = "whsk_"
	publicKeyPrefix = "whpk_"
)

// SigningKey signs webhooks. It prints as [redacted].
type SigningKey struct {
	Name string // for logs; never sent
	key  ed25519.PrivateKey
}

// GenerateSigningKey makes a key from 32 bytes of random.
func GenerateSigningKey(name string, random io.Reader) (SigningKey, error) {
	seed := make([]byte, ed25519.SeedSize)
	if _, err := io.ReadFull(random, seed); err != nil {
		return SigningKey{}, fmt.Errorf("generate signing key %s: %w", name, err)
	}
	return SigningKey{Name: name, key: ed25519.NewKeyFromSeed(seed)}, nil
}

// ParseSigningKey reads whsk_ and base64 of the 32 byte seed of an Ed25519 key
// (RFC 8032), or of seed and public key together. The error never shows s.
func ParseSigningKey(name, s string) (SigningKey, error) {
	raw, err := decodeKey(s, secretKeyPrefix)
	if err != nil {
		return SigningKey{}, fmt.Errorf("parse signing key %s: %w", name, err)
	}
	switch len(raw) {
	case ed25519.SeedSize, ed25519.PrivateKeySize:
		return SigningKey{Name: name, key: ed25519.NewKeyFromSeed(raw[:ed25519.SeedSize])}, nil
	}
	return SigningKey{}, fmt.Errorf("parse signing key %s: it has %d bytes, want %d", name, len(raw), ed25519.SeedSize)
}

// Secret serialises the key for a secrets file.
func (k SigningKey) Secret() string {
	return secretKeyPrefix + base64.StdEncoding.EncodeToString(k.key.Seed())
}

// Public is the half the receiver pins.
func (k SigningKey) Public() VerifyingKey {
	return VerifyingKey{Name: k.Name, key: k.key.Public().(ed25519.PublicKey)}
}

// String keeps the secret out of fmt.
func (k SigningKey) String() string { return k.Name + "[redacted]" }

// GoString keeps the secret out of %#v.
func (k SigningKey) GoString() string { return k.String() }

// LogValue keeps the secret out of slog.
func (k SigningKey) LogValue() slog.Value { return slog.StringValue(k.String()) }

// VerifyingKey is one of the public keys a receiver has pinned.
type VerifyingKey struct {
	Name string
	key  ed25519.PublicKey
}

// ParseVerifyingKey reads whpk_ and base64 of an Ed25519 public key.
func ParseVerifyingKey(name, s string) (VerifyingKey, error) {
	raw, err := decodeKey(s, publicKeyPrefix)
	if err != nil {
		return VerifyingKey{}, fmt.Errorf("parse public key %s: %w", name, err)
	}
	if len(raw) != ed25519.PublicKeySize {
		return VerifyingKey{}, fmt.Errorf("parse public key %s: it has %d bytes, want %d", name, len(raw), ed25519.PublicKeySize)
	}
	return VerifyingKey{Name: name, key: raw}, nil
}

// String serialises the key for a config file.
func (k VerifyingKey) String() string {
	return publicKeyPrefix + base64.StdEncoding.EncodeToString(k.key)
}

func decodeKey(s, prefix string) ([]byte, error) {
	bare, ok := strings.CutPrefix(strings.TrimSpace(s), prefix)
	if !ok {
		return nil, fmt.Errorf("it does not begin with %s", prefix)
	}
	raw, err := base64.StdEncoding.DecodeString(bare)
	if err != nil {
		return nil, fmt.Errorf("what follows %s is no base64", prefix)
	}
	return raw, nil
}
