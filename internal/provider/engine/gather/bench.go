package gather

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"modernc.org/sqlite"

	"peyk/internal/report"
)

// bench is the workbench: one SQLite connection that dies with the report.
type bench struct {
	db   *sql.DB
	conn *sql.Conn
	file string // "": in memory
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

func openBench(ctx context.Context, dir string) (*bench, error) {
	b := &bench{}
	name := ":memory:"
	if dir != "" {
		f, err := os.CreateTemp(dir, benches)
		if err != nil {
			return nil, fmt.Errorf("open workbench: %w", err)
		}
		b.file, name = f.Name(), f.Name()
		if err := f.Close(); err != nil {
			return nil, errors.Join(fmt.Errorf("open workbench: %w", err), os.Remove(b.file))
		}
	}
	if err := b.connect(ctx, name); err != nil {
		return nil, errors.Join(fmt.Errorf("open workbench: %w", err), b.close())
	}
	return b, nil
}

// connect opens the database. What is on the bench is never needed after a
// crash: neither journal nor sync.
func (b *bench) connect(ctx context.Context, name string) error {
	connector, err := sqlite.NewConnector(name + "?_pragma=locking_mode(exclusive)&_journal_mode=OFF&_synchronous=OFF&_dqs=0")
	if err != nil {
		return err
	}
	b.db = sql.OpenDB(connector)
	b.conn, err = b.db.Conn(ctx)
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
	if b.file != "" {
		errs = append(errs, os.Remove(b.file))
	}
	return errors.Join(errs...)
}

// load writes the batches as they come, in one transaction. Cancelling is
// looked at between batches: a watcher for each of them would cost more than
// the batch.
func (b *bench) load(ctx context.Context, job Job, batches <-chan batch) error {
	steady := context.WithoutCancel(ctx)
	if _, err := b.conn.ExecContext(steady, "BEGIN"); err != nil {
		return fmt.Errorf("load workbench: %w", err)
	}
	tables := make([]*table, len(job.Sources))
	for batch := range batches {
		if err := ctx.Err(); err != nil {
			return err
		}
		if batch.columns != nil {
			t, err := b.create(steady, job.Sources[batch.source].Name, batch.columns)
			if err != nil {
				return fmt.Errorf("load workbench: %w", err)
			}
			tables[batch.source] = t
		}
		if err := tables[batch.source].insert(steady, batch.values); err != nil {
			return fmt.Errorf("load workbench: %w", err)
		}
	}
	if _, err := b.conn.ExecContext(steady, "COMMIT"); err != nil {
		return fmt.Errorf("load workbench: %w", err)
	}
	return nil
}

// combine runs the author's SQL over what was loaded.
func (b *bench) combine(ctx context.Context, job Job) (Table, error) {
	args, err := job.Combine.Bind(job.Values)
	if err != nil {
		return Table{}, fmt.Errorf("combine: %w", err)
	}
	if err := b.conn.Raw(restrict); err != nil {
		return Table{}, fmt.Errorf("combine: %w", err)
	}
	rows, err := b.conn.QueryContext(ctx, job.Combine.Text, args...)
	if err != nil {
		return Table{}, uncombined(err)
	}
	defer rows.Close() //nolint:errcheck // read to the end or failed already
	t := Table{}
	if t.Columns, err = rows.Columns(); err != nil {
		return Table{}, uncombined(err)
	}
	for rows.Next() {
		if len(t.Rows) == job.TableCap {
			return Table{}, &report.Error{
				Class: report.Permanent, Code: "table-cap",
				Sentence: fmt.Sprintf("The combined table has more than %d rows, which is the most a document takes. Nothing was cut: there is no report. Ask for less.", job.TableCap),
			}
		}
		row, into := rowOf(len(t.Columns))
		if err := rows.Scan(into...); err != nil {
			return Table{}, uncombined(err)
		}
		t.Rows = append(t.Rows, row)
	}
	if err := rows.Err(); err != nil {
		return Table{}, uncombined(err)
	}
	return t, nil
}

// table of one source on the bench.
type table struct {
	bench   *bench
	name    string
	columns int
	stmt    *sql.Stmt // inserts as many values as a full batch has
	values  int
}

func (b *bench) create(ctx context.Context, name string, columns []column) (*table, error) {
	defs := make([]string, len(columns))
	for i, c := range columns {
		defs[i] = quote(c.name) + " " + c.affinity
	}
	_, err := b.conn.ExecContext(ctx, "CREATE TABLE "+quote(name)+" ("+strings.Join(defs, ", ")+")")
	return &table{bench: b, name: name, columns: len(columns)}, err
}

// insert writes rows of values. The statement of the last size is kept: all
// batches of a source but the last are equally long.
func (t *table) insert(ctx context.Context, values []any) error {
	if len(values) == 0 {
		return nil
	}
	if t.stmt == nil || t.values != len(values) {
		stmt, err := t.bench.conn.PrepareContext(ctx, t.statement(len(values)/t.columns))
		if err != nil {
			return err
		}
		t.stmt, t.values = stmt, len(values)
	}
	_, err := t.stmt.ExecContext(ctx, values...)
	return err
}

func (t *table) statement(rows int) string {
	row := "(" + strings.TrimSuffix(strings.Repeat("?,", t.columns), ",") + ")"
	return "INSERT INTO " + quote(t.name) + " VALUES " + strings.TrimSuffix(strings.Repeat(row+",", rows), ",")
}
