package protocol

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/google/uuid"
)

// CheckGUID refuses everything but the canonical form of a UUID: 36
// characters, lower case (RFC 9562, section 4). GUIDs end up in paths and file
// names, so braces, URNs and capital letters are not let in.
func CheckGUID(s string) error {
	if len(s) != 36 || s != strings.ToLower(s) {
		return fmt.Errorf("%.40q is no GUID in canonical form", s)
	}
	if err := uuid.Validate(s); err != nil {
		return fmt.Errorf("%q is no GUID: %w", s, err)
	}
	return nil
}

// IdempotencyKey is the value of the Idempotency-Key header for one generation
// of a report: a quoted string, as the HTTP API working group's draft
// (draft-ietf-httpapi-idempotency-key-header, section 2.1) wants it.
func IdempotencyKey(guid string, generation int) string {
	return `"` + guid + "." + strconv.Itoa(generation) + `"`
}

// ParseIdempotencyKey is the inverse of [IdempotencyKey]. It refuses every
// other spelling.
func ParseIdempotencyKey(s string) (guid string, generation int, err error) {
	bare := strings.TrimSuffix(strings.TrimPrefix(s, `"`), `"`)
	guid, number, _ := strings.Cut(bare, ".")
	if err := CheckGUID(guid); err != nil {
		return "", 0, fmt.Errorf("parse Idempotency-Key %.60q: %w", s, err)
	}
	generation, err = ParseGeneration(number)
	if err != nil || s != IdempotencyKey(guid, generation) {
		return "", 0, fmt.Errorf("parse Idempotency-Key %.60q: want %q", s, `"guid.generation"`)
	}
	return guid, generation, nil
}

// MaxGeneration bounds a generation on the wire, so that it fits every number
// type of every implementer.
const MaxGeneration = 1 << 20

// ParseGeneration reads a generation, a number from 1 to [MaxGeneration]
// without sign or leading zeros.
func ParseGeneration(s string) (int, error) {
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 || n > MaxGeneration || strconv.Itoa(n) != s {
		return 0, fmt.Errorf("%.20q is no generation: want a number from 1 to %d", s, MaxGeneration)
	}
	return n, nil
}

// CheckFileName refuses names that are not plain: a letter or digit, then up
// to 99 letters, digits, dots, dashes and underscores. So a name from the
// other side can be neither a path nor a header.
func CheckFileName(s string) error {
	if s == "" || len(s) > 100 || strings.IndexByte("._-", s[0]) >= 0 {
		return fmt.Errorf("%.40q is no file name of the contract", s)
	}
	for _, c := range []byte(s) {
		plain := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
		if !plain && strings.IndexByte("._-", c) < 0 {
			return fmt.Errorf("%.40q is no file name of the contract", s)
		}
	}
	return nil
}
