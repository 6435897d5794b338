package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"

	sqlite3 "modernc.org/sqlite/lib"

	"peyk/internal/backoffice/ledger"
)

// session is one connection and the statements prepared on it. Each SQL text
// is prepared once and kept: there are some hundred, all made of constants of
// this package. One goroutine uses a session at a time.
//
// A statement runs to its end: a context that can be cancelled would cost each
// one a goroutine, half as much again as the reading itself, and all are short.
type session struct {
	db     *sql.DB
	engine Engine
	conn   *sql.Conn // nil until it is needed, and after discard
	stmts  map[string]*sql.Stmt

	// broken is the first failure of the store. SQLite may have rolled back the
	// whole transaction with it, and would keep what runs after it at once, each
	// statement for itself: so nothing does, until discard.
	broken error
}

func newSession(db *sql.DB, e Engine) *session { return &session{db: db, engine: e} }

func (s *session) connect() error {
	conn, err := s.db.Conn(context.Background())
	if err != nil {
		return err
	}
	s.conn, s.stmts = conn, make(map[string]*sql.Stmt)
	return nil
}

// discard closes the connection itself, with whatever transaction it has open,
// instead of handing it back to the pool. The next statement gets a new one.
// SQLite keeps a connection alive, and its locks, while a statement is open.
func (s *session) discard() {
	if s.conn == nil {
		return
	}
	for _, st := range s.stmts {
		_ = st.Close() // it may be the connection that is broken
	}
	_ = s.conn.Raw(func(any) error { return driver.ErrBadConn }) // the documented way to drop it
	_ = s.conn.Close()
	s.conn, s.stmts, s.broken = nil, nil, nil
}

// note looks whether err is a failure of the store. A constraint is none: it
// undoes one statement and leaves the transaction as it was.
func (s *session) note(err error) error {
	if err == nil || s.broken != nil {
		return err
	}
	if code, ok := s.engine.Code(err); ok && code != sqlite3.SQLITE_CONSTRAINT {
		s.broken = err
	}
	return err
}

func (s *session) stmt(query string) (*sql.Stmt, error) {
	if s.broken != nil {
		return nil, s.broken
	}
	if st, ok := s.stmts[query]; ok {
		return st, nil
	}
	if s.conn == nil {
		if err := s.connect(); err != nil {
			return nil, err
		}
	}
	st, err := s.conn.PrepareContext(context.Background(), query)
	if err != nil {
		return nil, s.note(fmt.Errorf("prepare %q: %w", query, err))
	}
	s.stmts[query] = st
	return st, nil
}

// exec runs a statement and tells how many rows it changed.
func (s *session) exec(query string, args ...any) (int64, error) {
	st, err := s.stmt(query)
	if err != nil {
		return 0, err
	}
	res, err := st.ExecContext(context.Background(), args...)
	if err != nil {
		return 0, s.note(err)
	}
	return res.RowsAffected()
}

// scanner is a row to read from: *sql.Row or *sql.Rows.
type scanner interface{ Scan(dest ...any) error }

// one reads a single row, or ErrNotFound.
func one[T any](v *view, scan func(scanner, *T) error, query string, args ...any) (T, error) {
	var row T
	st, err := v.stmt(query)
	if err != nil {
		return row, err
	}
	err = scan(st.QueryRowContext(context.Background(), args...), &row)
	if errors.Is(err, sql.ErrNoRows) {
		return row, ledger.ErrNotFound
	}
	return row, v.s.note(err)
}

// all reads every row. The rows are taken before it returns, so the connection
// is free for the next statement.
func all[T any](v *view, scan func(scanner, *T) error, query string, args ...any) ([]T, error) {
	st, err := v.stmt(query)
	if err != nil {
		return nil, err
	}
	rows, err := st.QueryContext(context.Background(), args...)
	if err != nil {
		return nil, v.s.note(err)
	}
	defer rows.Close()
	var out []T
	for rows.Next() {
		var row T
		if err := scan(rows, &row); err != nil {
			return nil, err
		}
		out = append(out, row)
	}
	return out, v.s.note(rows.Err())
}

// column scans a row of one column.
func column[T any](row scanner, out *T) error { return row.Scan(out) }
