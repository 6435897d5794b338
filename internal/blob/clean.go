package blob

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"path"
	"strings"
	"time"
)

const (
	// tempAge is how long nothing may have been written to a temporary file
	// before it counts as left over: another process may share the directory.
	tempAge = time.Hour
	// asideAge is how long files set aside are kept for whoever looks into it.
	asideAge = 30 * 24 * time.Hour
)

// Delete removes the file, durably. A file that is not there is as good as
// deleted.
func (d *Dir) Delete(ctx context.Context, key string) error {
	if err := errors.Join(CheckKey(key), ctx.Err()); err != nil {
		return fmt.Errorf("delete blob %s: %w", key, err)
	}
	disk, err := d.current()
	if err != nil {
		return fmt.Errorf("delete blob %s: %w", key, err)
	}
	name := path.Join(blobDir, key)
	if info, err := disk.Stat(name); err != nil || info.IsDir() {
		if err == nil || errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return fmt.Errorf("delete blob %s: %w", key, err)
	}
	if err := remove(disk, name); err != nil {
		return fmt.Errorf("delete blob %s: %w", key, err)
	}
	return nil
}

// remove takes away a file, durably. Somebody else may remove the same meanwhile.
func remove(disk Disk, name string) error {
	if err := disk.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return leave(disk, path.Dir(name))
}

// leave makes it durable that a name is gone from a directory: it takes away
// the directories that are empty now and syncs the first that stays.
func leave(disk Disk, dir string) error {
	for strings.Contains(dir, "/") && disk.Remove(dir) == nil {
		dir = path.Dir(dir)
	}
	if err := disk.SyncDir(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// SetAside takes a file out of reach of Open, durably, without destroying it,
// because its bytes are not what they should be. It is kept 30 days in the directory
// "aside", for a person to look at.
func (d *Dir) SetAside(ctx context.Context, key string) error {
	if err := errors.Join(CheckKey(key), ctx.Err()); err != nil {
		return fmt.Errorf("set blob %s aside: %w", key, err)
	}
	disk, err := d.current()
	if err == nil {
		name := path.Join(blobDir, key)
		if err = disk.Touch(name, d.now()); err == nil { // its days aside begin now
			err = place(disk, name, path.Join(asideDir, key))
		}
		if err == nil {
			err = leave(disk, path.Dir(name)) // else it may be back after a power cut
		}
	}
	if err != nil {
		return fmt.Errorf("set blob %s aside: %w", key, found(classify(err)))
	}
	return nil
}

// List yields the files last written before a moment, in the order of their
// keys. A file that goes away meanwhile may be left out; an error ends it.
func (d *Dir) List(ctx context.Context, before time.Time) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		disk, err := d.current()
		if err == nil {
			err = walk(ctx, disk, blobDir, func(e Entry) bool {
				return !e.ModTime.Before(before) || yield(e, nil)
			})
		}
		if err != nil {
			yield(Entry{}, fmt.Errorf("list blobs: %w", err))
		}
	}
}

// walk visits the files under a directory until the visitor has enough. Keys
// are relative to the directory.
func walk(ctx context.Context, disk Disk, dir string, visit func(Entry) bool) error {
	return fs.WalkDir(disk.FS(), dir, func(name string, entry fs.DirEntry, err error) error {
		if err == nil {
			err = ctx.Err()
		}
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		info, err := entry.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		if !visit(Entry{strings.TrimPrefix(name, dir+"/"), info.Size(), info.ModTime()}) {
			return fs.SkipAll
		}
		return nil
	})
}

// Tidy removes what a crash left half written and what was set aside long ago.
// OpenDir does it; whoever looks for orphans does it again.
func (d *Dir) Tidy(ctx context.Context) error {
	disk, err := d.current()
	if err != nil {
		return fmt.Errorf("tidy blobs in %s: %w", d.path, classify(err))
	}
	for dir, age := range map[string]time.Duration{tempDir: tempAge, asideDir: asideAge} {
		if err := removeOlder(ctx, disk, dir, d.now().Add(-age)); err != nil {
			return fmt.Errorf("tidy %s in %s: %w", dir, d.path, err)
		}
	}
	return nil
}

func removeOlder(ctx context.Context, disk Disk, dir string, limit time.Time) error {
	var old []string
	err := walk(ctx, disk, dir, func(e Entry) bool {
		if e.ModTime.Before(limit) {
			old = append(old, e.Key)
		}
		return true
	})
	for _, key := range old {
		err = errors.Join(err, remove(disk, path.Join(dir, key)))
	}
	return err
}
