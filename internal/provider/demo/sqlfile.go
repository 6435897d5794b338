package demo

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"

	_ "modernc.org/sqlite" // the driver named "sqlite"
)

// batch is how many rows share one INSERT: the call, not the row, is what
// costs.
const batch = 50

// sqlFile is a database being made: one connection, one transaction, no
// journal and no sync, for a file nobody reads before it is renamed.
type sqlFile struct{ tx *sql.Tx }

// makeSQLFile runs fill in one transaction on a new file at path and closes the
// file. What fill adds after its rows (indexes) belongs to the transaction too.
func makeSQLFile(ctx context.Context, path string, fill func(context.Context, sqlFile) error) (err error) {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return fmt.Errorf("open %s: %w", path, err)
	}
	dsn := url.URL{Scheme: "file", Path: absolute, RawQuery: "_pragma=journal_mode(off)&_pragma=synchronous(off)&_pragma=locking_mode(exclusive)"}
	db, err := sql.Open("sqlite", dsn.String())
	if err != nil {
		return fmt.Errorf("open %s: %w", path, err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	db.SetMaxOpenConns(1)
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin %s: %w", path, err)
	}
	if err := fill(ctx, sqlFile{tx}); err != nil {
		_ = tx.Rollback() // the file is thrown away in any case
		return fmt.Errorf("fill %s: %w", path, err)
	}
	return tx.Commit()
}

// do runs statements without arguments.
func (f sqlFile) do(ctx context.Context, statements string) error {
	_, err := f.tx.ExecContext(ctx, statements)
	return err
}

// insert writes n rows into table, whose columns are all given, in the order of
// its declaration.
func (f sqlFile) insert(ctx context.Context, table string, columns, n int, row func(i int) []any) error {
	full, err := f.tx.PrepareContext(ctx, insertion(table, columns, batch))
	if err != nil {
		return fmt.Errorf("insert into %s: %w", table, err)
	}
	args := make([]any, 0, batch*columns)
	for from := 0; from < n && err == nil; from += batch {
		upTo := min(from+batch, n)
		for i := from; i < upTo; i++ {
			args = append(args, row(i)...)
		}
		if upTo-from == batch {
			_, err = full.ExecContext(ctx, args...)
		} else {
			_, err = f.tx.ExecContext(ctx, insertion(table, columns, upTo-from), args...)
		}
		args = args[:0]
	}
	if err = errors.Join(err, full.Close()); err != nil {
		return fmt.Errorf("insert into %s: %w", table, err)
	}
	return nil
}

// insertion is an INSERT of so many rows.
func insertion(table string, columns, rows int) string {
	row := "(?" + strings.Repeat(",?", columns-1) + ")"
	return "insert into " + table + " values " + row + strings.Repeat(","+row, rows-1)
}
