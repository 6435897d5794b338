package reader_test

import (
	"errors"
	"testing"
	"time"

	"peyk/internal/backoffice/event"
	"peyk/internal/backoffice/ledger"
	"peyk/internal/protocol"
)

func TestTakenOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for range 3 {
		w.taken(w.post(ready("a", preparing, 1)))
		w.now = w.now.Add(time.Minute) // each attempt is signed anew
	}
	if got := w.kept(preparing, 1); got != (kept{hooks: 1, facts: 1, steps: 1, events: 1}) {
		t.Errorf("three attempts left %+v", got)
	}
	if want := (event.Event{Type: event.ReportReady, GUID: preparing, Generation: 1}); w.events[0] != want {
		t.Errorf("published %+v, want %+v", w.events[0], want)
	}
}

// Whoever sends learns nothing from the answer.
func TestUnknownRequest(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.taken(w.post(ready("a", unknown, 1)))
	if got := w.kept(unknown, 1); got != (kept{hooks: 1}) {
		t.Errorf("left %+v, want the inbox row alone", got)
	}
}

// Only "ready" of the generation that runs is step 7; any other webhook still
// says: look now.
func TestOthersAreNoStep(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.taken(w.post(ready("a", preparing, 2)))
	rejected := ready("b", preparing, 1)
	rejected.Type, rejected.Data.State = protocol.WebhookType(protocol.Rejected), protocol.Rejected
	w.taken(w.post(rejected))
	if got := w.kept(preparing, 1); got != (kept{hooks: 1, facts: 2, steps: 0, events: 2}) {
		t.Errorf("left %+v", got)
	}
}

func TestQueueDown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.queue = errors.New("queue gone")
	w.taken(w.post(ready("a", preparing, 1)))
	w.write(func(tx ledger.Tx) error {
		track, err := tx.Task(ledger.Key{GUID: preparing, Kind: ledger.Track})
		if track.DueAt.After(w.now) {
			t.Errorf("TRACK is due at %s, want now, %s", track.DueAt, w.now)
		}
		return err
	})
}

// A worker that is looking this moment may have looked too early: it looks
// again at once, whatever it settles.
func TestLeasedTrackLooksAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.now = w.now.Add(ledger.FirstPoll)
	track := ledger.Key{GUID: preparing, Kind: ledger.Track}
	var leases []ledger.Lease
	w.write(func(tx ledger.Tx) (err error) {
		leases, err = tx.Lease(ledger.Wanted{Key: track, Worker: "gateway-1", For: time.Minute})
		return err
	})
	if len(leases) != 1 {
		t.Fatalf("%d leases, want TRACK's", len(leases))
	}
	w.taken(w.post(ready("a", preparing, 1)))
	w.write(func(tx ledger.Tx) error {
		before, err := tx.Task(track)
		if err != nil {
			return err
		}
		if before.Wakes != leases[0].Wakes+1 {
			t.Errorf("%d wakes, had %d at the lease", before.Wakes, leases[0].Wakes)
		}
		if err := tx.Settle(leases[0], ledger.Settlement{DueAt: w.now.Add(time.Hour)}); err != nil {
			return err
		}
		due, _, err := tx.NextDue([]ledger.Kind{ledger.Track})
		if due.After(w.now) {
			t.Errorf("after the settle TRACK is due at %s, want now, %s", due, w.now)
		}
		return err
	})
}
