package gather

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"peyk/internal/provider/engine/definition"
	"peyk/internal/provider/engine/query"
)

// estimate multiplies the sizes of what SQLite would go through one inside the
// other, and takes the largest product.
func (f sqliteFile) estimate(ctx context.Context, s definition.Source, values map[query.Placeholder]any) (int64, error) {
	args, err := s.Query.Bind(values)
	if err != nil {
		return 0, fmt.Errorf("estimate source %s: %w", s.Name, err)
	}
	conn, err := f.db.Conn(ctx)
	if err != nil {
		return 0, failed(s.Name, err)
	}
	defer conn.Close() //nolint:errcheck // it goes back to the pool
	loops, err := loopsOf(ctx, conn, s.Query.Text, args)
	if err != nil {
		return 0, failed(s.Name, err)
	}
	most := int64(0)
	for i := range loops {
		if loops[i].rows, err = loops[i].size(ctx, conn); err != nil {
			return 0, failed(s.Name, err)
		}
		most = max(most, loops[i].inside(loops[:i]))
	}
	return most, nil
}

// loop of SQLite's program over a table or an index.
type loop struct {
	from, to int  // its first instruction, and where it ends
	root     int  // page of the table or index
	part     bool // only a range of it
	rows     int64
}

// inside is how often the loop turns, counting those it lies in. What is looked
// up by an index for each turn of another counts once.
func (l *loop) inside(before []loop) int64 {
	around, deep := int64(1), false
	for _, outer := range before {
		if outer.from < l.from && l.from < outer.to {
			around, deep = times(around, outer.rows), true
		}
	}
	if deep && l.part {
		l.rows = 1
	}
	return times(around, l.rows)
}

// loopsOf reads them from the program (https://www.sqlite.org/opcode.html):
// the query plan names tables by their alias only.
func loopsOf(ctx context.Context, conn *sql.Conn, text string, args []any) (loops []loop, err error) {
	rows, err := conn.QueryContext(ctx, "EXPLAIN "+text, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // read to the end or failed already
	roots := map[int]int{}
	var begins []loop
	var cursors []int
	for rows.Next() {
		var at, p1, p2, p3 int
		var code string
		var rest any
		if err := rows.Scan(&at, &code, &p1, &p2, &p3, &rest, &rest, &rest); err != nil {
			return nil, err
		}
		switch code {
		case "OpenRead", "ReopenIdx":
			if p3 == 0 { // the database, not a temporary one
				roots[p1] = p2
			}
		case "Rewind", "Last", "SeekGE", "SeekGT", "SeekLE", "SeekLT":
			begins = append(begins, loop{from: at, to: p2, part: code[0] == 'S'})
			cursors = append(cursors, p1)
		case "Count": // goes through all pages without a loop
			begins = append(begins, loop{from: at, to: at})
			cursors = append(cursors, p1)
		}
	}
	for i, l := range begins {
		if l.root = roots[cursors[i]]; l.root != 0 {
			loops = append(loops, l)
		}
	}
	return loops, rows.Err()
}

// inRange is the part of a table that a range of its index is taken for, as
// SQLite's planner does without statistics.
const inRange = 4

// size of what the loop goes through: as the statistics have it, else the
// largest row number. A table that has neither counts as nothing.
func (l loop) size(ctx context.Context, conn *sql.Conn) (int64, error) {
	name := "sqlite_schema"
	if l.root > 1 {
		err := conn.QueryRowContext(ctx, "SELECT tbl_name FROM sqlite_schema WHERE rootpage = ?", l.root).Scan(&name)
		if err != nil {
			return 0, err
		}
	}
	var n sql.NullInt64
	err := conn.QueryRowContext(ctx, "SELECT CAST(stat AS INTEGER) FROM sqlite_stat1 WHERE tbl = ? ORDER BY idx LIMIT 1", name).Scan(&n)
	if err != nil {
		if err = conn.QueryRowContext(ctx, "SELECT max(rowid) FROM "+quote(name)).Scan(&n); err != nil && !passing(err) {
			err = nil
		}
	}
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	if l.part {
		n.Int64 = (n.Int64 + inRange - 1) / inRange
	}
	return n.Int64, err
}
