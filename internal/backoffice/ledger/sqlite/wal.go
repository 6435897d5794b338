package sqlite

import (
	"fmt"
	"time"
)

const (
	walMost  = 64 << 20    // bytes it may grow to before readings are paused to fold it in
	walPause = time.Second // how long that waits for readings under way
)

// wal watches the size of the file. SQLite folds it in as it goes, but begins
// it anew only at a moment when nobody reads from it, and under steady reading
// that moment never comes by itself.
type wal struct {
	path    string
	readers *readers
	engine  Engine
	most    int64
	next    int64 // fold in at this size
	pause   time.Duration
}

func newWAL(path string, r *readers, e Engine) *wal {
	return &wal{path: path + "-wal", readers: r, engine: e, most: walMost, next: walMost, pause: walPause}
}

// bound folds the WAL in and empties it once it is too large. If a reading
// lasts too long for that, it is tried again when as much was added.
func (w *wal) bound(s *session) error {
	size, err := w.engine.Size(w.path)
	if err != nil || size < w.next {
		return err
	}
	w.next = size + w.most
	resume := w.readers.pause(w.pause)
	if resume == nil {
		return nil
	}
	defer resume()
	if _, err := s.exec("PRAGMA wal_checkpoint(TRUNCATE)"); err != nil {
		return fmt.Errorf("fold in %s of %d bytes: %w", w.path, size, err)
	}
	w.next = w.most
	return nil
}
