package access

import (
	"fmt"
	"io"
	"strings"
)

// readable is Crockford's Base32: without i, l, o and u nothing is mistaken for
// 0 or 1. Thirty-two characters, so a byte's low five bits choose one evenly.
const readable = "0123456789abcdefghjkmnpqrstvwxyz"

// Five groups of four characters, five bits each: 100 bits.
const (
	groups    = 5
	groupSize = 4
)

// NewPassword makes a password of 100 random bits that can be read aloud:
// five groups of four.
func NewPassword(random io.Reader) (string, error) {
	raw := make([]byte, groups*groupSize)
	if _, err := io.ReadFull(random, raw); err != nil {
		return "", fmt.Errorf("make password: %w", err)
	}
	var b strings.Builder
	for i, x := range raw {
		if i > 0 && i%groupSize == 0 {
			b.WriteByte('-')
		}
		b.WriteByte(readable[x&31])
	}
	return b.String(), nil
}
