package power

import (
	"crypto/rand"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path"
	"strings"

	"github.com/ncruces/go-sqlite3"
	sqldriver "github.com/ncruces/go-sqlite3/driver"
	"github.com/ncruces/go-sqlite3/vfs"

	"peyk/internal/backoffice/ledger/sqlite"
)

// Options change what the ledger asks of SQLite, to reach in few commits what
// it does after many, or to break its promise on purpose.
type Options struct {
	Pragmas map[string]string // these, of the ledger's own, have other values
	Scale   int64             // the sizes of files are said to be so many times what they are; 0: 1
}

// Engine is SQLite on a disk, for the ledger.
type Engine struct {
	Options
	disk *Disk
	name string // of the VFS
	shm  string
}

var _ sqlite.Engine = (*Engine)(nil)

// Mount makes an engine. Each disk, and so each image after a cut, needs its
// own; Unmount it when the ledger is closed.
func Mount(d *Disk, o Options) (*Engine, error) {
	shm, err := os.MkdirTemp("", "peyk-power-")
	if err != nil {
		return nil, fmt.Errorf("make a place for shared memory: %w", err)
	}
	e := &Engine{Options: o, disk: d, name: rand.Text(), shm: shm}
	vfs.Register(e.name, filesystem{d, shm})
	return e, nil
}

// Unmount frees what Mount took.
func (e *Engine) Unmount() error {
	vfs.Unregister(e.name)
	return os.RemoveAll(e.shm)
}

// Prepare makes the file and its directory, as the product does.
func (e *Engine) Prepare(name string) error {
	if err := e.disk.mkdirAll(path.Dir(name)); err != nil {
		return err
	}
	_, err := e.disk.open(name, true, false)
	return err
}

// Lock is memory too: a cut frees it.
func (e *Engine) Lock(name string) (io.Closer, error) {
	d := e.disk
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.off {
		return nil, ErrOff
	}
	if d.locked[name] {
		return nil, fmt.Errorf("%w: %s", sqlite.ErrLocked, name)
	}
	d.locked[name] = true
	return unlocker{d, name}, nil
}

type unlocker struct {
	d    *Disk
	name string
}

func (u unlocker) Close() error {
	u.d.mu.Lock()
	defer u.d.mu.Unlock()
	delete(u.d.locked, u.name)
	return nil
}

// Connector makes connections whose files are the disk's.
func (e *Engine) Connector(dsn string) (driver.Connector, error) {
	u, err := url.Parse(dsn)
	if err != nil {
		return nil, err
	}
	q := u.Query()
	q.Set("vfs", e.name)
	for i, pragma := range q["_pragma"] {
		name, _, _ := strings.Cut(pragma, "(")
		if value, ok := e.Pragmas[name]; ok {
			q["_pragma"][i] = name + "(" + value + ")"
		}
	}
	u.RawQuery = q.Encode()
	return (&sqldriver.SQLite{}).OpenConnector(u.String())
}

// Size is that of a file of the disk, scaled.
func (e *Engine) Size(name string) (int64, error) {
	i, err := e.disk.stat(name)
	if err != nil {
		return 0, err
	}
	return i.Size() * max(e.Scale, 1), nil
}

// Code is SQLite's of an error.
func (e *Engine) Code(err error) (int, bool) {
	var code sqlite3.ErrorCode
	ok := errors.As(err, &code)
	return int(code), ok
}
