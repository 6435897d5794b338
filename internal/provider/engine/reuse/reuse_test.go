package reuse_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"peyk/internal/provider/engine/gather"
	"peyk/internal/provider/engine/reuse"
	"peyk/internal/report"
)

// counted is a gathering of n rows that says how often it ran.
func counted(runs *atomic.Int64, n int) reuse.Gather {
	return func(_ context.Context, tell func(int)) (gather.Result, error) {
		runs.Add(1)
		tell(1)
		return gather.Result{Table: gather.Table{Columns: []string{"n"}, Rows: make([][]any, n)}}, nil
	}
}

func quiet(int) {}

func TestFreshRowsAreSharedAndOldOnesAreNot(t *testing.T) {
	t.Parallel()
	s, now, runs := &reuse.Shelf{Values: 100}, time.Now(), new(atomic.Int64)
	ask := func(key string, at time.Time, fresh time.Duration) {
		t.Helper()
		if r, err := s.Do(t.Context(), key, at, fresh, counted(runs, 3), quiet); err != nil || len(r.Table.Rows) != 3 {
			t.Fatalf("%d rows, %v", len(r.Table.Rows), err)
		}
	}
	for _, step := range []struct {
		key   string
		after time.Duration
		fresh time.Duration
		runs  int64
	}{
		{"a", 0, time.Minute, 1},
		{"a", time.Minute, time.Minute, 1}, // as old as may be
		{"b", time.Minute, time.Minute, 2}, // other rows
		{"a", time.Minute, 0, 3},           // never shared
		{"a", time.Minute + 1, time.Minute, 4},
		{"a", time.Minute + 2, time.Minute, 4}, // the newer ones
	} {
		ask(step.key, now.Add(step.after), step.fresh)
		if runs.Load() != step.runs {
			t.Fatalf("after %+v: gathered %d times", step, runs.Load())
		}
	}
}

func TestTheOldestGoesFirstAndTheTooLargeIsNotKept(t *testing.T) {
	t.Parallel()
	s, now, runs := &reuse.Shelf{Values: 10}, time.Now(), new(atomic.Int64)
	ask := func(key string, rows int) int64 {
		before := runs.Load()
		if _, err := s.Do(t.Context(), key, now, time.Hour, counted(runs, rows), quiet); err != nil {
			t.Fatal(err)
		}
		return runs.Load() - before
	}
	for i, step := range []struct {
		key     string
		rows    int
		gathers int64
	}{{"a", 4, 1}, {"b", 4, 1}, {"a", 4, 0}, {"c", 4, 1}, {"b", 4, 0}, {"a", 4, 1}, {"big", 11, 1}, {"big", 11, 1}, {"c", 4, 0}} {
		if got := ask(step.key, step.rows); got != step.gathers {
			t.Fatalf("step %d, %s: gathered %d times, want %d", i, step.key, got, step.gathers)
		}
	}
}

// TestManyWaitForOne has all ask while the one gathering runs; some go away.
func TestManyWaitForOne(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, runs, release := &reuse.Shelf{Values: 100}, new(atomic.Int64), make(chan struct{})
		g := func(ctx context.Context, tell func(int)) (gather.Result, error) {
			runs.Add(1)
			tell(1)
			select {
			case <-release:
				tell(2)
				return gather.Result{Table: gather.Table{Columns: []string{"n"}, Rows: make([][]any, 2)}}, nil
			case <-ctx.Done():
				return gather.Result{}, ctx.Err()
			}
		}
		first, leave := context.WithCancel(t.Context())
		var gone error
		var all sync.WaitGroup
		all.Go(func() { _, gone = s.Do(first, "k", time.Now(), time.Hour, g, quiet) })
		synctest.Wait()
		told := make([]int, 5)
		for i := range 5 {
			all.Go(func() {
				r, err := s.Do(t.Context(), "k", time.Now(), time.Hour, g, func(done int) { told[i] = done })
				if err != nil || len(r.Table.Rows) != 2 {
					t.Errorf("waiter %d: %d rows, %v", i, len(r.Table.Rows), err)
				}
			})
		}
		synctest.Wait()
		leave() // who began it goes; the others wait on
		synctest.Wait()
		close(release)
		all.Wait()
		if !errors.Is(gone, context.Canceled) || runs.Load() != 1 {
			t.Errorf("who left has %v; gathered %d times", gone, runs.Load())
		}
		for i, done := range told {
			if done != 2 {
				t.Errorf("waiter %d was told of %d sources", i, done)
			}
		}
	})
}

func TestNobodyWaitingStopsIt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, stopped := &reuse.Shelf{Values: 100}, false
		ctx, leave := context.WithCancelCause(t.Context())
		why := errors.New("the report was deleted")
		var all sync.WaitGroup
		all.Go(func() {
			_, err := s.Do(ctx, "k", time.Now(), time.Hour, func(ctx context.Context, _ func(int)) (gather.Result, error) {
				<-ctx.Done()
				stopped = true
				return gather.Result{}, ctx.Err()
			}, quiet)
			if !errors.Is(err, why) {
				t.Errorf("got %v", err)
			}
		})
		synctest.Wait()
		leave(why)
		all.Wait()
		synctest.Wait()
		if !stopped {
			t.Error("the gathering goes on for nobody")
		}
		runs := new(atomic.Int64)
		if _, err := s.Do(t.Context(), "k", time.Now(), time.Hour, counted(runs, 1), quiet); err != nil || runs.Load() != 1 {
			t.Errorf("asked again: gathered %d times, %v", runs.Load(), err)
		}
	})
}

func TestAFailureIsNotKept(t *testing.T) {
	t.Parallel()
	s, failed, runs := &reuse.Shelf{Values: 100}, errors.New("the database is away"), new(atomic.Int64)
	_, err := s.Do(t.Context(), "k", time.Now(), time.Hour, func(context.Context, func(int)) (gather.Result, error) { return gather.Result{}, failed }, quiet)
	if !errors.Is(err, failed) {
		t.Errorf("got %v", err)
	}
	if _, err := s.Do(t.Context(), "k", time.Now(), time.Hour, counted(runs, 1), quiet); err != nil || runs.Load() != 1 {
		t.Errorf("asked again: gathered %d times, %v", runs.Load(), err)
	}
}

func TestAPanicIsOneGatheringsError(t *testing.T) {
	t.Parallel()
	s := &reuse.Shelf{Values: 100}
	_, err := s.Do(t.Context(), "k", time.Now(), time.Hour, func(context.Context, func(int)) (gather.Result, error) { panic("no") }, quiet)
	if report.ClassOf(err) != report.Poison {
		t.Errorf("got %v", err)
	}
}
