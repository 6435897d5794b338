package sqlite

import "sync"

// queue holds the changes that wait for the committer, in the order they came.
// It needs no bound of its own: each change in it is a caller who waits.
type queue struct {
	mu      sync.Mutex
	filled  sync.Cond
	waiting []*change
	closed  bool
}

func newQueue() *queue {
	q := &queue{}
	q.filled.L = &q.mu
	return q
}

// put adds a change, or answers ErrClosed.
func (q *queue) put(ch *change) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return ErrClosed
	}
	q.waiting = append(q.waiting, ch)
	q.filled.Signal()
	return nil
}

// take waits for changes and takes all that are there, at most so many; nil
// when the queue is closed and empty.
func (q *queue) take(most int) []*change {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.waiting) == 0 {
		if q.closed {
			return nil
		}
		q.filled.Wait()
	}
	n := min(most, len(q.waiting))
	batch := q.waiting[:n:n]
	q.waiting = q.waiting[n:]
	return batch
}

// close refuses new changes; those waiting are still taken.
func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.filled.Broadcast()
}
