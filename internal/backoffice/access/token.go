package access

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"peyk/internal/backoffice/ledger"
)

// The scopes of tokens, a closed set.
const (
	ScopeCLI     = "cli"     // acts as its account
	ScopeDemo    = "demo"    // acts as its account, or as another by name
	ScopeService = "service" // the web station: acts for whoever is signed in
	ScopeRead    = "read"    // a person's program: sees what the person may see
	ScopeFull    = "full"    // a person's program: does what the person may do, but see Personal
)

// The answers of Authenticate and of policies.
var (
	ErrUnauthenticated = errors.New("no valid credentials")
	ErrForbidden       = errors.New("not allowed")
)

const tokenSize = 32 // bytes

// NewSecret makes the secret of a bearer token, in base64url.
func NewSecret() string {
	var raw [tokenSize]byte
	_, _ = rand.Read(raw[:]) // never fails (crypto/rand)
	return base64.RawURLEncoding.EncodeToString(raw[:])
}

// NewToken makes the row that lets the holder of secret act for the account. It
// holds the secret's digest.
func NewToken(secret, account, scope string, at time.Time) (ledger.Token, error) {
	if scope != ScopeCLI && scope != ScopeDemo && scope != ScopeService {
		return ledger.Token{}, fmt.Errorf("make token for %s: scope %q is unknown", account, scope)
	}
	return ledger.Token{Hash: Digest(secret), Account: account, Scope: scope, At: at}, nil
}

// Digest is what the ledger keeps of a token or session: SHA-256 in hex. The
// secrets are random, so a fast hash is enough.
func Digest(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// Authenticate finds whom a bearer token acts as, and the token's row. actAs is
// the name asked for, or "". It returns ErrUnauthenticated for a token nobody
// has, or has no more, and for people who left, ErrForbidden for a name the
// token's scope does not reach.
func Authenticate(ctx context.Context, view ledger.View, bearer, actAs string) (ledger.Account, ledger.Token, error) {
	if err := ctx.Err(); err != nil {
		return ledger.Account{}, ledger.Token{}, err
	}
	token, err := view.Token(Digest(bearer))
	if errors.Is(err, ledger.ErrNotFound) || err == nil && RunOut(token, view.Now()) {
		return ledger.Account{}, ledger.Token{}, fmt.Errorf("bearer token: %w", ErrUnauthenticated)
	}
	if err != nil {
		return ledger.Account{}, ledger.Token{}, fmt.Errorf("look up bearer token: %w", err)
	}
	name, err := actor(token, actAs)
	if err != nil {
		return ledger.Account{}, ledger.Token{}, err
	}
	a, err := present(view, name)
	return a, token, err
}

// actor is the scope table: as whom a token may act.
func actor(t ledger.Token, actAs string) (string, error) {
	switch {
	case t.Scope == ScopeService && actAs != "":
		return actAs, nil
	case t.Scope == ScopeDemo && actAs != "":
		return actAs, nil
	case t.Scope == ScopeDemo, (t.Scope == ScopeCLI || Personal(t)) && (actAs == "" || actAs == t.Account):
		return t.Account, nil
	}
	return "", fmt.Errorf("token of scope %s acting as %q: %w", t.Scope, actAs, ErrForbidden)
}

// present finds the account of somebody who is still here.
func present(view ledger.View, name string) (ledger.Account, error) {
	a, err := view.Account(name)
	if errors.Is(err, ledger.ErrNotFound) || err == nil && a.Gone {
		return ledger.Account{}, fmt.Errorf("account %q: %w", name, ErrUnauthenticated)
	}
	if err != nil {
		return ledger.Account{}, fmt.Errorf("look up account %s: %w", name, err)
	}
	return a, nil
}
