package task_test

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"peyk/internal/backoffice/event"
	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/ledger/mem"
	"peyk/internal/backoffice/task"
	"peyk/internal/report"
	"peyk/internal/telemetry/logtest"
)

// bench is a runner of one kind on a fresh ledger, in fake time.
type bench struct {
	t      *testing.T
	ledger *mem.Ledger
	runner *task.Runner
	log    *logtest.Log
	mu     sync.Mutex
	events []event.Event
	failed error // of Publish
}

func (b *bench) Publish(_ context.Context, e event.Event) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.events = append(b.events, e)
	return b.failed
}

const guid = "01a2082b-96d0-7c3e-9a41-5d0be27f8c16"

var key = ledger.Key{GUID: guid, Kind: ledger.Track}

// newBench starts a runner whose only kind is TRACK, done by do.
func newBench(t *testing.T, do func(context.Context, task.Leased) task.Result) *bench {
	b := &bench{t: t, ledger: mem.New(time.Now), log: logtest.New(t, "gateway")}
	b.update(func(tx ledger.Tx) error {
		r, m, err := report.New(guid, report.Asked{Type: "t.v1", Owner: "derya", Approval: report.NoApproval, Parameters: []byte("{}")}, time.Minute, tx.Now())
		if err != nil {
			return err
		}
		return ledger.Move(tx, r, m)
	})
	b.runner = task.New(task.Config{
		Role: report.Gateway, Worker: "test", Store: b.ledger, Publish: b, Log: b.log.Logger,
		Jitter: func(n int64) int64 { return n / 2 },
	}, task.Work{Kind: ledger.Track, Slots: 2, Do: do, Least: time.Second, Most: time.Minute})
	return b
}

func (b *bench) update(fn func(ledger.Tx) error) {
	b.t.Helper()
	if err := b.ledger.Update(b.t.Context(), fn); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) owe() {
	b.t.Helper()
	b.update(func(tx ledger.Tx) error { return tx.Owe(ledger.Task{Key: key, Generation: 1, DueAt: tx.Now()}) })
}

func (b *bench) task() (found ledger.Task) {
	b.t.Helper()
	err := b.ledger.View(b.t.Context(), func(v ledger.View) (err error) {
		found, err = v.Task(key)
		return err
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return found
}

func (b *bench) stop() {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := b.runner.Stop(ctx); err != nil {
		b.t.Fatal(err)
	}
}

func TestTakenWorkIsSettledWithItsResult(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, func(context.Context, task.Leased) task.Result {
			return task.Done(func(tx ledger.Tx, fx *task.Effects) error {
				r, err := tx.Request(guid)
				fx.Publish(event.ReportReady, r)
				return err
			})
		})
		b.owe()
		if err := b.runner.Take(t.Context(), key, task.Cause{Sequence: 7}); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if got := b.task(); !got.Done {
			t.Errorf("the task is open: %+v", got)
		}
		if len(b.events) != 1 || b.events[0].Type != event.ReportReady {
			t.Errorf("published %v, want one ReportReady", b.events)
		}
		b.stop()
	})
}

func TestSweepFindsWorkNobodyWoke(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		var ran time.Duration
		b := newBench(t, func(context.Context, task.Leased) task.Result {
			ran = time.Since(began)
			return task.Done(nil)
		})
		b.runner.Start()
		synctest.Wait() // the sweep rests
		b.owe()
		time.Sleep(task.Rest)
		synctest.Wait()
		if !b.task().Done || ran > task.Rest {
			t.Errorf("done %v after %s, want within a rest of %s", b.task().Done, ran, task.Rest)
		}
		b.stop()
	})
}

func TestWokenWhileLeasedIsDueAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		runs, release := 0, make(chan struct{})
		b := newBench(t, func(context.Context, task.Leased) task.Result {
			if runs++; runs == 1 {
				<-release
			}
			return task.Later(time.Hour, nil)
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

func TestErrorsBackOffByTheirClass(t *testing.T) {
	for _, c := range []struct {
		name string
		err  error
		want time.Duration
	}{
		{"unclassified", errors.New("no idea"), time.Second},
		{"transient", &report.Error{Class: report.Transient, Code: "x"}, time.Second},
		{"throttled", &report.Error{Class: report.Throttled, Code: "x", RetryAfter: 42 * time.Second}, 42 * time.Second},
		{"a Retry-After of ten years", &report.Error{Class: report.Throttled, Code: "x", RetryAfter: 10 * 365 * 24 * time.Hour}, task.LongestWait},
		{"permanent", &report.Error{Class: report.Permanent, Code: "x"}, time.Minute},
		{"lying", &report.Error{Class: report.Lying, Code: "x"}, time.Minute},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t, func(context.Context, task.Leased) task.Result { return task.Retry(c.err) })
				b.owe()
				if err := b.runner.Take(t.Context(), key, task.Cause{}); err != nil {
					t.Fatal(err)
				}
				synctest.Wait()
				got := b.task()
				if wait := time.Until(got.DueAt); wait != c.want || got.LastError == "" {
					t.Errorf("due in %s with error %q, want in %s with one", wait, got.LastError, c.want)
				}
				b.stop()
			})
		})
	}
}

func TestBackOffGrowsToItsLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var starts []time.Time
		b := newBench(t, func(context.Context, task.Leased) task.Result {
			starts = append(starts, time.Now())
			return task.Retry(errors.New("down"))
		})
		b.owe()
		b.runner.Start()
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		b.stop()
		for i := 1; i < len(starts); i++ {
			if gap := starts[i].Sub(starts[i-1]); gap < time.Second || gap > time.Minute {
				t.Errorf("pause %d is %s, want between a second and a minute", i, gap)
			}
		}
		if len(starts) < 15 {
			t.Errorf("%d tries in ten minutes, want at least 15", len(starts))
		}
	})
}

func TestPanicIsCountedAndParked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var runs atomic.Int64
		b := newBench(t, func(context.Context, task.Leased) task.Result { runs.Add(1); panic("poison") })
		b.owe()
		b.runner.Start()
		time.Sleep(3*time.Minute + 30*time.Second)
		synctest.Wait()
		if got := b.task(); runs.Load() != ledger.ParkAfter || got.ParkedAt.IsZero() {
			t.Errorf("%d runs, parked at %s, want %d and parked", runs.Load(), got.ParkedAt, ledger.ParkAfter)
		}
		time.Sleep(10 * time.Minute) // tried alone soon, until it is sure that it dies alone
		synctest.Wait()
		before := runs.Load()
		time.Sleep(ledger.ParkedRest(b.task().Unclean))
		synctest.Wait()
		if runs.Load() != before+1 {
			t.Errorf("%d runs in the hour after %d, want one more", runs.Load()-before, before)
		}
		b.stop()
	})
}

func TestLongWorkKeepsItsLease(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, func(ctx context.Context, _ task.Leased) task.Result {
			select {
			case <-time.After(10 * task.LeaseTime):
				return task.Done(nil)
			case <-ctx.Done():
				return task.Retry(ctx.Err())
			}
		})
		b.owe()
		b.runner.Start()
		time.Sleep(10*task.LeaseTime + time.Second)
		synctest.Wait()
		if got := b.task(); !got.Done || got.Fence != 1 {
			t.Errorf("done %v under fence %d, want done under the first", got.Done, got.Fence)
		}
		b.stop()
	})
}

func TestLostLeaseCancelsAndCommitsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var cause error
		b := newBench(t, func(ctx context.Context, _ task.Leased) task.Result {
			<-ctx.Done()
			cause = context.Cause(ctx)
			return task.Done(func(ledger.Tx, *task.Effects) error {
				t.Error("a result was committed without a lease")
				return nil
			})
		})
		b.owe()
		if err := b.runner.Take(t.Context(), key, task.Cause{}); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		b.update(func(tx ledger.Tx) error { return tx.Close(guid, ledger.Track) })
		time.Sleep(task.LeaseTime)
		synctest.Wait()
		if !errors.Is(cause, ledger.ErrLost) {
			t.Errorf("cancelled by %v, want %v", cause, ledger.ErrLost)
		}
		b.stop()
	})
}

func TestStaleResultIsLookedAtAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		runs := 0
		b := newBench(t, func(context.Context, task.Leased) task.Result {
			if runs++; runs > 1 {
				return task.Done(nil)
			}
			return task.Done(func(tx ledger.Tx, _ *task.Effects) error {
				r, err := tx.Request(guid)
				if err != nil {
					return err
				}
				return tx.Save(r, r.Version-1)
			})
		})
		b.owe()
		b.runner.Start()
		time.Sleep(3 * time.Second)
		synctest.Wait()
		if runs != 2 || !b.task().Done {
			t.Errorf("%d runs, done %v, want a second that ends it", runs, b.task().Done)
		}
		b.stop()
	})
}

