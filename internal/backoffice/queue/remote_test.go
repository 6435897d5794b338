package queue

import (
	"errors"
	"log/slog"
	"testing"
	"time"

	"peyk/internal/backoffice/queue/server"
	"peyk/internal/backoffice/queue/server/servertest"
)

// A connection that was lost and found is kept, for what was fetched by it, but
// only once: one on which a session failed is given up.
func TestLostAndFound(t *testing.T) {
	t.Parallel()
	at := External{URLs: []string{servertest.Alone(t, server.Config{}).URL()}}
	r := newRemote(Config{External: &at, Log: slog.New(slog.DiscardHandler)}, func() {})
	t.Cleanup(r.shutdown)
	first, err := r.connect()
	if err != nil || r.intact() != nil {
		t.Fatal(err, r.intact())
	}
	if err := first.ForceReconnect(); err != nil {
		t.Fatal(err)
	}
	for limit := time.Now().Add(servertest.Patience); !first.IsConnected() || first.Stats().Reconnects == 0; {
		if time.Now().After(limit) {
			t.Fatal("not found again")
		}
	}
	if err := r.intact(); !errors.Is(err, errOtherWay) {
		t.Errorf("after it was lost and found: %v", err)
	}
	for _, kept := range []bool{true, false} {
		if err := r.renew(); err != nil {
			t.Fatal(err)
		}
		conn, err := r.connect()
		if err != nil || r.intact() != nil {
			t.Fatal(err, r.intact())
		}
		if (conn == first) != kept {
			t.Errorf("the connection is kept: %v, want %v", conn == first, kept)
		}
	}
}
