package store

import (
	"context"
	"database/sql"
	"fmt"
)

// maxBatch bounds how many writes share a commit, and so how long the first of
// them waits for the others.
const maxBatch = 128

// writer does all writes in one goroutine: those that wait while a commit syncs
// share the next one. Each runs under a savepoint of its own, so one that is
// refused leaves its neighbours alone.
type writer struct {
	s       *session
	pending chan *write
	stop    chan struct{}
	stopped chan struct{}
}

// write is one change, and where its end is told.
type write struct {
	do   func(*session) error
	done chan error
}

func newWriter(db *sql.DB) *writer {
	w := &writer{
		s:       &session{db: db},
		pending: make(chan *write), // unbuffered: what is taken is answered
		stop:    make(chan struct{}),
		stopped: make(chan struct{}),
	}
	go w.run()
	return w
}

// write returns when the change is durable, or refused. ctx counts only until
// the change is taken: after that its end is worth waiting for.
func (w *writer) write(ctx context.Context, do func(*session) error) error {
	op := &write{do: do, done: make(chan error, 1)}
	select {
	case w.pending <- op:
		return <-op.done
	case <-ctx.Done():
		return ctx.Err()
	case <-w.stop:
		return ErrClosed
	}
}

// close must be called once.
func (w *writer) close() error {
	close(w.stop)
	<-w.stopped
	w.s.drop()
	return w.s.db.Close()
}

func (w *writer) run() {
	defer close(w.stopped)
	for {
		select {
		case first := <-w.pending:
			w.commit(w.gather(first))
		case <-w.stop:
			return
		}
	}
}

// gather takes whoever else waits this moment.
func (w *writer) gather(first *write) []*write {
	batch := []*write{first}
	for len(batch) < maxBatch {
		select {
		case op := <-w.pending:
			batch = append(batch, op)
		default:
			return batch
		}
	}
	return batch
}

// commit does a batch and tells each its own end: its refusal, or that of the
// whole transaction.
func (w *writer) commit(batch []*write) {
	refusals := make([]error, len(batch))
	err := w.transact(batch, refusals)
	for i, op := range batch {
		if refusals[i] == nil {
			refusals[i] = err
		}
		op.done <- refusals[i]
	}
}

func (w *writer) transact(batch []*write, refusals []error) error {
	if _, err := w.s.Exec("begin immediate"); err != nil {
		w.s.drop()
		return fmt.Errorf("begin: %w", err)
	}
	for i, op := range batch {
		var err error
		if refusals[i], err = savepoint(w.s, op.do); err != nil {
			w.s.drop() // with all that was begun
			return err
		}
	}
	if _, err := w.s.Exec("commit"); err != nil {
		w.s.drop()
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

// savepoint undoes what do did if it refuses. The second error means that the
// transaction itself is lost.
func savepoint(tx *session, do func(*session) error) (refusal, err error) {
	if _, err := tx.Exec("savepoint change"); err != nil {
		return nil, fmt.Errorf("savepoint: %w", err)
	}
	if refusal = do(tx); refusal != nil {
		if _, err := tx.Exec("rollback to change"); err != nil {
			return refusal, fmt.Errorf("roll back after %w: %w", refusal, err)
		}
	}
	if _, err := tx.Exec("release change"); err != nil {
		return refusal, fmt.Errorf("release savepoint: %w", err)
	}
	return refusal, nil
}
