package postgres

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"peyk/internal/backoffice/ledger"
)

// How often a transaction is begun of which nothing was kept, and the longest
// pause before it is begun again.
const (
	mostTries = 8
	mostPause = 20 * time.Millisecond
)

// Update runs fn in a transaction. A ctx that ends before fn ran keeps it from
// running; after that the answer is the commit's, so that nobody is left not
// knowing.
func (l *Ledger) Update(ctx context.Context, fn func(ledger.Tx) error) error {
	limit, cancel := context.WithTimeout(context.WithoutCancel(ctx), answerTime)
	defer cancel()
	losses := 0
	for try := 1; ; try++ {
		m, err := l.attempt(ctx, limit, fn)
		if m != nil {
			err = l.fate(limit, *m, err)
		}
		var lost *lostError
		if errors.As(err, &lost) {
			losses++
			l.writing.Reset() // the other connections may be as dead
		}
		if err == nil || try == mostTries || losses > mostLosses || lost == nil && !again(err) {
			return err
		}
		pause(limit, time.Duration(rand.Int64N(int64(mostPause))))
	}
}

// lostError says that the connection was lost and with it the transaction: it is
// known that nothing was kept.
type lostError struct{ cause error }

func (e *lostError) Error() string { return e.cause.Error() }
func (e *lostError) Unwrap() error { return e.cause }

// mostLosses is after how many lost connections a transaction is not begun again.
// A server that was started anew leaves the pool with dead connections; but one
// that dies of this very transaction must not be killed over and over.
const mostLosses = 1

// again reports whether PostgreSQL undid the transaction for the sake of another
// and it is worth a second try: a serialization failure, a deadlock, or a row
// that another added since it was found not to be there.
func again(err error) bool {
	var e *pgconn.PgError
	return errors.As(err, &e) && (e.Code == "40001" || e.Code == "40P01" || e.Code == "23505")
}

func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

// attempt runs fn once and commits what it did. However fn ends, the connection
// is given back. With a mark it is not known what became of the commit.
func (l *Ledger) attempt(ctx, limit context.Context, fn func(ledger.Tx) error) (*mark, error) {
	conn, err := l.acquire(ctx, l.writing)
	if err != nil {
		return nil, err
	}
	s := begin(limit, conn, l.clock, beginWriting)
	defer s.over()
	x := &tx{view: view{ctx: context.Background(), s: s, clock: l.clock, locks: newLocks()}}
	x.locks.timed = l.clock != nil
	var m *mark
	if err = fn(x); err == nil {
		m, err = commit(x)
	}
	switch {
	case s.failed == nil || m != nil:
	case s.broken() && limit.Err() == nil:
		err = &lostError{err}
	case !errors.Is(err, s.failed): // fn kept it to itself, and it decides whether fn is run again
		err = errors.Join(err, s.failed)
	}
	return m, err
}

// commit sends what still waits and the COMMIT together. Where there is nothing
// to keep it leaves the locks to be given up, which needs no sync; a fn that did
// nothing at all proves that the ledger can be written.
func commit(x *tx) (*mark, error) {
	s := x.s
	x.writeTasks()
	x.writeNotices()
	if s.failed != nil {
		return nil, fmt.Errorf("write to the ledger: %w", s.failed)
	}
	if !s.wrote && (s.sent || len(s.reads) > 1) {
		return nil, nil
	}
	m := newMark(s.conn)
	s.write(putMark, m.slot, m.value)
	before := len(s.reads)
	s.queue(nil, "COMMIT")
	err := s.send()
	s.sent = err != nil // else there is nothing left to undo
	switch {
	case err == nil:
		return nil, nil
	case refused(err, s.heard < before):
		return nil, fmt.Errorf("commit to the ledger: %w", err)
	}
	_ = s.conn.Conn().Close(s.ctx) // whoever asks for its fate takes its slot the right to commit
	return m, err
}

// refused reports whether the database itself said no: then nothing was kept. It
// answers in order, so whatever it says before the COMMIT's turn is a no; in its
// place a server that is going down may speak after it has committed.
func refused(err error, early bool) bool {
	var e *pgconn.PgError
	return errors.As(err, &e) && (early || e.SeverityUnlocalized == "ERROR")
}

// acquire lends a connection.
func (l *Ledger) acquire(ctx context.Context, from *pgxpool.Pool) (*pgxpool.Conn, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if l.closed.Load() {
		return nil, ErrClosed
	}
	conn, err := from.Acquire(ctx)
	if err != nil && l.closed.Load() {
		return nil, ErrClosed
	}
	if err != nil {
		return nil, fmt.Errorf("reach the ledger: %w", err)
	}
	return conn, nil
}
