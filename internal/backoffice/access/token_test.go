package access_test

import (
	"encoding/base64"
	"errors"
	"testing"
	"time"

	"peyk/internal/backoffice/access"
	"peyk/internal/backoffice/ledger"
)

func TestAuthenticate(t *testing.T) {
	t.Parallel()
	s := newShelf(ledger.Account{Name: "derya"}, ledger.Account{Name: "murat"}, ledger.Account{Name: "gitti", Gone: true})
	secret := map[string]string{"": "nobody's"}
	issue := func(label, account, scope string) {
		token := access.NewSecret()
		row, err := access.NewToken(token, account, scope, time.Unix(0, 0))
		if err != nil {
			t.Fatal(err)
		}
		secret[label], s.tokens[row.Hash] = token, row
	}
	issue("cli", "derya", access.ScopeCLI)
	issue("demo", "derya", access.ScopeDemo)
	issue("service", "", access.ScopeService)
	issue("gone", "gitti", access.ScopeCLI)

	for _, c := range []struct {
		token, actAs, want string
		err                error
	}{
		{"", "", "", access.ErrUnauthenticated},
		{"", "derya", "", access.ErrUnauthenticated},
		{"cli", "", "derya", nil},
		{"cli", "derya", "derya", nil},
		{"cli", "murat", "", access.ErrForbidden},
		{"demo", "", "derya", nil},
		{"demo", "murat", "murat", nil},
		{"demo", "gitti", "", access.ErrUnauthenticated},
		{"demo", "nobody", "", access.ErrUnauthenticated},
		{"service", "murat", "murat", nil},
		{"service", "", "", access.ErrForbidden},
		{"service", "gitti", "", access.ErrUnauthenticated},
		{"gone", "", "", access.ErrUnauthenticated},
		{"gone", "gitti", "", access.ErrUnauthenticated},
	} {
		a, _, err := access.Authenticate(t.Context(), shelfTx{s: s}, secret[c.token], c.actAs)
		if a.Name != c.want || !errors.Is(err, c.err) {
			t.Errorf("token %q acting as %q: %q, %v; want %q, %v", c.token, c.actAs, a.Name, err, c.want, c.err)
		}
	}
}

func TestTokenKeepsOnlyItsDigest(t *testing.T) {
	t.Parallel()
	token := access.NewSecret()
	row, err := access.NewToken(token, "derya", access.ScopeCLI, time.Unix(0, 0))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || len(raw) != 32 {
		t.Errorf("token %q: %d bytes of base64url, %v; want 32", token, len(raw), err)
	}
	if row.Hash != access.Digest(token) || row.Hash == token {
		t.Errorf("row %+v does not hold the digest", row)
	}
	if _, err := access.NewToken(token, "derya", "everything", time.Unix(0, 0)); err == nil {
		t.Error("a token of an unknown scope was made")
	}
}
