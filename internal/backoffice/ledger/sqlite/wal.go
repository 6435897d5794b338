package sqlite

import (
	"fmt"
	"os"
)

// walMost is how large the WAL may grow, in bytes, before it is folded in even
// if that means waiting for readings.
const walMost = 64 << 20

// wal watches the size of the file. SQLite folds it in as it goes, but begins
// it anew only at a moment when nobody reads from it, and under steady reading
// that moment never comes.
type wal struct {
	path string
	most int64
	next int64 // fold in at this size
}

func newWAL(path string) *wal { return &wal{path: path + "-wal", most: walMost, next: walMost} }

// bound folds the WAL in and empties it once it is too large. A reading that
// lasts can hold that up for as long as the busy timeout: then it is tried
// again only when as much was added.
func (w *wal) bound(s *session) error {
	size, err := w.size()
	if err != nil || size < w.next {
		return err
	}
	// Its answer tells nothing more than the size does.
	if _, err := s.exec("PRAGMA wal_checkpoint(TRUNCATE)"); err != nil {
		return fmt.Errorf("fold in %s of %d bytes: %w", w.path, size, err)
	}
	if size, err = w.size(); err != nil {
		return err
	}
	w.next = size + w.most
	return nil
}

func (w *wal) size() (int64, error) {
	info, err := os.Stat(w.path)
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}