func TestFullLaneLeavesTheTaskToTheSweep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		b := newBench(t, func(_ context.Context, l task.Leased) task.Result {
			if l.Subject != "" {
				<-release
			}
			return task.Done(nil)
		})
		b.runner.Start()
		synctest.Wait()
		for _, s := range []string{"a", "b"} {
			k := ledger.Key{GUID: guid, Kind: ledger.Track, Subject: s}
			b.update(func(tx ledger.Tx) error { return tx.Owe(ledger.Task{Key: k, DueAt: tx.Now()}) })
			if err := b.runner.Take(t.Context(), k, task.Cause{}); err != nil {
				t.Fatal(err)
			}
		}
		b.owe()
		if err := b.runner.Take(t.Context(), key, task.Cause{}); err != nil {
			t.Fatal(err) // returns at once: the message can be acknowledged
		}
		synctest.Wait()
		if b.task().Done {
			t.Fatal("it ran although both slots were taken")
		}
		before := time.Now()
		close(release)
		synctest.Wait()
		if !b.task().Done || time.Since(before) != 0 {
			t.Errorf("done %v after %s, want as soon as a slot was free", b.task().Done, time.Since(before))
		}
		b.stop()
	})
}

func TestStopHandsBackWhatDoesNotFinish(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, func(ctx context.Context, _ task.Leased) task.Result {
			<-ctx.Done()
			return task.Retry(ctx.Err())
		})
		b.owe()
		if err := b.runner.Take(t.Context(), key, task.Cause{}); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := b.runner.Stop(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("stop says %v, want that it was cut short", err)
		}
		got := b.task()
		if got.Done || !got.LeasedTill.IsZero() || time.Until(got.DueAt) > time.Second {
			t.Errorf("after the stop: %+v, want open, not leased, due soon", got)
		}
		time.Sleep(time.Until(got.DueAt))
		if err := b.runner.Take(t.Context(), key, task.Cause{}); err == nil {
			t.Error("a stopped runner took work")
		}
		if fence := b.task().Fence; fence != got.Fence {
			t.Errorf("a stopped runner leased again: fence %d", fence)
		}
	})
}

func TestFailedPublishFailsNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, func(context.Context, task.Leased) task.Result {
			return task.Done(func(_ ledger.Tx, fx *task.Effects) error {
				fx.Events = append(fx.Events, event.Event{Type: event.ReportReady, GUID: guid})
				return nil
			})
		})
		b.failed = errors.New("the queue is gone")
		b.owe()
		if err := b.runner.Take(t.Context(), key, task.Cause{}); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if !b.task().Done {
			t.Error("a failed publish kept the task open")
		}
		b.stop()
	})
}

// stopping is a store during whose first commit the runner is stopped.
type stopping struct {
	task.Store
	once sync.Once
	stop func()
}

func (s *stopping) Update(ctx context.Context, fn func(ledger.Tx) error) error {
	err := s.Store.Update(ctx, fn)
	s.once.Do(s.stop)
	return err
}

func TestAStopHandsBackWhatWasLeasedAndNotBegun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, nil)
		b.owe()
		store := &stopping{Store: b.ledger}
		r := task.New(task.Config{
			Role: report.Gateway, Worker: "test", Store: store, Publish: b, Log: slog.New(slog.DiscardHandler),
		}, task.Work{Kind: ledger.Track, Slots: 2, Do: func(context.Context, task.Leased) task.Result {
			t.Error("it was begun")
			return task.Done(nil)
		}})
		store.stop = func() {
			if err := r.Stop(t.Context()); err != nil {
				t.Error(err)
			}
		}
		if err := r.Take(t.Context(), key, task.Cause{}); err != nil {
			t.Fatal(err)
		}
		if got := b.task(); !got.LeasedTill.IsZero() || got.DueAt.After(time.Now()) || got.Unclean != 0 {
			t.Errorf("it stands leased until %s, due %s, unclean %d", got.LeasedTill, got.DueAt, got.Unclean)
		}
	})
}
