package store

import (
	"context"
	"errors"
	"testing"
)

// Two changes share a commit; the one that is refused after it wrote something
// leaves nothing behind, the other all.
func TestRefusedChangeIsUndone(t *testing.T) {
	t.Parallel()
	s, _ := fresh(t)
	refusal := errors.New("refused")
	touch := func(guid string, end error) *write {
		return &write{done: make(chan error, 1), do: func(tx *session) error {
			_, err := s.touch(tx, guid)
			return errors.Join(err, end)
		}}
	}
	batch := []*write{touch(guid(1), nil), touch(guid(2), refusal), touch(guid(3), nil)}
	s.writer.commit(batch)
	for i, op := range batch {
		err := <-op.done
		if (i == 1) != errors.Is(err, refusal) || i != 1 && err != nil {
			t.Errorf("change %d: %v", i+1, err)
		}
		var n int
		if err := s.db.db.QueryRow("select count(*) from reports where guid = ?", guid(i+1)).Scan(&n); err != nil || (n == 1) != (i != 1) {
			t.Errorf("change %d left %d rows, %v", i+1, n, err)
		}
	}
}

// Without a transaction nobody's change is done, and everybody is told.
func TestFailedCommitIsEverybodys(t *testing.T) {
	t.Parallel()
	s, _ := fresh(t)
	broken := func(tx *session) error { _, err := tx.Exec("rollback"); return err } // the ground goes away under it
	batch := []*write{{do: broken, done: make(chan error, 1)}, {do: func(*session) error { return nil }, done: make(chan error, 1)}}
	s.writer.commit(batch)
	for i, op := range batch {
		if err := <-op.done; err == nil {
			t.Errorf("change %d is called done", i+1)
		}
	}
	if _, err := s.Submit(context.Background(), submission(guid(1), 1, "a"), 0); err != nil {
		t.Errorf("the next change: %v", err)
	}
}
