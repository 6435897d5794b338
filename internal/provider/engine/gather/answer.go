package gather

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"

	"peyk/internal/provider/engine/definition"
	"peyk/internal/provider/engine/query"
	"peyk/internal/report"
)

// answer combines what was loaded and asks the further queries.
func (b *bench) answer(ctx context.Context, job Job) (Result, error) {
	table, err := b.ask(ctx, job, job.Combine)
	if err != nil || len(job.Queries) == 0 {
		return Result{Table: table}, err
	}
	if err := b.keep(ctx, table); err != nil {
		return Result{}, err
	}
	r := Result{Table: table, Answers: make([]Table, len(job.Queries))}
	for i, q := range job.Queries {
		if r.Answers[i], err = b.ask(ctx, job, q); err != nil {
			return Result{}, err
		}
	}
	return r, nil
}

// keep makes a table of the combined rows. Its columns have no affinity: the
// values stay what they are.
func (b *bench) keep(ctx context.Context, from Table) (err error) {
	columns := make([]column, len(from.Columns))
	for i, name := range from.Columns {
		columns[i].name = name
	}
	if name := unusable(columns); name != nil {
		return &report.Error{
			Class: report.Permanent, Code: "combine-columns",
			Sentence: fmt.Sprintf("The combining SQL has no usable column names: %q is empty or there twice.", *name),
		}
	}
	t, err := b.create(ctx, definition.Combined, columns)
	if err != nil {
		return fmt.Errorf("keep the combined rows: %w", err)
	}
	defer func() { err = errors.Join(err, t.close()) }()
	perBatch := max(1, variables/max(1, len(columns)))
	values := make([]driver.NamedValue, 0, perBatch*len(columns))
	for i, row := range from.Rows {
		if values = with(values, row); len(values) < cap(values) && i+1 < len(from.Rows) {
			continue
		}
		if err := t.insert(ctx, values); err != nil {
			return fmt.Errorf("keep the combined rows: %w", err)
		}
		values = values[:0]
	}
	return nil
}

// ask runs the author's SQL over what is on the bench.
func (b *bench) ask(ctx context.Context, job Job, q query.Query) (Table, error) {
	args, err := q.Bind(job.Values)
	if err != nil {
		return Table{}, fmt.Errorf("combine: %w", err)
	}
	b.closed = true
	defer func() { b.closed = false }()
	rows, err := b.conn.QueryContext(ctx, q.Text, args...)
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
			return Table{}, tooLong(job.TableCap)
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

func tooLong(most int) error {
	return &report.Error{
		Class: report.Permanent, Code: "table-cap",
		Sentence: fmt.Sprintf("The combined table has more than %d rows, which is the most a document takes. Nothing was cut: there is no report. Ask for less.", most),
	}
}
