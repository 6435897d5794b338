package access

import (
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"peyk/internal/backoffice/ledger"
)

// The limits of the tokens people make for their programs.
const (
	TokenPrefix  = "peyk_" // by which scanners for secrets find one that leaked
	MaxTokens    = 20      // of one person, not run out
	MaxLabel     = 60      // characters
	MaxTokenDays = 365
	UsualDays    = 90
	touchEvery   = time.Hour
)

// What Personal makes of a wish that is none.
var (
	ErrLabel = errors.New("a token is called something, in at most 60 characters on one line")
	ErrScope = errors.New("a token may read, or do all its owner may do")
	ErrDays  = errors.New("a token lasts from 1 to 365 days")
)

// NewPersonal makes a token for a program of the account's owner, good for so
// many days. The secret is nowhere else: the row holds its digest. It returns
// ErrLabel, ErrScope or ErrDays.
func NewPersonal(account, label, scope string, days int, at time.Time) (secret string, row ledger.Token, err error) {
	label = strings.TrimSpace(label)
	switch {
	case !oneLine(label):
		err = ErrLabel
	case scope != ScopeRead && scope != ScopeFull:
		err = ErrScope
	case days < 1 || days > MaxTokenDays:
		err = ErrDays
	}
	if err != nil {
		return "", row, fmt.Errorf("make a token for %s: %w", account, err)
	}
	secret = TokenPrefix + NewSecret()
	return secret, ledger.Token{
		Hash: Digest(secret), Account: account, Scope: scope, At: at, Label: label,
		ExpiresAt: at.AddDate(0, 0, days),
	}, nil
}

// oneLine refuses what would lie about itself in a list: nothing, too much, line
// breaks and characters that turn the direction of writing.
func oneLine(label string) bool {
	n := utf8.RuneCountInString(label)
	return utf8.ValidString(label) && n > 0 && n <= MaxLabel && !strings.ContainsFunc(label, func(r rune) bool {
		return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || unicode.In(r, unicode.Zl, unicode.Zp)
	})
}

// Personal reports whether a person made the token for a program. Such a token
// makes no tokens, changes no password, no profile and no account, whoever its
// owner is: one that leaked must not be able to outlive its end.
func Personal(t ledger.Token) bool { return t.Scope == ScopeRead || t.Scope == ScopeFull }

// RunOut reports whether the token is no good any more.
func RunOut(t ledger.Token, now time.Time) bool {
	return !t.ExpiresAt.IsZero() && !now.Before(t.ExpiresAt)
}

// Stale reports whether the token's use should be noted again: a program that
// calls each second costs the ledger one commit an hour.
func Stale(t ledger.Token, now time.Time) bool {
	return Personal(t) && now.Sub(t.UsedAt) >= touchEvery
}

// Ref names a session or token to its owner, by the first half of its digest:
// who knows it can do nothing with it elsewhere.
func Ref(digest string) string { return digest[:min(len(digest), 32)] }
