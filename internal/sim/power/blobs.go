package power

import (
	"errors"
	"io"
	"io/fs"
	"path"
	"time"

	"peyk/internal/blob"
)

// Blobs opens a directory of the disk for blob.OpenOn. The directory above it
// must exist.
func Blobs(d *Disk, dir string) func() (blob.Disk, error) {
	dir = path.Clean("/" + dir)
	return func() (blob.Disk, error) {
		if _, err := d.stat(path.Dir(dir)); err != nil {
			return nil, err
		}
		if err := d.mkdirAll(dir); err != nil {
			return nil, err
		}
		opened, err := d.stat(dir)
		if err != nil {
			return nil, err
		}
		return &volume{d, dir, opened.node}, nil
	}
}

// volume is a directory of the disk as the blob store has it open.
type volume struct {
	d    *Disk
	dir  string
	node *node
}

func (v *volume) at(name string) string { return path.Join(v.dir, name) }

func (v *volume) Create(name string) (blob.NewFile, error) { return v.open(name, true) }

func (v *volume) Open(name string) (blob.FoundFile, error) { return v.open(name, false) }

func (v *volume) open(name string, create bool) (*stream, error) {
	h, err := v.d.open(v.at(name), create, create)
	if err != nil {
		return nil, err
	}
	return &stream{handle: h}, nil
}

func (v *volume) Stat(name string) (fs.FileInfo, error) { return v.d.stat(v.at(name)) }
func (v *volume) Mkdir(name string) error               { return v.d.mkdir(v.at(name)) }
func (v *volume) Rename(from, to string) error          { return v.d.rename(v.at(from), v.at(to)) }
func (v *volume) Remove(name string) error              { return v.d.remove(v.at(name)) }
func (v *volume) Touch(name string, at time.Time) error { return v.d.touch(v.at(name), at) }
func (v *volume) SyncDir(name string) error             { return v.d.syncDir(v.at(name)) }
func (v *volume) FS() fs.FS                             { return tree{v} }
func (v *volume) Close() error                          { return nil }

func (v *volume) Current() (bool, error) {
	now, err := v.d.stat(v.dir)
	return err == nil && now.node == v.node, err
}

// stream is a file read and written in order.
type stream struct {
	*handle
	at int64
}

func (s *stream) Read(p []byte) (int, error) {
	n, err := s.ReadAt(p, s.at)
	s.at += int64(n)
	if n > 0 && errors.Is(err, io.EOF) {
		err = nil
	}
	return n, err
}

func (s *stream) Write(p []byte) (int, error) {
	n, err := s.WriteAt(p, s.at)
	s.at += int64(n)
	return n, err
}

func (s *stream) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += s.at
	case io.SeekEnd:
		size, err := s.size()
		if err != nil {
			return 0, err
		}
		offset += size
	}
	if offset < 0 {
		return 0, failed("seek", s.path, fs.ErrInvalid)
	}
	s.at = offset
	return offset, nil
}

func (s *stream) Stat() (fs.FileInfo, error) {
	s.d.mu.Lock()
	defer s.d.mu.Unlock()
	if s.d.off {
		return nil, failed("stat", s.path, ErrOff)
	}
	return s.n.info(path.Base(s.path)), nil
}

func (s *stream) Close() error { return nil }
