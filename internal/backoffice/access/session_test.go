package access_test

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"github.com/alexedwards/scs/v2"

	"peyk/internal/backoffice/access"
)

var _ scs.CtxStore = (*access.Sessions)(nil)

func TestSessionIsKeptByDigest(t *testing.T) {
	t.Parallel()
	s := newShelf()
	store := &access.Sessions{Ledger: s}
	end := s.now.Add(time.Hour)
	must(t, store.Commit("the-token", []byte("data"), end))
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
	must(t, store.Commit("tok", []byte("data"), s.now.Add(time.Hour)))
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
	for _, c := range []struct {
		data   string
		end    time.Time
		writes int
	}{
		{"a", end, 1},
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

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
