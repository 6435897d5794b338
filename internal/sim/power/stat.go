package power

import (
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"
)

// info is what is known of a file.
type info struct {
	name string
	size int64
	mod  time.Time
	node *node
}

func (n *node) info(name string) info {
	return info{name: name, size: int64(len(n.data)), mod: n.mod, node: n}
}

func (i info) Name() string               { return i.name }
func (i info) Size() int64                { return i.size }
func (i info) ModTime() time.Time         { return i.mod }
func (i info) IsDir() bool                { return i.node.dir }
func (i info) Sys() any                   { return nil }
func (i info) Type() fs.FileMode          { return i.Mode().Type() }
func (i info) Info() (fs.FileInfo, error) { return i, nil }

func (i info) Mode() fs.FileMode {
	if i.node.dir {
		return fs.ModeDir | 0o700
	}
	return 0o600
}

func (d *Disk) stat(name string) (info, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	n, err := d.find("stat", name)
	if err != nil {
		return info{}, err
	}
	return n.info(path.Base(name)), nil
}

// list gives what is in a directory, by name.
func (d *Disk) list(name string) ([]fs.DirEntry, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	n, err := d.find("readdir", name)
	if err != nil {
		return nil, err
	}
	if !n.dir {
		return nil, failed("readdir", name, errNotDir)
	}
	entries := make([]fs.DirEntry, 0, len(n.names))
	for name, to := range n.names {
		entries = append(entries, to.info(name))
	}
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return entries, nil
}
