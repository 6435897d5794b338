// Package secret reads the passwords with which the company's processes and the
// servers of its queue know each other.
//
// Promise: a secret prints as [redacted] wherever it is formatted, logged or
// marshalled; only Reveal gives it. It is compared in constant time.
//
// Limits: a file holds one secret a line. The first is presented, all are
// accepted, so that a new one can be written above the old before every
// process has it.
//
// Failure: a file that cannot be read, or holds no secret, is an error that
// names the file and nothing in it.
package secret

import (
	"crypto/subtle"
	"fmt"
	"log/slog"
	"os"
	"strings"
)

// Secret is a password that no log, error or dump shows.
type Secret string

const redacted = "[redacted]"

func (Secret) String() string               { return redacted }
func (Secret) GoString() string             { return redacted }
func (Secret) LogValue() slog.Value         { return slog.StringValue(redacted) }
func (Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// Reveal gives the secret itself, for whoever has to present it.
func (s Secret) Reveal() string { return string(s) }

// Read reads the secrets in a file, the one to present first.
func Read(path string) ([]Secret, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the secret: %w", err)
	}
	var secrets []Secret
	for line := range strings.Lines(string(raw)) {
		if line = strings.TrimSpace(line); line != "" {
			secrets = append(secrets, Secret(line))
		}
	}
	if len(secrets) == 0 {
		return nil, fmt.Errorf("read the secret: %s holds none", path)
	}
	return secrets, nil
}

// Among reports whether what somebody presents is one of the secrets.
func Among(presented string, secrets []Secret) bool {
	found := 0
	for _, s := range secrets {
		found |= subtle.ConstantTimeCompare([]byte(presented), []byte(s))
	}
	return found == 1
}
