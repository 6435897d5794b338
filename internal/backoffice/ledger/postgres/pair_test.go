package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/ledger/postgres"
)

// pair is one database and two ledgers on it, as two processes have.
type pair struct {
	*testing.T
	url         string
	left, right *postgres.Ledger
}

func newPair(t *testing.T) *pair {
	t.Helper()
	url := database(t)
	return &pair{T: t, url: url, left: open(t, postgres.Config{URL: url, Conns: 12}), right: open(t, postgres.Config{URL: url, Conns: 12})}
}

// after lets first run in a transaction of the one process and, before that is
// committed, second in one of the other: it must wait. Their errors come back.
func (p *pair) after(first, second func(ledger.Tx) error) (firstErr, secondErr error) {
	p.Helper()
	held, free, done := make(chan struct{}), make(chan struct{}), make(chan struct{})
	var both sync.WaitGroup
	both.Go(func() {
		var once sync.Once
		firstErr = p.left.Update(context.Background(), func(tx ledger.Tx) error {
			if err := first(tx); err != nil {
				return err
			}
			once.Do(func() { close(held) })
			<-free
			return nil
		})
		once.Do(func() { close(held) }) // it failed
	})
	<-held
	both.Go(func() {
		defer close(done)
		secondErr = p.right.Update(context.Background(), second)
	})
	p.untilWaiting(1, done)
	close(free)
	both.Wait()
	return firstErr, secondErr
}

// untilWaiting returns once so many transactions wait for a lock, or done is
// closed.
func (p *pair) untilWaiting(n int, done <-chan struct{}) {
	p.Helper()
	conn, err := pgx.Connect(p.Context(), p.url)
	if err != nil {
		p.Error(err)
		return
	}
	defer conn.Close(context.Background())
	for waiting := false; !waiting; {
		select {
		case <-done:
			return
		default:
		}
		const query = "SELECT pg_sleep(0.002), count(*) >= $1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
		if err := conn.QueryRow(p.Context(), query, n).Scan(nil, &waiting); err != nil {
			p.Error(err)
			return
		}
	}
}

func (p *pair) update(fn func(ledger.Tx) error) {
	p.Helper()
	if err := p.left.Update(p.Context(), fn); err != nil {
		p.Fatal(err)
	}
}

func (p *pair) accept(n int) {
	p.Helper()
	if err := accept(p.Context(), p.left, n); err != nil {
		p.Fatal(err)
	}
}

// lease takes the task for the left process.
func (p *pair) lease(k ledger.Key) (got ledger.Lease) {
	p.Helper()
	p.update(func(tx ledger.Tx) error {
		leases, err := tx.Lease(ledger.Wanted{Key: k, Worker: "left", For: time.Minute})
		if err == nil && len(leases) != 1 {
			err = fmt.Errorf("leased %d of %v", len(leases), k)
		}
		if err == nil {
			got = leases[0]
		}
		return err
	})
	return got
}

func view[T any](p *pair, get func(ledger.View) (T, error)) (out T) {
	p.Helper()
	err := p.right.View(p.Context(), func(v ledger.View) (err error) {
		out, err = get(v)
		return err
	})
	if err != nil {
		p.Fatal(err)
	}
	return out
}

func (p *pair) task(k ledger.Key) ledger.Task {
	p.Helper()
	return view(p, func(v ledger.View) (ledger.Task, error) { return v.Task(k) })
}

// crowd runs fn for each of so many members at once, every second one on the
// right ledger.
func (p *pair) crowd(members int, fn func(l ledger.Ledger, member int) error) error {
	errs := make([]error, members)
	var all sync.WaitGroup
	for i := range members {
		l := []ledger.Ledger{p.left, p.right}[i%2]
		all.Go(func() { errs[i] = fn(l, i) })
	}
	all.Wait()
	return errors.Join(errs...)
}
