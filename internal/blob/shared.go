package blob

import "sync"

// sharedSyncs lets those who want the same directory synced at the same time
// share a sync: one that begins after all of them asked serves them all.
type sharedSyncs struct {
	mu   sync.Mutex
	dirs map[string]*syncing
}

// syncing is what goes on at one directory.
type syncing struct {
	turn  chan struct{} // holds a token while a sync is under way
	next  *round        // the one that has not begun; nil: nobody waits
	users int
}

// round is one sync.
type round struct {
	done chan struct{}
	err  error
}

func newSharedSyncs() *sharedSyncs { return &sharedSyncs{dirs: map[string]*syncing{}} }

// do returns when a sync that began after its call has ended.
func (s *sharedSyncs) do(dir string, sync func() error) error {
	s.mu.Lock()
	at, ok := s.dirs[dir]
	if !ok {
		at = &syncing{turn: make(chan struct{}, 1)}
		s.dirs[dir] = at
	}
	at.users++
	r, leads := at.next, at.next == nil
	if leads {
		r = &round{done: make(chan struct{})}
		at.next = r
	}
	s.mu.Unlock()
	if leads {
		at.turn <- struct{}{}
		s.mu.Lock()
		at.next = nil // who comes now may have written after this sync begins
		s.mu.Unlock()
		r.err = sync()
		<-at.turn
		close(r.done)
	}
	<-r.done
	s.mu.Lock()
	defer s.mu.Unlock()
	if at.users--; at.users == 0 {
		delete(s.dirs, dir)
	}
	return r.err
}
