package sqlite

import (
	"context"
	"database/sql"
	"time"
)

// readers are the connections that cannot write, lent to one reading each.
type readers struct {
	free   chan *session
	closed chan struct{}
}

func newReaders(db *sql.DB, e Engine, n int) *readers {
	r := &readers{free: make(chan *session, n), closed: make(chan struct{})}
	for range n {
		r.free <- newSession(db, e)
	}
	return r
}

func (r *readers) take(ctx context.Context) (*session, error) {
	select {
	case <-r.closed:
		return nil, ErrClosed
	default:
	}
	select {
	case s := <-r.free:
		return s, nil
	case <-r.closed:
		return nil, ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// handBack ends the reading, however it went. A connection that cannot even do
// that is replaced.
func (r *readers) handBack(s *session) {
	if _, err := s.exec("ROLLBACK"); err != nil {
		s.discard()
	}
	r.free <- s
}

// pause waits until nobody reads, and keeps it so until resume is called. It
// gives up, with nil, after so long: a reading may itself wait for the committer.
func (r *readers) pause(most time.Duration) (resume func()) {
	held := make([]*session, 0, cap(r.free))
	resume = func() {
		for _, s := range held {
			r.free <- s
		}
	}
	limit := time.NewTimer(most)
	defer limit.Stop()
	for range cap(r.free) {
		select {
		case s := <-r.free:
			held = append(held, s)
		case <-limit.C:
			resume()
			return nil
		}
	}
	return resume
}

// close refuses new readings, waits for those under way and closes all.
func (r *readers) close() {
	close(r.closed)
	for range cap(r.free) {
		(<-r.free).discard()
	}
}
