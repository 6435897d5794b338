package store

import (
	"testing"
	"time"

	"peyk/internal/protocol"
)

// TestReviewWaitsItsTime puts a job aside: it is in nobody's way, survives a
// crash, and is claimed again when it is due, not before.
func TestReviewWaitsItsTime(t *testing.T) {
	t.Parallel()
	dir, c := t.TempDir(), newClock()
	s := openStore(t, dir, c)
	job := submitted(t, s, guid(1), 1)
	due := c.Now().Add(time.Minute)
	if err := s.Review(t.Context(), job, due); err != nil {
		t.Fatal(err)
	}
	if o := operationOf(t, s, guid(1)); o.State != protocol.PendingReview {
		t.Errorf("put aside, the operation is %s", o.State)
	}
	other := submitted(t, s, guid(2), 1)
	publish(t, s, other, "x")
	crash(t, s)
	s = openStore(t, dir, c)
	defer s.Close()
	if next, err := s.NextReview(t.Context()); err != nil || !next.Equal(due) {
		t.Errorf("after the crash the next review is at %s, %v; want %s", next, err, due)
	}
	noneFound(t, s)
	c.forward(time.Minute)
	again := claim(t, s)
	if again.ReportID != guid(1) || again.Reviews != 1 || again.Attempt != 2 {
		t.Fatalf("claimed %+v when the review was due", again)
	}
	if o := operationOf(t, s, guid(1)); o.State != protocol.PendingReview {
		t.Errorf("audited again, the operation is %s", o.State)
	}
	if err := s.Reviewed(t.Context(), again); err != nil {
		t.Fatal(err)
	}
	if o := operationOf(t, s, guid(1)); o.State != protocol.Preparing {
		t.Errorf("its audit passed, the operation is %s", o.State)
	}
}

// TestReviewsAndTheLineTakeTurns has many whose review is due and many queued:
// each second claim is of the other sort.
func TestReviewsAndTheLineTakeTurns(t *testing.T) {
	t.Parallel()
	s, c := fresh(t)
	const each = 6
	for n := range each {
		if err := s.Review(t.Context(), submitted(t, s, guid(n), 1), c.Now().Add(time.Second)); err != nil {
			t.Fatal(err)
		}
	}
	for n := range each {
		if _, err := s.Submit(t.Context(), submission(guid(each+n), 1, "a"), 1); err != nil {
			t.Fatal(err)
		}
	}
	c.forward(time.Second)
	reviews := 0
	for n := range 2 * each {
		reviews += claim(t, s).Reviews
		if d := 2*reviews - (n + 1); d < -1 || d > 1 {
			t.Errorf("of %d claims %d were of a review", n+1, reviews)
		}
	}
}

// TestDeathsUnderAnAuditCount: an audit that kills the process is a poison too,
// also one that had been put aside.
func TestDeathsUnderAnAuditCount(t *testing.T) {
	t.Parallel()
	dir, c := t.TempDir(), newClock()
	s := openStore(t, dir, c)
	if err := s.Review(t.Context(), submitted(t, s, guid(1), 1), c.Now()); err != nil {
		t.Fatal(err)
	}
	for range maxUnclean {
		claim(t, s)
		crash(t, s)
		s = openStore(t, dir, c)
	}
	defer s.Close()
	if o := operationOf(t, s, guid(1)); o.State != protocol.Failed || o.Error == nil || o.Error.Code != "poison" {
		t.Errorf("after %d deaths the operation is %+v", maxUnclean, o)
	}
}
