package bench

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"

	_ "modernc.org/sqlite" // the driver named sqlite
)

// grown are the tables that hold something of a request, and what of it is left
// once it was purged.
var grown = []struct { //nolint:gochecknoglobals // a table, never written
	table string
	stays bool
}{
	{"requests", true}, {"journal", true}, {"tasks", true}, {"recipients", true}, {"notices", true},
	{"report_files", false}, {"webhook_inbox", false}, {"mails", false},
}

// after are the differences between a copy and its pattern.
var after = []string{ //nolint:gochecknoglobals // a table, never written
	"UPDATE tasks SET done = 1 WHERE done = 0 AND guid IN (SELECT guid FROM numbers WHERE purged)",
	"UPDATE requests SET purged_at = ended_at WHERE guid IN (SELECT guid FROM numbers WHERE purged)",
	"UPDATE notices SET seen_at = at WHERE guid IN (SELECT guid FROM numbers)",
}

// Grow multiplies the newest request in the ledger of a world that does not run,
// all its rows as they are: a finished one is the pattern, so that rows are as
// large and as many as real ones. Those but the last kept ones were purged, as
// all are when their retention is over: their letters and files' rows are gone
// and nothing is owed for them.
func Grow(ctx context.Context, dir string, requests, kept int) (err error) {
	name := url.URL{
		Scheme: "file", OmitHost: true, Path: filepath.Join(dir, "company", "ledger.db"),
		RawQuery: url.Values{"_pragma": {"synchronous(OFF)", "cache_size(-262144)", "temp_store(MEMORY)"}}.Encode(),
	}
	db, err := sql.Open("sqlite", name.String())
	if err != nil {
		return fmt.Errorf("open the ledger to fill it: %w", err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	conn, err := db.Conn(ctx)
	if err != nil {
		return fmt.Errorf("open the ledger to fill it: %w", err)
	}
	defer func() { _ = conn.Close() }() // all that matters is committed, or is not
	_, err = conn.ExecContext(ctx, `CREATE TEMP TABLE numbers AS
		WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
		SELECT i, printf('019a0000-0000-7000-8000-%012x', i) AS guid, i <= ?1 - ?2 AS purged FROM n`, requests, kept)
	for _, g := range grown {
		if err == nil {
			err = multiply(ctx, conn, g.table, g.stays)
		}
	}
	for _, query := range after {
		if err == nil {
			_, err = conn.ExecContext(ctx, query)
		}
	}
	if err != nil {
		return fmt.Errorf("fill the ledger with %d requests: %w", requests, err)
	}
	return nil
}

// multiply copies the rows of the pattern for each number, in the order of their
// GUIDs, as they would have come.
func multiply(ctx context.Context, conn *sql.Conn, table string, stays bool) error {
	var columns, values []string
	rows, err := conn.QueryContext(ctx, "SELECT name FROM pragma_table_info(?)", table)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var column string
		if err := rows.Scan(&column); err != nil {
			return err
		}
		value := "r." + column
		switch {
		case column == "guid":
			value = "n.guid"
		case column == "id":
			value = "r.id || n.i"
		case column == "seq" && table == "notices":
			continue // the table's to give
		}
		columns, values = append(columns, column), append(values, value)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	which := ""
	if !stays {
		which = " AND NOT n.purged"
	}
	_, err = conn.ExecContext(ctx, fmt.Sprintf(`INSERT INTO %s (%s) SELECT %s FROM numbers n CROSS JOIN %s r
		WHERE r.guid = (SELECT max(guid) FROM requests)%s ORDER BY n.i`,
		table, strings.Join(columns, ", "), strings.Join(values, ", "), table, which))
	return err
}
