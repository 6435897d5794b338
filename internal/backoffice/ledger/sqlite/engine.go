package sqlite

import (
	"database/sql/driver"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	modernc "modernc.org/sqlite"
)

// Engine is SQLite and the files it works on. The product's is modernc's on the
// file system; a simulated disk brings one of its own.
type Engine interface {
	// Prepare makes the file and its directory, durably, if they are missing.
	Prepare(path string) error
	// Lock keeps others out until it is closed: ErrLocked.
	Lock(path string) (io.Closer, error)
	// Connector makes connections. The DSN is a URI of SQLite's with _pragma.
	Connector(dsn string) (driver.Connector, error)
	// Size is that of a file, in bytes.
	Size(path string) (int64, error)
	// Code is the primary result code of an error, if it is one of SQLite's.
	Code(err error) (code int, ok bool)
}

// system is the product's engine.
type system struct{}

// Prepare gives rights to the owner alone: SQLite gives its other files the
// rights of the first. It syncs that file's name together with the WAL's.
func (system) Prepare(path string) error {
	if path == "" {
		return errors.New("no path is given")
	}
	if err := makeDir(filepath.Dir(path)); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	return f.Close()
}

// makeDir makes a directory and those above it. What lies in a directory is no
// more durable than its own name: SQLite does not look that far up.
func makeDir(path string) error {
	err := os.Mkdir(path, 0o700)
	if errors.Is(err, fs.ErrNotExist) {
		if err := makeDir(filepath.Dir(path)); err != nil {
			return err
		}
		err = os.Mkdir(path, 0o700)
	}
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	above, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	defer above.Close()
	return above.Sync()
}

func (system) Lock(path string) (io.Closer, error) { return lock(path) }

func (system) Connector(dsn string) (driver.Connector, error) { return modernc.NewConnector(dsn) }

func (system) Size(path string) (int64, error) {
	info, err := os.Stat(path)
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

func (system) Code(err error) (int, bool) {
	var e *modernc.Error
	if !errors.As(err, &e) {
		return 0, false
	}
	return e.Code() & 0xff, true
}
