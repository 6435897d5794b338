package power

import (
	"github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/vfs"
)

// locks are those of one file, among the connections of one process. They are
// memory: a cut frees them. See https://sqlite.org/lockingv3.html.
type locks struct {
	shared   int
	reserved bool
	pending  bool
}

// Lock raises the connection's lock, or answers BUSY at once.
func (f *file) Lock(level vfs.LockLevel) error {
	f.d.mu.Lock()
	defer f.d.mu.Unlock()
	if f.d.off {
		return ErrOff
	}
	held := &f.n.locks
	switch {
	case f.lock >= level:
		return nil
	case level == vfs.LOCK_SHARED:
		if held.pending {
			return sqlite3.BUSY
		}
		held.shared++
	case level == vfs.LOCK_RESERVED:
		if held.reserved {
			return sqlite3.BUSY
		}
		held.reserved = true
	default:
		return f.exclusive()
	}
	f.lock = level
	return nil
}

// exclusive keeps new readers out and waits, by SQLite's own trying again, for
// the others to go.
func (f *file) exclusive() error {
	held := &f.n.locks
	if f.lock < vfs.LOCK_PENDING {
		if held.pending {
			return sqlite3.BUSY
		}
		held.pending = true
		f.lock = vfs.LOCK_PENDING
	}
	if held.shared > 1 {
		return sqlite3.BUSY
	}
	f.lock = vfs.LOCK_EXCLUSIVE
	return nil
}

// Unlock lowers the lock. It works without power.
func (f *file) Unlock(level vfs.LockLevel) error {
	f.d.mu.Lock()
	defer f.d.mu.Unlock()
	if f.lock <= level {
		return nil
	}
	held := &f.n.locks
	if f.lock >= vfs.LOCK_PENDING {
		held.pending = false
	}
	if f.lock >= vfs.LOCK_RESERVED {
		held.reserved = false
	}
	if level == vfs.LOCK_NONE {
		held.shared--
	}
	f.lock = level
	return nil
}

// CheckReservedLock reports whether somebody is about to write.
func (f *file) CheckReservedLock() (bool, error) {
	f.d.mu.Lock()
	defer f.d.mu.Unlock()
	return f.n.locks.reserved, nil
}
