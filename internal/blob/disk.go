package blob

import (
	"io"
	"io/fs"
	"os"
	"time"
)

// disk is what Dir asks of the file system, all paths relative to one root.
// The seam lets tests fail each call and watch what was synced when.
type disk interface {
	Create(name string) (diskFile, error) // fails if the name exists
	Open(name string) (*os.File, error)
	Stat(name string) (fs.FileInfo, error)
	Mkdir(name string) error
	Rename(from, to string) error
	Remove(name string) error
	Touch(name string, at time.Time) error
	SyncDir(name string) error
	FS() fs.FS
	Close() error
}

// diskFile is a file being written.
type diskFile interface {
	io.Writer
	Sync() error
	Close() error
}

// rootDisk is the real one.
type rootDisk struct{ root *os.Root }

func openRoot(path string) (disk, error) {
	root, err := os.OpenRoot(path)
	if err != nil {
		return nil, err
	}
	return rootDisk{root}, nil
}

func (d rootDisk) Create(name string) (diskFile, error) {
	return d.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
}
func (d rootDisk) Open(name string) (*os.File, error)    { return d.root.Open(name) }
func (d rootDisk) Stat(name string) (fs.FileInfo, error) { return d.root.Stat(name) }
func (d rootDisk) Mkdir(name string) error               { return d.root.Mkdir(name, 0o700) }
func (d rootDisk) Rename(from, to string) error          { return d.root.Rename(from, to) }
func (d rootDisk) Remove(name string) error              { return d.root.Remove(name) }
func (d rootDisk) Touch(name string, at time.Time) error {
	return d.root.Chtimes(name, at, at)
}
func (d rootDisk) FS() fs.FS    { return d.root.FS() }
func (d rootDisk) Close() error { return d.root.Close() }

// SyncDir makes the names in a directory durable: fsync(2) of a file says
// nothing about the entry that points to it.
func (d rootDisk) SyncDir(name string) error {
	f, err := d.root.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}
