package power

import (
	"path"

	"github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/util/vfsutil"
	"github.com/ncruces/go-sqlite3/vfs"
)

// filesystem is the disk as SQLite sees it. It syncs directories where SQLite's
// own for Unix does: with the first sync of a journal or WAL it may have made,
// and after deleting one if asked to.
type filesystem struct {
	disk *Disk
	shm  string // where in the real system the shared memory lies
}

// FullPathname needs no working directory.
func (s filesystem) FullPathname(name string) (string, error) {
	return path.Clean("/" + name), nil
}

// Open opens a file of the disk; temporary ones stay in memory.
func (s filesystem) Open(name string, flags vfs.OpenFlag) (vfs.File, vfs.OpenFlag, error) {
	if name == "" {
		return &vfsutil.SliceFile{}, flags | vfs.OPEN_MEMORY, nil
	}
	h, err := s.disk.open(name, flags&vfs.OPEN_CREATE != 0, flags&vfs.OPEN_EXCLUSIVE != 0)
	if err != nil {
		return nil, flags, err
	}
	const journals = vfs.OPEN_MAIN_JOURNAL | vfs.OPEN_SUPER_JOURNAL | vfs.OPEN_WAL
	f := &file{handle: h, syncDir: flags&vfs.OPEN_CREATE != 0 && flags&journals != 0}
	f.memory = vfs.NewSharedMemory(path.Join(s.shm, path.Base(name)), flags)
	return f, flags, nil
}

// Delete removes a file.
func (s filesystem) Delete(name string, syncDir bool) error {
	err := s.disk.remove(name)
	if missing(err) {
		return sqlite3.IOERR_DELETE_NOENT
	}
	if err != nil || !syncDir {
		return err
	}
	return s.disk.syncDir(path.Dir(name))
}

// Access takes an empty file for none, as SQLite's own does.
func (s filesystem) Access(name string, _ vfs.AccessFlag) (bool, error) {
	info, err := s.disk.stat(name)
	if missing(err) {
		return false, nil
	}
	return err == nil && info.Size() > 0, err
}

// file is a file of the disk as SQLite has it open.
type file struct {
	*handle
	memory  vfs.SharedMemory
	syncDir bool // the directory was not synced since it was opened
	lock    vfs.LockLevel
}

var _ vfs.FileSharedMemory = (*file)(nil)

// SharedMemory holds the WAL's index.
func (f *file) SharedMemory() vfs.SharedMemory { return f.memory }

// Sync makes the file durable, and its name if it may be new.
func (f *file) Sync(vfs.SyncFlag) error {
	if err := f.handle.Sync(); err != nil || !f.syncDir {
		return err
	}
	f.syncDir = false
	return f.d.syncDir(path.Dir(f.path))
}

// Size is the file's, in bytes.
func (f *file) Size() (int64, error) { return f.size() }

// SectorSize is that of SQLite's own for Unix.
func (*file) SectorSize() int { return 4096 }

// DeviceCharacteristics are those of SQLite's own for Unix.
func (*file) DeviceCharacteristics() vfs.DeviceCharacteristic {
	return vfs.IOCAP_POWERSAFE_OVERWRITE | vfs.IOCAP_SUBPAGE_READ
}

// Close lets go of the file and its locks.
func (f *file) Close() error {
	if f.memory != nil {
		_ = f.memory.Close() // what is left of it goes with its directory
	}
	return f.Unlock(vfs.LOCK_NONE)
}
