package power

import (
	"io"
	"io/fs"
)

// tree is a volume as io/fs has it.
type tree struct{ v *volume }

func (t tree) Open(name string) (fs.File, error) {
	info, err := t.Stat(name)
	if err != nil {
		return nil, err
	}
	f, err := t.v.open(name, false)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return f, nil
	}
	entries, err := t.ReadDir(name)
	return &folder{f, entries}, err
}

func (t tree) Stat(name string) (fs.FileInfo, error) {
	if !fs.ValidPath(name) {
		return nil, failed("stat", name, fs.ErrInvalid)
	}
	return t.v.Stat(name)
}

func (t tree) ReadDir(name string) ([]fs.DirEntry, error) {
	if !fs.ValidPath(name) {
		return nil, failed("readdir", name, fs.ErrInvalid)
	}
	return t.v.d.list(t.v.at(name))
}

// folder is a directory that is open.
type folder struct {
	*stream
	rest []fs.DirEntry
}

func (f *folder) Read([]byte) (int, error) { return 0, failed("read", f.path, fs.ErrInvalid) }

func (f *folder) ReadDir(n int) ([]fs.DirEntry, error) {
	if n > 0 && len(f.rest) == 0 {
		return nil, io.EOF
	}
	if n <= 0 || n > len(f.rest) {
		n = len(f.rest)
	}
	out := f.rest[:n]
	f.rest = f.rest[n:]
	return out, nil
}
