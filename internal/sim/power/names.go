package power

import (
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"
	"syscall"
	"time"
)

const (
	errExist    = syscall.EEXIST // io/fs knows these
	errNotExist = syscall.ENOENT
	errNotDir   = syscall.ENOTDIR
	errNotEmpty = syscall.ENOTEMPTY
)

// change is one name given or taken away in a directory.
type change struct {
	dir   *node
	name  string
	to    *node   // nil: taken away
	after *change // of a rename: the new name, without which the old one stays
	kept  bool
}

func (c *change) on(names map[string]*node) {
	if c.to == nil {
		delete(names, c.name)
		return
	}
	names[c.name] = c.to
}

func newDir(at time.Time) *node {
	return &node{dir: true, mod: at, names: map[string]*node{}, keptNames: map[string]*node{}}
}

func missing(err error) bool { return errors.Is(err, fs.ErrNotExist) }

// find gives what a path leads to.
func (d *Disk) find(op, name string) (*node, error) {
	if d.off {
		return nil, failed(op, name, ErrOff)
	}
	n := d.root
	for _, part := range strings.Split(strings.Trim(path.Clean("/"+name), "/"), "/") {
		if part == "" {
			continue
		}
		if !n.dir {
			return nil, failed(op, name, errNotDir)
		}
		if n = n.names[part]; n == nil {
			return nil, failed(op, name, errNotExist)
		}
	}
	return n, nil
}

// within gives the directory a name is in, and the name's last part.
func (d *Disk) within(op, name string) (*node, string, error) {
	dir, base := path.Split(path.Clean("/" + name))
	n, err := d.find(op, dir)
	if err == nil && !n.dir {
		err = failed(op, name, errNotDir)
	}
	return n, base, err
}

// link gives a new node its name.
func (d *Disk) link(k Kind, name string, n *node) error {
	dir, base, err := d.within(string(k), name)
	if err != nil {
		return err
	}
	if dir.names[base] != nil {
		return failed(string(k), name, errExist)
	}
	last := d.begin(k, name)
	d.note(&change{dir: dir, name: base, to: n})
	return ended(last)
}

// note makes a change, unsynced.
func (d *Disk) note(c *change) {
	c.on(c.dir.names)
	c.dir.mod = d.now()
	d.changes = append(d.changes, c)
}

// mkdir makes a directory.
func (d *Disk) mkdir(name string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.link(Mkdir, name, newDir(d.now()))
}

// rename gives a file another name; who had it loses it.
func (d *Disk) rename(from, to string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	n, err := d.find("rename", from)
	if err != nil {
		return err
	}
	old, oldBase, err := d.within("rename", from)
	if err != nil {
		return err
	}
	dir, base, err := d.within("rename", to)
	if err != nil {
		return err
	}
	if was := dir.names[base]; was != nil && (was.dir || n.dir) {
		return failed("rename", to, errExist)
	}
	last := d.begin(Rename, to)
	added := &change{dir: dir, name: base, to: n}
	d.note(added)
	d.note(&change{dir: old, name: oldBase, after: added})
	return ended(last)
}

// remove takes a name away; of a directory only if it is empty.
func (d *Disk) remove(name string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	n, err := d.find("remove", name)
	if err != nil {
		return err
	}
	if len(n.names) > 0 {
		return failed("remove", name, errNotEmpty)
	}
	dir, base, err := d.within("remove", name)
	if err != nil {
		return err
	}
	last := d.begin(Remove, name)
	d.note(&change{dir: dir, name: base})
	return ended(last)
}

// syncDir makes the names in a directory durable, not what they lead to.
func (d *Disk) syncDir(name string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	n, err := d.find("syncdir", name)
	if err != nil {
		return err
	}
	if !n.dir {
		return failed("syncdir", name, errNotDir)
	}
	if d.begin(SyncDir, name) {
		return ErrOff
	}
	if !d.skips(SyncDir, name) {
		d.keepNames(n, nil)
	}
	return nil
}

// keepNames makes a directory's changes durable, up to one of them or all. An
// old name goes for good only together with the new one.
func (d *Disk) keepNames(dir *node, upTo *change) {
	for _, c := range d.changes {
		if c.dir != dir || c.kept {
			continue
		}
		if c.after != nil && !c.after.kept {
			d.keepNames(c.after.dir, c.after)
		}
		c.on(dir.keptNames)
		c.kept = true
		if c == upTo {
			break
		}
	}
	if upTo == nil {
		d.changes = slices.DeleteFunc(d.changes, func(c *change) bool { return c.kept })
	}
}

// mkdirAll makes a directory and those above it, each synced into its parent:
// what a program that cares does before it uses one.
func (d *Disk) mkdirAll(name string) error {
	name = path.Clean("/" + name)
	if name == "/" {
		return nil
	}
	if err := d.mkdirAll(path.Dir(name)); err != nil {
		return err
	}
	err := d.mkdir(name)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return d.syncDir(path.Dir(name))
}

// touch dates a file.
func (d *Disk) touch(name string, at time.Time) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	n, err := d.find("touch", name)
	if err != nil {
		return err
	}
	n.mod = at
	return nil
}
