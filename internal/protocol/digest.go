package protocol

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
)

// FormatReprDigest writes a Repr-Digest header (RFC 9530, section 3) for the
// SHA-256 of a representation, given in hex as manifests hold it.
func FormatReprDigest(sha256hex string) (string, error) {
	sum, err := hex.DecodeString(sha256hex)
	if err != nil || len(sum) != 32 {
		return "", fmt.Errorf("format Repr-Digest of %.70q: no SHA-256 in hex", sha256hex)
	}
	return "sha-256=:" + base64.StdEncoding.EncodeToString(sum) + ":", nil
}

// ParseReprDigest finds the SHA-256 in a Repr-Digest header and gives it in
// lower-case hex. The header is a dictionary of byte sequences (RFC 8941, 3.2
// and 3.3.5); algorithms other than sha-256 are skipped, and the last of two
// equal keys counts, as RFC 8941 says. Without a sha-256 it returns "" and no
// error.
func ParseReprDigest(header string) (string, error) {
	found := ""
	if strings.TrimSpace(header) == "" {
		return found, nil
	}
	for member := range strings.SplitSeq(header, ",") {
		key, value, ok := strings.Cut(strings.TrimSpace(member), "=")
		if !ok || key == "" {
			return "", fmt.Errorf("parse Repr-Digest %.100q: member %.60q has no value", header, member)
		}
		if key != "sha-256" {
			continue
		}
		sum, err := parseByteSequence(value)
		if err != nil || len(sum) != 32 {
			return "", fmt.Errorf("parse Repr-Digest %.100q: %.60q is no SHA-256", header, value)
		}
		found = hex.EncodeToString(sum)
	}
	return found, nil
}

// parseByteSequence reads :base64: and ignores parameters after it.
func parseByteSequence(s string) ([]byte, error) {
	s, _, _ = strings.Cut(s, ";")
	s = strings.TrimSpace(s)
	if len(s) < 2 || s[0] != ':' || s[len(s)-1] != ':' {
		return nil, fmt.Errorf("%.60q is no byte sequence", s)
	}
	return base64.StdEncoding.DecodeString(s[1 : len(s)-1])
}
