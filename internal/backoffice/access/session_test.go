package access_test

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"time"

	"github.com/alexedwards/scs/v2"

	"peyk/internal/backoffice/access"
	"peyk/internal/backoffice/ledger"
)

var _ scs.CtxStore = (*access.Sessions)(nil)

func TestSessionIsKeptByDigest(t *testing.T) {
	t.Parallel()
	s := newShelf()
	store := &access.Sessions{Ledger: s}
	end := s.now.Add(time.Hour)
	must(t, store.CommitCtx(opening(t), "the-token", []byte("data"), end))
	if _, there := s.sessions["the-token"]; there {
		t.Error("the token itself lies in the ledger")
	}
	if row := s.sessions[access.Digest("the-token")]; !row.ExpiresAt.Equal(end) {
		t.Errorf("row %+v does not end at %s", row, end)
	}
	data, found, err := store.Find("the-token")
	if !found || err != nil || !bytes.Equal(data, []byte("data")) {
		t.Errorf("found %v %q, %v", found, data, err)
	}
	must(t, store.Delete("the-token"))
	must(t, store.Delete("the-token"))
	if _, found, _ := store.Find("the-token"); found {
		t.Error("it is there after Delete")
	}
}

func TestSessionEnds(t *testing.T) {
	t.Parallel()
	s := newShelf()
	store := &access.Sessions{Ledger: s}
	must(t, store.CommitCtx(opening(t), "tok", []byte("data"), s.now.Add(time.Hour)))
	s.now = s.now.Add(time.Hour)
	if _, found, err := store.Find("tok"); found || err != nil {
		t.Errorf("over, yet found %v, %v", found, err)
	}
}

func TestSessionIsNotWrittenForEachPage(t *testing.T) {
	t.Parallel()
	s := newShelf()
	store := &access.Sessions{Ledger: s}
	end := s.now.Add(30 * time.Minute)
	must(t, store.CommitCtx(opening(t), "tok", []byte("a"), end))
	for _, c := range []struct {
		data   string
		end    time.Time
		writes int
	}{
		{"a", end.Add(59 * time.Second), 1},
		{"b", end.Add(59 * time.Second), 2},
		{"b", end.Add(2 * time.Minute), 3},
	} {
		must(t, store.Commit("tok", []byte(c.data), c.end))
		if s.writes != c.writes {
			t.Errorf("after keeping %q until %s: %d writes, want %d", c.data, c.end, s.writes, c.writes)
		}
	}
}

func TestSessionsSayWhenTheLedgerIsDown(t *testing.T) {
	t.Parallel()
	s := newShelf()
	s.down = errors.New("disk gone")
	store := &access.Sessions{Ledger: s}
	_, _, found := store.Find("tok")
	for _, err := range []error{found, store.Commit("tok", nil, s.now), store.Delete("tok")} {
		if !errors.Is(err, s.down) {
			t.Errorf("got %v", err)
		}
	}
}

// opening is the context of derya's sign-in.
func opening(t *testing.T) context.Context {
	return access.Opening(t.Context(), access.Visitor{Account: "derya", Agent: "Firefox", Address: "192.0.2.1"})
}

// A session that was ended while its page was still being drawn stays ended, and
// one that was never opened is not made by prolonging it.
func TestProlongingOpensNothing(t *testing.T) {
	t.Parallel()
	s := newShelf()
	store := &access.Sessions{Ledger: s}
	must(t, store.CommitCtx(opening(t), "tok", []byte("a"), s.now.Add(time.Hour)))
	must(t, store.EndOne(t.Context(), "derya", access.Ref(access.Digest("tok"))))
	must(t, store.Commit("tok", []byte("a"), s.now.Add(2*time.Hour)))
	must(t, store.Commit("other", []byte("a"), s.now.Add(2*time.Hour)))
	if len(s.sessions) != 0 {
		t.Errorf("there are %d sessions", len(s.sessions))
	}
}

func TestSessionsAreEndedByTheirOwnerAlone(t *testing.T) {
	t.Parallel()
	s := newShelf()
	store := &access.Sessions{Ledger: s}
	for _, token := range []string{"a", "b", "c"} {
		must(t, store.CommitCtx(opening(t), token, nil, s.now.Add(time.Hour)))
	}
	murat := access.Opening(t.Context(), access.Visitor{Account: "murat"})
	must(t, store.CommitCtx(murat, "d", nil, s.now.Add(time.Hour)))
	if err := store.EndOne(t.Context(), "murat", access.Ref(access.Digest("a"))); !errors.Is(err, ledger.ErrNotFound) {
		t.Errorf("somebody else's session was ended: %v", err)
	}
	if n, err := store.EndOthers(t.Context(), "derya", "b"); n != 2 || err != nil {
		t.Errorf("%d others ended, %v; want 2", n, err)
	}
	for token, want := range map[string]bool{"a": false, "b": true, "c": false, "d": true} {
		if _, there, _ := store.Find(token); there != want {
			t.Errorf("session %s is there: %v", token, there)
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
