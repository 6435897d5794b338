package power

import (
	"errors"
	"io/fs"
	"sync"
	"time"
)

// ErrOff is the answer of a disk without power.
var ErrOff = errors.New("the power is off")

// Kind says what an operation does.
type Kind string

// The kinds that change the disk, or make changes durable.
const (
	Write    Kind = "write"
	Truncate Kind = "truncate"
	Sync     Kind = "sync"
	Create   Kind = "create"
	Mkdir    Kind = "mkdir"
	Rename   Kind = "rename"
	Remove   Kind = "remove"
	SyncDir  Kind = "syncdir"
)

// Op is one operation.
type Op struct {
	Kind Kind
	Path string // of a rename: the new name
}

// Disk is the whole of a file system, from "/". It may be used by many
// goroutines.
type Disk struct {
	now func() time.Time

	mu      sync.Mutex
	root    *node
	dirty   []*node   // files with unsynced writes, in the order they became so
	changes []*change // unsynced names, oldest first
	locked  map[string]bool
	off     bool
	cut     func(Op) bool
	ignored func(Op) bool
}

// New gives an empty disk; now dates its files.
func New(now func() time.Time) *Disk {
	return &Disk{now: now, root: newDir(now()), locked: make(map[string]bool)}
}

// CutWhen cuts the power in the middle of the first operation when says so: a
// write or a name may or may not have come through, a sync has kept nothing more
// than chance. It is asked about each operation in turn, and must not use the
// disk. Nil never cuts.
func (d *Disk) CutWhen(when func(Op) bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.cut = when
}

// Ignore makes a liar of the disk: syncs for which which is true are answered
// and not done.
func (d *Disk) Ignore(which func(Op) bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.ignored = which
}

// Off reports whether the power was cut.
func (d *Disk) Off() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.off
}

// begin counts an operation. The last is one that the power cut ends.
func (d *Disk) begin(k Kind, path string) (last bool) {
	d.off = d.cut != nil && d.cut(Op{k, path})
	return d.off
}

// ended is the error of an operation that was begun.
func ended(last bool) error {
	if last {
		return ErrOff
	}
	return nil
}

// skips reports whether the disk only pretends to sync.
func (d *Disk) skips(k Kind, path string) bool {
	return d.ignored != nil && d.ignored(Op{k, path})
}

func failed(op, path string, err error) error {
	return &fs.PathError{Op: op, Path: path, Err: err}
}
