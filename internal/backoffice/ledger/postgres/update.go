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

// How often a transaction is begun that PostgreSQL gave up for another's sake,
// and the longest pause before it is begun again.
const (
	mostTries = 8
	mostPause = 50 * time.Millisecond
)

// Update runs fn in a transaction. A ctx that ends before fn ran keeps it from
// running; after that the answer is the commit's, so that nobody is left not
// knowing.
func (l *Ledger) Update(ctx context.Context, fn func(ledger.Tx) error) error {
	limit, cancel := context.WithTimeout(context.WithoutCancel(ctx), answerTime)
	defer cancel()
	for try := 1; ; try++ {
		err := l.attempt(ctx, limit, fn)
		if try == mostTries || !givenUp(err) {
			return err
		}
		pause(limit, time.Duration(rand.Int64N(int64(mostPause))))
	}
}

// givenUp reports whether the transaction was undone for the sake of another: a
// serialization failure or a deadlock.
func givenUp(err error) bool {
	var e *pgconn.PgError
	return errors.As(err, &e) && (e.Code == "40001" || e.Code == "40P01")
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
// is given back.
func (l *Ledger) attempt(ctx, limit context.Context, fn func(ledger.Tx) error) (err error) {
	conn, err := l.acquire(ctx)
	if err != nil {
		return err
	}
	s := begin(limit, conn, l.clock, beginWriting, writingTime)
	defer s.over()
	x := &tx{view: view{ctx: context.Background(), s: s, locks: newLocks()}}
	if err := fn(x); err != nil {
		return errors.Join(err, s.failed)
	}
	return l.commit(x)
}

// commit sends what still waits and the COMMIT together.
func (l *Ledger) commit(x *tx) error {
	s := x.s
	if s.failed != nil {
		return fmt.Errorf("commit to the ledger: %w", s.failed)
	}
	if !s.sent && len(s.reads) == 2 {
		return nil // BEGIN and the time: nothing was done
	}
	if s.xid == "" {
		if err := s.send(); err != nil { // its number must be known before it can be asked after
			return fmt.Errorf("write to the ledger: %w", err)
		}
	}
	x.numberNotices()
	s.queue("COMMIT")
	err := s.send()
	s.sent = err != nil // else there is nothing left to undo
	switch {
	case err == nil:
		return nil
	case refused(err):
		return fmt.Errorf("commit to the ledger: %w", err)
	}
	return l.fate(s.ctx, s.xid, err)
}

// refused reports whether the database itself said no: then nothing was kept. A
// server that is going down may have committed before it said so.
func refused(err error) bool {
	var e *pgconn.PgError
	return errors.As(err, &e) && e.SeverityUnlocalized == "ERROR"
}

// acquire lends a connection.
func (l *Ledger) acquire(ctx context.Context) (*pgxpool.Conn, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if l.closed.Load() {
		return nil, ErrClosed
	}
	conn, err := l.pool.Acquire(ctx)
	if err != nil && l.closed.Load() {
		return nil, ErrClosed
	}
	if err != nil {
		return nil, fmt.Errorf("reach the ledger: %w", err)
	}
	return conn, nil
}
