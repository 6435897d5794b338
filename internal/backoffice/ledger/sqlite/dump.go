package sqlite

import (
	"context"
	"fmt"
)

// Reader runs a query and calls each with every row of its answer: int64, string,
// []byte or nil for each column. The row is the caller's only until each returns.
type Reader func(query string, each func(row []any) error) error

// Dump lets fn read the tables themselves, on the state of one moment: a copy to
// another store takes rows as they lie, not what a View makes of them.
func (l *Ledger) Dump(ctx context.Context, fn func(Reader) error) error {
	s, err := l.readers.take(ctx)
	if err != nil {
		return err
	}
	defer l.readers.handBack(s)
	if _, err := s.exec("BEGIN"); err != nil {
		return fmt.Errorf("begin to dump the ledger: %w", err)
	}
	return fn(func(query string, each func([]any) error) error { return s.dump(ctx, query, each) })
}

func (s *session) dump(ctx context.Context, query string, each func([]any) error) error {
	st, err := s.stmt(query)
	if err != nil {
		return err
	}
	rows, err := st.QueryContext(ctx)
	if err != nil {
		return s.note(err)
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		return err
	}
	row, into := make([]any, len(names)), make([]any, len(names))
	for i := range row {
		into[i] = &row[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return fmt.Errorf("%s: %w", query, err)
		}
		if err := each(row); err != nil {
			return err
		}
	}
	return s.note(rows.Err())
}
