package access_test

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"testing"
	"testing/iotest"

	"pgregory.net/rapid"

	"peyk/internal/backoffice/access"
)

func cheap() access.Cost { return access.Cost{Memory: 8, Time: 1, Threads: 1} }

func passwords(t testing.TB) *access.Passwords {
	t.Helper()
	p, err := access.NewPasswords(cheap(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestPasswordIsItself(t *testing.T) {
	t.Parallel()
	p := passwords(t)
	rapid.Check(t, func(r *rapid.T) {
		password := rapid.StringN(access.MinPassword, 40, -1).Draw(r, "password")
		other := rapid.StringN(0, 40, -1).Draw(r, "other")
		hash, err := p.Hash(password)
		if err != nil {
			r.Fatalf("hash %q: %v", password, err)
		}
		for _, tried := range []string{password, other} {
			right, err := p.Verify(t.Context(), hash, tried)
			if err != nil || right != (tried == password) {
				r.Fatalf("password %q, tried %q: right %v, error %v", password, tried, right, err)
			}
		}
	})
}

func TestHashIsSaltedAndNamesItsCost(t *testing.T) {
	t.Parallel()
	p := passwords(t)
	one, _ := p.Hash("a long password")
	two, _ := p.Hash("a long password")
	if one == two {
		t.Errorf("two hashes of one password are the same: %s", one)
	}
	if !strings.HasPrefix(one, "$argon2id$v=19$m=8,t=1,p=1$") {
		t.Errorf("not a PHC string with its cost: %s", one)
	}
}

func TestUnreadableHashIsNeverRight(t *testing.T) {
	t.Parallel()
	p := passwords(t)
	good, _ := p.Hash("nobody's password")
	for _, hash := range []string{
		"", "plain", "nobody's password",
		strings.Replace(good, "argon2id", "argon2i", 1),
		strings.Replace(good, "v=19", "v=16", 1),
		strings.Replace(good, "m=8", "m=99999999", 1),
		strings.Replace(good, "t=1", "t=0", 1),
		good[:strings.LastIndex(good, "$")+1],
	} {
		right, err := p.Verify(t.Context(), hash, "nobody's password")
		if right || err != nil {
			t.Errorf("hash %q: right %v, error %v", hash, right, err)
		}
	}
}

func TestShortPasswordIsRefused(t *testing.T) {
	t.Parallel()
	if _, err := passwords(t).Hash("şifreşifreş"); err == nil {
		t.Error("eleven characters are taken for a password")
	}
}

func TestVerifyGivesUpWithItsCaller(t *testing.T) {
	t.Parallel()
	p := passwords(t)
	release := p.HoldAllSlots()
	defer release()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := p.Verify(ctx, "", "x"); !errors.Is(err, context.Canceled) {
		t.Errorf("with every slot taken: %v, want context.Canceled", err)
	}
}

func TestNewPasswordIsLongRandomAndReadable(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for range 200 {
		p, err := access.NewPassword(rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		letters := strings.ReplaceAll(p, "-", "")
		if len(letters) < 16 || strings.ContainsAny(letters, "ilouILOU") || seen[p] { // 16 of 32 letters are 80 bits
			t.Errorf("password %q is short, hard to read or not random", p)
		}
		seen[p] = true
	}
	if _, err := access.NewPassword(iotest.ErrReader(errors.New("no entropy"))); err == nil {
		t.Error("a password was made without randomness")
	}
}
