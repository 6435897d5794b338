package blob

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Disk is what Dir asks of a file system, below one directory: all names are
// relative to it, and nothing outside is touched. Errors are those of io/fs.
// Tests bring disks that fail, that watch what is synced, and that lose power.
type Disk interface {
	Create(name string) (NewFile, error) // fails if the name exists
	Open(name string) (FoundFile, error)
	Stat(name string) (fs.FileInfo, error)
	Mkdir(name string) error
	Rename(from, to string) error
	Remove(name string) error // a file, or a directory that is empty
	Touch(name string, at time.Time) error
	SyncDir(name string) error // makes the names in a directory durable
	FS() fs.FS
	Current() (bool, error) // whether its directory is still the one in place
	Close() error
}

// NewFile is a file being written.
type NewFile interface {
	io.Writer
	Sync() error // makes its bytes durable
	Close() error
}

// FoundFile is a file, or a directory, that was there.
type FoundFile interface {
	File
	Stat() (fs.FileInfo, error)
}

// rootDisk is the real one.
type rootDisk struct {
	path string
	root *os.Root
	dirs *sharedSyncs
}

// openRoot makes the directory if it is missing. Its parent must exist, so that
// an unmounted volume is an error and no directory beside it.
func openRoot(path string) (Disk, error) {
	if err := mkdir(path); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(path)
	if err != nil {
		return nil, err
	}
	return rootDisk{path, root, newSharedSyncs()}, nil
}

// makeDir makes a directory and those above it.
func makeDir(path string) error {
	err := mkdir(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := makeDir(filepath.Dir(path)); err != nil {
		return err
	}
	return mkdir(path)
}

// mkdir makes a directory, durably, unless it is there.
func mkdir(path string) error {
	err := os.Mkdir(path, 0o700)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	above, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	defer above.Close()
	return above.Sync()
}

func (d rootDisk) Create(name string) (NewFile, error) {
	return d.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
}
func (d rootDisk) Open(name string) (FoundFile, error)   { return d.root.Open(name) }
func (d rootDisk) Stat(name string) (fs.FileInfo, error) { return d.root.Stat(name) }
func (d rootDisk) Mkdir(name string) error               { return d.root.Mkdir(name, 0o700) }
func (d rootDisk) Rename(from, to string) error          { return d.root.Rename(from, to) }
func (d rootDisk) Remove(name string) error              { return d.root.Remove(name) }
func (d rootDisk) Touch(name string, at time.Time) error {
	return d.root.Chtimes(name, at, at)
}
func (d rootDisk) FS() fs.FS    { return d.root.FS() }
func (d rootDisk) Close() error { return d.root.Close() }

func (d rootDisk) Current() (bool, error) {
	held, err := d.root.Stat(".")
	if err != nil {
		return false, err
	}
	found, err := os.Stat(d.path)
	if err != nil {
		return false, err
	}
	return os.SameFile(held, found), nil
}

// SyncDir: fsync(2) of a file says nothing about the entry that points to it.
func (d rootDisk) SyncDir(name string) error {
	return d.dirs.do(name, func() error { return d.syncDir(name) })
}

func (d rootDisk) syncDir(name string) error {
	f, err := d.root.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}
