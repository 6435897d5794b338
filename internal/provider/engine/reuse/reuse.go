// Package reuse lets requests for the same rows share one gathering: those that
// come while it runs wait for it, those that come soon after take what it
// found.
//
// Promise: rows are shared only under the same key and only while they are
// fresh, counted from the moment the gathering began. A gathering goes on as
// long as anybody waits for it and is stopped when nobody does; one that failed
// is not kept. What is shared is never changed by whom it is given to.
//
// Limits: rows are kept in memory up to a number of values for all keys
// together; the oldest go first. It knows nothing of documents: each request
// has its own.
//
// Failure: the error of the gathering, the same for all who waited; who stops
// waiting has the error of the own context.
package reuse

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"peyk/internal/provider/engine/gather"
	"peyk/internal/report"
)

// Shelf keeps what was gathered. The zero Shelf keeps nothing but lets
// gatherings that run be shared. It is safe for concurrent use.
type Shelf struct {
	Values int // most values kept, cells of rows

	mu      sync.Mutex
	flights map[string]*flight
	kept    []*flight // the oldest first
	values  int
}

// flight is one gathering, running or done.
type flight struct {
	key     string
	began   time.Time
	values  int
	done    chan struct{} // closed when result and err are there
	result  gather.Result
	err     error
	cancel  context.CancelFunc
	waiting map[int]func(done int)
	next    int
	told    int // how many sources are read
}

// Gather is a gathering: it tells how many sources are read.
type Gather func(ctx context.Context, tell func(done int)) (gather.Result, error)

// Do gives the rows under key that began to be gathered at most fresh before
// now, or gathers them. tell is called with the number of sources read, by one
// goroutine at a time.
func (s *Shelf) Do(ctx context.Context, key string, now time.Time, fresh time.Duration, g Gather, tell func(done int)) (gather.Result, error) {
	if fresh <= 0 {
		return g(ctx, tell)
	}
	f, place := s.join(ctx, key, now, fresh, g, tell)
	select {
	case <-f.done:
		s.leave(f, place)
		return f.result, f.err
	case <-ctx.Done():
		s.leave(f, place)
		return gather.Result{}, context.Cause(ctx)
	}
}

// join a flight that is fresh, or begin one.
func (s *Shelf) join(ctx context.Context, key string, now time.Time, fresh time.Duration, g Gather, tell func(int)) (*flight, int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, ok := s.flights[key]
	if !ok || now.Sub(f.began) > fresh {
		f = s.begin(ctx, key, now, g)
	} else if f.told > 0 {
		tell(f.told)
	}
	place := f.next
	f.next++
	f.waiting[place] = tell
	return f, place
}

// begin a flight that outlives the request it begins for.
func (s *Shelf) begin(ctx context.Context, key string, now time.Time, g Gather) *flight {
	own, cancel := context.WithCancel(context.WithoutCancel(ctx))
	f := &flight{key: key, began: now, done: make(chan struct{}), cancel: cancel, waiting: map[int]func(int){}}
	if s.flights == nil {
		s.flights = map[string]*flight{}
	}
	if old := s.flights[key]; old != nil {
		s.drop(old)
	}
	s.flights[key] = f
	go func() {
		defer cancel()
		result, err := guarded(own, g, func(done int) { s.tell(f, done) })
		s.land(f, result, err)
	}()
	return f
}

// guarded makes a panic the error of this gathering alone: it runs where nobody
// above would catch it.
func guarded(ctx context.Context, g Gather, tell func(int)) (result gather.Result, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &report.Error{Class: report.Poison, Code: "internal", Cause: fmt.Errorf("panic: %v\n%s", v, debug.Stack())}
		}
	}()
	return g(ctx, tell)
}

func (s *Shelf) tell(f *flight, done int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f.told = done
	for _, tell := range f.waiting {
		tell(done)
	}
}

// land keeps a good result, if it is not too large, in the place of the oldest.
func (s *Shelf) land(f *flight, result gather.Result, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f.result, f.err = result, err
	close(f.done)
	if s.flights[f.key] != f {
		return
	}
	f.values = size(result)
	if err != nil || f.values > s.Values {
		delete(s.flights, f.key)
		return
	}
	s.kept, s.values = append(s.kept, f), s.values+f.values
	for s.values > s.Values {
		s.drop(s.kept[0])
	}
}

// leave a flight; who leaves one that still runs as the last stops it.
func (s *Shelf) leave(f *flight, place int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(f.waiting, place)
	if len(f.waiting) > 0 {
		return
	}
	select {
	case <-f.done:
	default:
		f.cancel()
		if s.flights[f.key] == f {
			delete(s.flights, f.key)
		}
	}
}

// drop what is kept of f. Who waits for it goes on waiting.
func (s *Shelf) drop(f *flight) {
	if s.flights[f.key] == f {
		delete(s.flights, f.key)
	}
	for i, k := range s.kept {
		if k == f {
			s.kept, s.values = append(s.kept[:i:i], s.kept[i+1:]...), s.values-f.values
			return
		}
	}
}

// size of a result: its values, and one more for each 32 bytes of text.
func size(r gather.Result) (n int) {
	for _, t := range append([]gather.Table{r.Table}, r.Answers...) {
		for _, row := range t.Rows {
			n += max(len(row), len(t.Columns))
			for _, v := range row {
				if s, ok := v.(string); ok {
					n += len(s) / 32
				}
			}
		}
	}
	return n
}
