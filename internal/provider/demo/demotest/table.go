package demotest

import (
	"context"
	"database/sql"
	"fmt"

	_ "modernc.org/sqlite" // the driver named "sqlite"
)

// readTable hands every row of a table to each, values as text. The record is
// the same one every time.
func readTable(ctx context.Context, path, table string, each func(record)) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("read %s of %s: %w", table, path, err)
		}
	}()
	db, err := sql.Open("sqlite", "file:"+path+"?mode=ro")
	if err != nil {
		return err
	}
	defer db.Close()
	rows, err := db.QueryContext(ctx, "select * from "+table)
	if err != nil {
		return err
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		return err
	}
	r := record{}
	values, into := make([]sql.NullString, len(names)), make([]any, len(names))
	for i := range values {
		into[i] = &values[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return err
		}
		for i, name := range names {
			r[name] = values[i].String
		}
		each(r)
	}
	return rows.Err()
}
