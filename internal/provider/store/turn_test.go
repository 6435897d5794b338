package store

import (
	"testing"
	"testing/synctest"
	"time"

	"peyk/internal/protocol"
)

// Three jobs were at work at each death, and one of them is to blame: the last
// try, alone, tells which.
func TestBystandersOfAPoisonAreNotCondemned(t *testing.T) {
	t.Parallel()
	const poison = 2
	dir, c := t.TempDir(), newClock()
	s := openStore(t, dir, c)
	for n := range 3 {
		c.forward(time.Second)
		submitted(t, s, guid(n), 1)
	}
	for range maxUnclean - 2 {
		crash(t, s)
		s = openStore(t, dir, c)
		for range 3 {
			claim(t, s)
		}
	}
	crash(t, s)
	s = openStore(t, dir, c)
	defer func() { s.Close() }()
	for n := range 3 {
		job := claim(t, s)
		if job.ReportID != guid(n) {
			t.Fatalf("%s has its last try, want %s", job.ReportID, guid(n))
		}
		noneFound(t, s)
		if n != poison {
			publish(t, s, job, "whole")
			continue
		}
		crash(t, s)
		s = openStore(t, dir, c)
	}
	for n := range 3 {
		want := protocol.Ready
		if n == poison {
			want = protocol.Failed
		}
		if o := operationOf(t, s, guid(n)); o.State != want {
			t.Errorf("job %d is %s, want %s", n, o.State, want)
		}
	}
}

// A last try waits for those at work, and what comes after it waits for its end,
// which is told in whatever way it ends.
func TestLastTryIsAlone(t *testing.T) {
	t.Parallel()
	for what, end := range map[string]func(*Store, Job) error{
		"published": func(s *Store, j Job) error { return s.Publish(t.Context(), j, documents("x"), nil) },
		"finished": func(s *Store, j Job) error {
			return s.Finish(t.Context(), j, protocol.Failed, protocol.OperationError{Code: "x"})
		},
		"deleted": func(s *Store, j Job) error { return s.Delete(t.Context(), j.ReportID, j.Generation) },
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			dir, c := t.TempDir(), newClock()
			s := openStore(t, dir, c)
			submitted(t, s, guid(1), 1)
			for range maxUnclean - 2 {
				crash(t, s)
				s = openStore(t, dir, c)
				claim(t, s)
			}
			c.forward(-time.Second) // a younger clock: this one is before it in turn
			submitted(t, s, guid(2), 1)
			crash(t, s)
			s = openStore(t, dir, c)
			defer s.Close()
			other := claim(t, s)
			if other.ReportID != guid(2) {
				t.Fatalf("%s is first in turn, want %s", other.ReportID, guid(2))
			}
			noneFound(t, s)
			tell(t, s, end, other)
			last := claim(t, s)
			submitLater(t, s)
			tell(t, s, end, last)
			claim(t, s)
		})
	}
}

// submitLater queues one more, which has to wait.
func submitLater(t *testing.T, s *Store) {
	t.Helper()
	if _, err := s.Submit(t.Context(), submission(guid(3), 1, "a"), 1); err != nil {
		t.Fatal(err)
	}
	noneFound(t, s)
}

// tell ends a job, of which whoever waited must be told.
func tell(t *testing.T, s *Store, end func(*Store, Job) error, job Job) {
	t.Helper()
	select {
	case <-s.Queued(): // told of something before
	default:
	}
	if err := end(s, job); err != nil {
		t.Fatal(err)
	}
	select {
	case <-s.Queued():
	default:
		t.Errorf("%s ended and nobody who waited was told", job.ReportID)
	}
}

func noneFound(t *testing.T, s *Store) {
	t.Helper()
	if job, found, err := s.Claim(t.Context()); found || err != nil {
		t.Errorf("claimed %s beside a last try, %v", job.ReportID, err)
	}
}

// One that takes long is not left alone for all that time. Others on their last
// try still wait for its end.
func TestTimeAloneIsShort(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newClock()
		dir := t.TempDir()
		s := openStore(t, dir, c)
		submitted(t, s, guid(1), 1)
		c.forward(time.Second)
		submitted(t, s, guid(2), 1)
		for range maxUnclean - 2 {
			crash(t, s)
			s = openStore(t, dir, c)
			claim(t, s)
			claim(t, s)
		}
		crash(t, s)
		s = openStore(t, dir, c)
		defer s.Close()
		<-s.Queued()
		last := claim(t, s)
		noneFound(t, s)
		began := time.Now()
		<-s.Queued() // in fake time
		if waited := time.Since(began); waited != alone {
			t.Errorf("whoever waited was told after %s", waited)
		}
		c.forward(alone)
		noneFound(t, s) // only the other last try is queued
		c.forward(time.Second)
		fresh := submitted(t, s, guid(3), 1)
		noneFound(t, s)
		tell(t, s, func(s *Store, j Job) error { return s.Publish(t.Context(), j, documents("x"), nil) }, last)
		noneFound(t, s) // the fresh one is at work
		publish(t, s, fresh, "x")
		if job := claim(t, s); job.ReportID != guid(2) {
			t.Errorf("claimed %s, want the last try of %s", job.ReportID, guid(2))
		}
	})
}
