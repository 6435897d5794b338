package access

import (
	"context"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"io"
	"strings"

	"golang.org/x/crypto/argon2"
)

// Cost is what hashing one password takes.
type Cost struct {
	Memory  uint32 // KiB
	Time    uint32 // passes
	Threads uint8
}

// DefaultCost is OWASP's recommendation for argon2id (Password Storage Cheat
// Sheet): 19 MiB, two passes, one thread.
func DefaultCost() Cost { return Cost{Memory: 19 * 1024, Time: 2, Threads: 1} }

// maxMemory bounds, in KiB, what a hash from the ledger may make us spend.
const maxMemory = 256 * 1024

// MinPassword is the fewest characters a password may have. ASVS 5.0 (6.2.1)
// demands 8 and recommends more.
const MinPassword = 12

const (
	saltSize = 16
	keySize  = 32
	atOnce   = 4
)

// Passwords hashes and verifies passwords.
type Passwords struct {
	cost   Cost
	random io.Reader
	decoy  string // verified when there is no such account
	slots  chan struct{}
}

// NewPasswords takes the cost of new hashes and the source of salts.
func NewPasswords(cost Cost, random io.Reader) (*Passwords, error) {
	p := &Passwords{cost: cost, random: random, slots: make(chan struct{}, atOnce)}
	decoy, err := p.hash("nobody's password")
	p.decoy = decoy
	return p, err
}

// Hash gives the PHC string of a password. It refuses one that is too short.
func (p *Passwords) Hash(password string) (string, error) {
	if n := len([]rune(password)); n < MinPassword {
		return "", fmt.Errorf("the password has %d characters, at least %d are needed", n, MinPassword)
	}
	return p.hash(password)
}

func (p *Passwords) hash(password string) (string, error) {
	salt := make([]byte, saltSize)
	if _, err := io.ReadFull(p.random, salt); err != nil {
		return "", fmt.Errorf("hash password: salt: %w", err)
	}
	h := phc{cost: p.cost, salt: salt}
	h.key = h.derive(password, keySize)
	return h.String(), nil
}

// Verify reports whether the password is the one hashed. An empty or
// unreadable hash costs the same work as a real one and is never right. The
// error is ctx's, if it ended while waiting for a free slot.
func (p *Passwords) Verify(ctx context.Context, hash, password string) (bool, error) {
	select {
	case p.slots <- struct{}{}:
		defer func() { <-p.slots }()
	case <-ctx.Done():
		return false, fmt.Errorf("verify password: %w", ctx.Err())
	}
	h, known := parsePHC(hash)
	if !known {
		h, _ = parsePHC(p.decoy)
	}
	same := subtle.ConstantTimeCompare(h.derive(password, len(h.key)), h.key) == 1
	return same && known, nil
}

// phc is a password hash in the PHC string format
// (github.com/P-H-C/phc-string-format).
type phc struct {
	cost      Cost
	salt, key []byte
}

func (h phc) derive(password string, size int) []byte {
	return argon2.IDKey([]byte(password), h.salt, h.cost.Time, h.cost.Memory, h.cost.Threads, uint32(size))
}

func (h phc) String() string {
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version,
		h.cost.Memory, h.cost.Time, h.cost.Threads, b64.EncodeToString(h.salt), b64.EncodeToString(h.key))
}

func parsePHC(s string) (phc, bool) {
	parts := strings.Split(s, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return phc{}, false
	}
	var h phc
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &h.cost.Memory, &h.cost.Time, &h.cost.Threads); err != nil {
		return phc{}, false
	}
	var saltErr, keyErr error
	h.salt, saltErr = base64.RawStdEncoding.DecodeString(parts[4])
	h.key, keyErr = base64.RawStdEncoding.DecodeString(parts[5])
	sane := h.cost.Memory <= maxMemory && h.cost.Time >= 1 && h.cost.Time <= 16 && h.cost.Threads >= 1 &&
		len(h.salt) >= 8 && len(h.key) >= 16
	return h, saltErr == nil && keyErr == nil && sane
}
