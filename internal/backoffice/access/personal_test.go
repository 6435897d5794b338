package access_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"peyk/internal/backoffice/access"
	"peyk/internal/backoffice/ledger"
)

func TestPersonalTokens(t *testing.T) {
	t.Parallel()
	s := newShelf(ledger.Account{Name: "derya"}, ledger.Account{Name: "gitti", Gone: true})
	for _, c := range []struct {
		label, scope string
		days         int
		err          error
	}{
		{"Excel", access.ScopeRead, 1, nil},
		{" Aylık tablo ", access.ScopeFull, 365, nil},
		{strings.Repeat("ş", 60), access.ScopeRead, 90, nil},
		{strings.Repeat("ş", 61), access.ScopeRead, 90, access.ErrLabel},
		{"  ", access.ScopeRead, 90, access.ErrLabel},
		{"two\nlines", access.ScopeRead, 90, access.ErrLabel},
		{"turned \u202e round", access.ScopeRead, 90, access.ErrLabel},
		{"\xff", access.ScopeRead, 90, access.ErrLabel},
		{"Excel", access.ScopeCLI, 90, access.ErrScope},
		{"Excel", access.ScopeService, 90, access.ErrScope},
		{"Excel", "", 90, access.ErrScope},
		{"Excel", access.ScopeRead, 0, access.ErrDays},
		{"Excel", access.ScopeRead, 366, access.ErrDays},
	} {
		secret, row, err := access.NewPersonal("derya", c.label, c.scope, c.days, s.now)
		if !errors.Is(err, c.err) || (err == nil) != (c.err == nil) {
			t.Errorf("%q, %s, %d days: %v, want %v", c.label, c.scope, c.days, err, c.err)
		}
		if err != nil {
			continue
		}
		if !strings.HasPrefix(secret, access.TokenPrefix) || row.Hash != access.Digest(secret) || row.Label != strings.TrimSpace(c.label) ||
			!row.ExpiresAt.Equal(s.now.AddDate(0, 0, c.days)) {
			t.Errorf("%q: secret %q, row %+v", c.label, secret, row)
		}
	}
}

// A token is good until the very moment it ends, for nobody but its owner, and
// dead with its owner's leaving.
func TestPersonalTokensEnd(t *testing.T) {
	t.Parallel()
	s := newShelf(ledger.Account{Name: "derya"}, ledger.Account{Name: "murat"}, ledger.Account{Name: "gitti", Gone: true})
	issue := func(account string) string {
		secret, row, err := access.NewPersonal(account, "x", access.ScopeRead, 1, s.now)
		must(t, err)
		s.tokens[row.Hash] = row
		return secret
	}
	hers, gone := issue("derya"), issue("gitti")
	try := func(what, secret, actAs string, want error) {
		t.Helper()
		if _, _, err := access.Authenticate(t.Context(), shelfTx{s: s}, secret, actAs); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", what, err, want)
		}
	}
	try("in another's name", hers, "murat", access.ErrForbidden)
	try("of somebody gone", gone, "", access.ErrUnauthenticated)
	s.now = s.now.Add(24*time.Hour - time.Microsecond)
	try("at its last moment", hers, "", nil)
	s.now = s.now.Add(time.Microsecond)
	try("run out", hers, "", access.ErrUnauthenticated)
}
