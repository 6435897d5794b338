package gather

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"
)

// load writes the batches as they come. Cancelling is looked at between
// batches: a watcher for each of them would cost more than the batch.
func (b *bench) load(ctx context.Context, job Job, batches <-chan batch) (err error) {
	steady := context.WithoutCancel(ctx)
	tables := make([]*table, len(job.Sources))
	defer func() { err = errors.Join(err, closeAll(tables)) }() // a statement left open would keep the database
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
		select {
		case batch.free <- batch.values:
		default:
		}
	}
	return nil
}

func closeAll(tables []*table) error {
	var errs []error
	for _, t := range tables {
		errs = append(errs, t.close())
	}
	return errors.Join(errs...)
}

// table of one source on the bench.
type table struct {
	bench   *bench
	name    string
	columns int
	stmt    driver.Stmt // inserts as many values as a full batch has
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
// batches of a source but the last are equally long. It speaks to the driver:
// database/sql would look at every value again.
func (t *table) insert(ctx context.Context, values []driver.NamedValue) error {
	if len(values) == 0 {
		return nil
	}
	return t.bench.conn.Raw(func(conn any) error {
		if t.stmt == nil || t.values != len(values) {
			if err := t.prepare(ctx, conn, len(values)); err != nil {
				return err
			}
		}
		stmt, ok := t.stmt.(driver.StmtExecContext)
		if !ok {
			return fmt.Errorf("insert with a statement of type %T: it takes no context", t.stmt)
		}
		_, err := stmt.ExecContext(ctx, values)
		return err
	})
}

func (t *table) prepare(ctx context.Context, conn any, values int) error {
	if err := t.close(); err != nil {
		return err
	}
	c, ok := conn.(driver.ConnPrepareContext)
	if !ok {
		return fmt.Errorf("prepare on a connection of type %T: it takes no context", conn)
	}
	stmt, err := c.PrepareContext(ctx, t.statement(values/t.columns))
	if err != nil {
		return err
	}
	t.stmt, t.values = stmt, values
	return nil
}

// with gives the values to the driver's list, numbered as it wants them.
func with(list []driver.NamedValue, values []any) []driver.NamedValue {
	for _, v := range values {
		list = append(list, driver.NamedValue{Ordinal: len(list) + 1, Value: v})
	}
	return list
}

func (t *table) close() error {
	if t == nil || t.stmt == nil {
		return nil
	}
	stmt := t.stmt
	t.stmt = nil
	return stmt.Close()
}

func (t *table) statement(rows int) string {
	row := "(" + strings.TrimSuffix(strings.Repeat("?,", t.columns), ",") + ")"
	return "INSERT INTO " + quote(t.name) + " VALUES " + strings.TrimSuffix(strings.Repeat(row+",", rows), ",")
}
