package task_test

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/ledger/mem"
	"peyk/internal/backoffice/task"
	"peyk/internal/report"
)

// counted counts the commits of a ledger.
type counted struct {
	*mem.Ledger
	commits atomic.Int64
}

func (c *counted) Update(ctx context.Context, fn func(ledger.Tx) error) error {
	c.commits.Add(1)
	return c.Ledger.Update(ctx, fn)
}

// withWorks replaces the bench's runner by one of several kinds.
func (b *bench) withWorks(works ...task.Work) *counted {
	c := &counted{Ledger: b.ledger}
	b.runner = task.New(task.Config{
		Role: report.Gateway, Worker: "test", Store: c, Publish: b, Log: slog.New(slog.DiscardHandler),
		Jitter: func(n int64) int64 { return n / 2 },
	}, works...)
	return c
}

func (b *bench) oweKey(k ledger.Key) {
	b.t.Helper()
	b.update(func(tx ledger.Tx) error { return tx.Owe(ledger.Task{Key: k, Generation: 1, DueAt: tx.Now()}) })
}

func TestWokenWhileItsLastTryEndsIsDueAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		runs, release := 0, make(chan struct{})
		b := newBench(t, func(context.Context, task.Leased) task.Result {
			if runs++; runs == 1 {
				<-release
			}
			return task.Done(nil)
		})
		b.runner.Start()
		b.owe()
		if err := b.runner.Take(t.Context(), key, task.Cause{}); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		b.update(func(tx ledger.Tx) error { return tx.Wake(guid, ledger.Track) })
		before := time.Now()
		close(release)
		synctest.Wait()
		if runs != 2 || time.Since(before) != 0 {
			t.Errorf("%d runs after %s, want the second at once", runs, time.Since(before))
		}
		b.stop()
	})
}

func TestWhatFollowsIsLeasedInTheCommitThatOwesIt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		next := ledger.Key{GUID: guid, Kind: ledger.Fetch, Subject: "a.pdf"}
		fetched := false
		b := newBench(t, nil)
		c := b.withWorks(task.Work{Kind: ledger.Track, Slots: 1, Do: func(context.Context, task.Leased) task.Result {
			return task.Done(func(tx ledger.Tx, fx *task.Effects) error {
				fx.Next = append(fx.Next, next)
				return tx.Owe(ledger.Task{Key: next, DueAt: tx.Now()})
			})
		}}, task.Work{Kind: ledger.Fetch, Slots: 1, Do: func(context.Context, task.Leased) task.Result {
			fetched = true
			return task.Done(nil)
		}})
		b.owe()
		if err := b.runner.Take(t.Context(), key, task.Cause{}); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if got := c.commits.Load(); !fetched || got != 3 {
			t.Errorf("%d commits, fetched: %v; want lease, result with the next lease, result", got, fetched)
		}
		b.stop()
	})
}

func TestARefusedIntentHoldsUpNobodyElse(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		bad := ledger.Key{GUID: guid, Kind: ledger.Track, Subject: "bad"}
		good := ledger.Key{GUID: guid, Kind: ledger.Track, Subject: "good"}
		ran := map[string]int{}
		b := newBench(t, nil)
		b.withWorks(task.Work{
			Kind: ledger.Track, Slots: 1, Least: time.Second, Most: time.Minute,
			Begin: func(_ ledger.Tx, l ledger.Lease, _ task.Cause) error {
				if l.Key == bad {
					return errors.New("cannot be written")
				}
				return nil
			},
			Do: func(_ context.Context, l task.Leased) task.Result {
				ran[l.Subject]++
				return task.Done(nil)
			},
		})
		b.oweKey(bad)
		b.oweKey(good)
		b.runner.Start()
		time.Sleep(time.Second)
		synctest.Wait()
		if ran["good"] != 1 || ran["bad"] != 0 {
			t.Errorf("ran %v, want the good one only", ran)
		}
		b.stop()
	})
}

func TestAResultThatCameTooLateIsLookedAtAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		runs := 0
		b := newBench(t, func(context.Context, task.Leased) task.Result {
			if runs++; runs > 1 {
				return task.Done(nil)
			}
			return task.Done(func(ledger.Tx, *task.Effects) error { return ledger.ErrConflict })
		})
		b.owe()
		before := time.Now()
		b.runner.Start()
		synctest.Wait()
		if runs != 2 || time.Since(before) != 0 {
			t.Errorf("%d runs after %s, want the second at once", runs, time.Since(before))
		}
		b.stop()
	})
}
