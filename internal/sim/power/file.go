package power

import (
	"io"
	"slices"
	"time"
)

// node is a file or a directory, whatever its names are.
type node struct {
	dir bool
	mod time.Time

	data, kept []byte // of a file: as it is read, and as it is durable
	unsynced   []write
	locks      locks

	names, keptNames map[string]*node // of a directory, likewise
}

// write is a change of a file's bytes: to be data from off on, or cut at off.
type write struct {
	off  int64
	data []byte // nil: truncate
}

// on applies the write.
func (w write) on(b []byte) []byte {
	if w.data == nil {
		return resize(b, w.off)
	}
	b = resize(b, max(int64(len(b)), w.off+int64(len(w.data))))
	copy(b[w.off:], w.data)
	return b
}

func resize(b []byte, size int64) []byte {
	if more := int(size) - len(b); more > 0 {
		return append(b, make([]byte, more)...)
	}
	return b[:size]
}

// handle is a file that is open.
type handle struct {
	d    *Disk
	n    *node
	path string
}

// open gives a file that is there, or makes it.
func (d *Disk) open(path string, create, exclusive bool) (*handle, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	n, err := d.find("open", path)
	if err == nil && exclusive {
		return nil, failed("open", path, errExist)
	}
	if missing(err) && create && !d.off {
		n, err = &node{mod: d.now()}, nil
		if err := d.link(Create, path, n); err != nil {
			return nil, err
		}
	}
	if err != nil {
		return nil, err
	}
	return &handle{d: d, n: n, path: path}, nil
}

// ReadAt reads what was written, synced or not.
func (h *handle) ReadAt(p []byte, off int64) (int, error) {
	h.d.mu.Lock()
	defer h.d.mu.Unlock()
	if h.d.off {
		return 0, failed("read", h.path, ErrOff)
	}
	if off >= int64(len(h.n.data)) {
		return 0, io.EOF
	}
	n := copy(p, h.n.data[off:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// WriteAt writes; nothing of it is durable before Sync.
func (h *handle) WriteAt(p []byte, off int64) (int, error) {
	if err := h.change(Write, write{off, append([]byte{}, p...)}); err != nil {
		return 0, err
	}
	return len(p), nil
}

// Truncate sets the size; that, too, is durable only after Sync.
func (h *handle) Truncate(size int64) error {
	return h.change(Truncate, write{off: size})
}

func (h *handle) change(k Kind, w write) error {
	d := h.d
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.off {
		return failed(string(k), h.path, ErrOff)
	}
	last := d.begin(k, h.path)
	if len(h.n.unsynced) == 0 {
		d.dirty = append(d.dirty, h.n)
	}
	h.n.data = w.on(h.n.data)
	h.n.unsynced = append(h.n.unsynced, w)
	h.n.mod = d.now()
	return ended(last)
}

// Sync makes the file's bytes durable, not its name.
func (h *handle) Sync() error {
	d := h.d
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.off {
		return failed("sync", h.path, ErrOff)
	}
	if d.begin(Sync, h.path) {
		return ErrOff
	}
	if d.skips(Sync, h.path) {
		return nil
	}
	for _, w := range h.n.unsynced {
		h.n.kept = w.on(h.n.kept)
	}
	h.n.unsynced = nil
	d.dirty = slices.DeleteFunc(d.dirty, func(n *node) bool { return n == h.n })
	return nil
}

// size is the file's, as it is read.
func (h *handle) size() (int64, error) {
	h.d.mu.Lock()
	defer h.d.mu.Unlock()
	if h.d.off {
		return 0, failed("stat", h.path, ErrOff)
	}
	return int64(len(h.n.data)), nil
}
