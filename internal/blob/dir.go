package blob

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"sync"
	"time"
)

// What lies in the directory: files in their places, files being written, and
// files that must never be served.
const (
	blobDir  = "blobs"
	tempDir  = "temp"
	asideDir = "aside"
)

// Dir keeps blobs in a directory.
type Dir struct {
	path string
	now  func() time.Time
	open func() (Disk, error)

	mu   sync.Mutex
	disk Disk
}

// OpenDir opens the directory, makes it if it is missing, and tidies it up.
func OpenDir(ctx context.Context, dir string, now func() time.Time) (*Dir, error) {
	if err := makeDir(dir); err != nil {
		return nil, fmt.Errorf("open blobs in %s: %w", dir, classify(err))
	}
	return OpenOn(ctx, dir, func() (Disk, error) { return openRoot(dir) }, now)
}

// OpenOn opens a directory on a disk of another kind and tidies it up. The path
// is told to people only. It is for open to make a directory that is missing;
// it is called again when the disk says that it is no longer the one in place.
func OpenOn(ctx context.Context, path string, open func() (Disk, error), now func() time.Time) (*Dir, error) {
	d := &Dir{path: path, now: now, open: open}
	if err := d.Tidy(ctx); err != nil {
		return nil, err
	}
	return d, nil
}

// Close lets go of the directory. Files that are open stay open.
func (d *Dir) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.disk == nil {
		return nil
	}
	old := d.disk
	d.disk = nil
	return old.Close()
}

// current is the disk now behind the path: a directory that was replaced is
// opened anew.
func (d *Dir) current() (Disk, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.disk != nil {
		if current, err := d.disk.Current(); err == nil && current {
			return d.disk, nil
		}
		d.disk.Close()
		d.disk = nil
	}
	opened, err := d.open()
	if err != nil {
		return nil, err
	}
	for _, sub := range []string{blobDir, tempDir, asideDir} {
		if err := opened.Mkdir(sub); err != nil && !errors.Is(err, fs.ErrExist) {
			opened.Close()
			return nil, err
		}
	}
	if err := opened.SyncDir("."); err != nil {
		opened.Close()
		return nil, err
	}
	d.disk = opened
	return opened, nil
}

// Put stores what the reader gives, at most limit bytes, under the key; a file
// already there is replaced. When it returns without an error, the file is
// durable. Errors of the reader come back wrapped, for the caller to classify.
func (d *Dir) Put(ctx context.Context, key string, r io.Reader, limit int64) (Written, error) {
	if err := CheckKey(key); err != nil {
		return Written{}, err
	}
	disk, err := d.current()
	if err != nil {
		return Written{}, fmt.Errorf("put blob %s: %w", key, classify(err))
	}
	temp := path.Join(tempDir, rand.Text())
	w, err := writeTemp(ctx, disk, temp, r, limit)
	if err == nil {
		err = place(disk, temp, path.Join(blobDir, key))
	}
	if err != nil {
		_ = disk.Remove(temp) // what stays is tidied up later
		return Written{}, fmt.Errorf("put blob %s: %w", key, classify(err))
	}
	return w, nil
}

// writeTemp writes and syncs a temporary file.
func writeTemp(ctx context.Context, disk Disk, name string, r io.Reader, limit int64) (Written, error) {
	f, err := disk.Create(name)
	if err != nil {
		return Written{}, err
	}
	defer f.Close()
	hash := sha256.New()
	n, err := io.Copy(io.MultiWriter(f, hash), io.LimitReader(&patient{ctx, r}, limit+1))
	if err != nil {
		return Written{}, err
	}
	if n > limit {
		return Written{}, fmt.Errorf("%w: more than %d bytes", ErrTooLarge, limit)
	}
	if err := f.Sync(); err != nil {
		return Written{}, err
	}
	return Written{Size: n, SHA256: hex.EncodeToString(hash.Sum(nil))}, f.Close()
}

// patient ends reading when the context ends.
type patient struct {
	ctx context.Context
	r   io.Reader
}

func (p *patient) Read(b []byte) (int, error) {
	if err := p.ctx.Err(); err != nil {
		return 0, err
	}
	return p.r.Read(b)
}

// placeAttempts is how often a Delete beside it may be in the way of a Put.
const placeAttempts = 20

// place moves a file to its name, durably. A Delete beside it may take away a
// directory that is still empty, at any moment: then it is made again.
func place(disk Disk, from, to string) error {
	var err error
	for range placeAttempts {
		if err = mkdirs(disk, path.Dir(to)); err == nil || errors.Is(err, fs.ErrExist) {
			if err = disk.Rename(from, to); err == nil {
				return syncUp(disk, path.Dir(to))
			}
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return err
}

// mkdirs makes a directory and those above it.
func mkdirs(disk Disk, name string) error {
	err := disk.Mkdir(name)
	if !errors.Is(err, fs.ErrNotExist) || name == "." {
		return err
	}
	if err := mkdirs(disk, path.Dir(name)); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return disk.Mkdir(name)
}

// syncUp syncs a directory and those above it, also those found rather than
// made: whoever made them may not have synced them yet. The names of the topmost
// were synced when the disk was opened.
func syncUp(disk Disk, name string) error {
	for {
		if err := disk.SyncDir(name); err != nil {
			return err
		}
		if name == blobDir || name == asideDir {
			return nil
		}
		name = path.Dir(name)
	}
}

// Open gives the file and its size in bytes, or ErrNotFound.
func (d *Dir) Open(ctx context.Context, key string) (File, int64, error) {
	f, size, err := d.find(ctx, key)
	if err != nil {
		return nil, 0, fmt.Errorf("open blob %s: %w", key, found(err))
	}
	return f, size, nil
}

func (d *Dir) find(ctx context.Context, key string) (File, int64, error) {
	if err := errors.Join(CheckKey(key), ctx.Err()); err != nil {
		return nil, 0, err
	}
	disk, err := d.current()
	if err != nil {
		return nil, 0, err
	}
	f, err := disk.Open(path.Join(blobDir, key))
	if err != nil {
		return nil, 0, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = ErrNotFound // a key's directory is no blob
	}
	if err != nil {
		f.Close()
		return nil, 0, err
	}
	return f, info.Size(), nil
}

// found turns the file system's "not there" into the sentinel.
func found(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w: %w", ErrNotFound, err)
	}
	return err
}
