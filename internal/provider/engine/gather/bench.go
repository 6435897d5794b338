package gather

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// bench is the workbench: one SQLite connection that dies with the report.
// All that is done on it is one transaction that nobody ever commits: pages
// reach the file only when they are more than the memory given to them.
type bench struct {
	db     *sql.DB
	conn   *sql.Conn
	file   string
	closed bool // to all but reading; the authorizer asks
}

// benches are the files of workbenches in their directory.
const benches = "bench-*.db"

// Tidy removes the workbenches a crash left in dir. One still in use by
// another process stays usable to it, though it has no name any more.
func Tidy(dir string) error {
	left, err := filepath.Glob(filepath.Join(dir, benches))
	if err != nil {
		return fmt.Errorf("tidy %s: %w", dir, err)
	}
	var errs []error
	for _, file := range left {
		if err := os.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, fmt.Errorf("tidy %s: %w", dir, err))
		}
	}
	return errors.Join(errs...)
}

func openBench(ctx context.Context, driver *sqlite.Driver, job Job) (*bench, error) {
	f, err := os.CreateTemp(job.TempDir, benches)
	if err != nil {
		return nil, fmt.Errorf("open workbench: %w", err)
	}
	b := &bench{file: f.Name()}
	err = f.Close()
	if err == nil {
		err = b.connect(ctx, driver, job.Memory)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open workbench: %w", err), b.close())
	}
	return b, nil
}

// pageSize of the workbench: rows lie in it one after the other and few pages
// are read singly.
const pageSize = 16384

// longest is the most bytes one value may have, one the author's SQL makes too.
const longest = 16 << 20

// connect opens the database. What is on the bench is never needed after a
// crash: neither journal nor sync.
func (b *bench) connect(ctx context.Context, driver *sqlite.Driver, memory int64) error {
	if memory <= 0 {
		memory = DefaultMemory
	}
	b.db = sql.OpenDB(private{driver, b.file + "?_dqs=0"})
	var err error
	if b.conn, err = b.db.Conn(ctx); err != nil {
		return err
	}
	if _, err := sqlite.Limit(b.conn, sqlite3.SQLITE_LIMIT_LENGTH, longest); err != nil {
		return err
	}
	for _, setting := range []string{
		fmt.Sprintf("page_size = %d", pageSize), "locking_mode = exclusive", "journal_mode = off", "synchronous = off",
		fmt.Sprintf("cache_size = %d", -memory>>10), "temp_store = file",
	} {
		if _, err := b.conn.ExecContext(ctx, "PRAGMA "+setting); err != nil {
			return fmt.Errorf("%s: %w", setting, err)
		}
	}
	if err := b.conn.Raw(func(conn any) error { return restrict(conn, func() bool { return b.closed }) }); err != nil {
		return err
	}
	_, err = b.conn.ExecContext(ctx, "BEGIN")
	return err
}

func (b *bench) close() error {
	var errs []error
	if b.conn != nil {
		errs = append(errs, b.conn.Close())
	}
	if b.db != nil {
		errs = append(errs, b.db.Close())
	}
	return errors.Join(append(errs, os.Remove(b.file))...)
}
