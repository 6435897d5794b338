package gather

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"peyk/internal/provider/engine/definition"
	"peyk/internal/provider/engine/query"
)

// sqliteFile is a SQLite database.
type sqliteFile struct{ db *sql.DB }

func (f sqliteFile) dialect() query.Dialect { return query.SQLite }
func (f sqliteFile) close() error           { return f.db.Close() }

// read has the query as of the job: SQLite keeps no time of its own.
func (f sqliteFile) read(ctx context.Context, s definition.Source, job Job, to *reader) (asOf time.Time, err error) {
	conn, err := f.db.Conn(ctx)
	if err != nil {
		return job.AsOf, failed(s.Name, err)
	}
	defer conn.Close() //nolint:errcheck // it goes back to the pool
	return job.AsOf, within(ctx, s, 0, to, func(ctx context.Context) error { return readSQLite(ctx, conn, s, job.Values, to) })
}

func readSQLite(ctx context.Context, conn *sql.Conn, s definition.Source, values map[query.Placeholder]any, to *reader) error {
	args, err := s.Query.Bind(values)
	if err != nil {
		return fmt.Errorf("read source %s: %w", s.Name, err)
	}
	rows, types, err := open(ctx, conn, s.Query.Text, args)
	if err != nil {
		return failed(s.Name, err)
	}
	defer rows.Close() //nolint:errcheck // read to the end or failed already
	if err := to.begin(columnsOf(types)); err != nil {
		return err
	}
	row, into := rowOf(len(types))
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return failed(s.Name, err)
		}
		if err := to.add(row); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return failed(s.Name, err)
	}
	return to.end()
}

// open runs the query. The driver makes times of columns declared as dates,
// and how the source wrote them would be lost; a unary plus takes the
// declaration away.
func open(ctx context.Context, db *sql.Conn, text string, args []any) (*sql.Rows, []*sql.ColumnType, error) {
	rows, err := db.QueryContext(ctx, text, args...)
	if err != nil {
		return nil, nil, err
	}
	types, err := rows.ColumnTypes()
	if err == nil && !slices.ContainsFunc(types, isDate) {
		return rows, types, nil
	}
	if err := errors.Join(err, rows.Close()); err != nil {
		return nil, nil, err
	}
	rows, err = db.QueryContext(ctx, undated(text, types), args...)
	return rows, types, err
}

func isDate(t *sql.ColumnType) bool {
	switch t.DatabaseTypeName() {
	case "DATE", "DATETIME", "TIMESTAMP":
		return true
	}
	return false
}

func undated(text string, types []*sql.ColumnType) string {
	names := make([]string, len(types))
	for i, t := range types {
		names[i] = "+" + quote(t.Name()) + " AS " + quote(t.Name())
	}
	return "SELECT " + strings.Join(names, ", ") + " FROM (" + text + "\n)"
}

// columnsOf gives each column the affinity its declared type has in SQLite
// (https://www.sqlite.org/datatype3.html, section 3.1).
func columnsOf(types []*sql.ColumnType) []column {
	all := make([]column, len(types))
	for i, t := range types {
		declared := strings.ToUpper(t.DatabaseTypeName())
		all[i] = column{name: t.Name(), affinity: declaredAffinity(declared), inferred: declared == ""}
	}
	return all
}

func declaredAffinity(declared string) string {
	has := func(parts ...string) bool {
		return slices.ContainsFunc(parts, func(p string) bool { return strings.Contains(declared, p) })
	}
	switch {
	case has("INT"):
		return "INTEGER"
	case has("CHAR", "CLOB", "TEXT"):
		return "TEXT"
	case declared == "" || has("BLOB"):
		return ""
	case has("REAL", "FLOA", "DOUB"):
		return "REAL"
	}
	return "NUMERIC"
}

// rowOf gives a row of n values and the pointers to scan into it.
func rowOf(n int) (row, into []any) {
	row, into = make([]any, n), make([]any, n)
	for i := range row {
		into[i] = &row[i]
	}
	return row, into
}

// quote a name for SQL.
func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }
