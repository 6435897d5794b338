package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"sync"
)

// SQLite reads and plans the text of a statement each time it is given one,
// which takes longer than most of ours take to run. So every text is prepared
// once on its connection and kept; there are some dozens, all constants of this
// package.

// session is the writing connection. One goroutine uses it at a time.
type session struct {
	db    *sql.DB
	conn  *sql.Conn // nil until it is needed, and after drop
	known map[string]*sql.Stmt
}

func (s *session) stmt(query string) (*sql.Stmt, error) {
	if st, ok := s.known[query]; ok {
		return st, nil
	}
	if s.conn == nil {
		conn, err := s.db.Conn(context.Background())
		if err != nil {
			return nil, err
		}
		s.conn, s.known = conn, map[string]*sql.Stmt{}
	}
	st, err := s.conn.PrepareContext(context.Background(), query)
	if err != nil {
		return nil, fmt.Errorf("prepare %q: %w", query, err)
	}
	s.known[query] = st
	return st, nil
}

// Exec runs a statement that gives no rows.
func (s *session) Exec(query string, args ...any) (sql.Result, error) {
	st, err := s.stmt(query)
	if err != nil {
		return nil, err
	}
	return st.ExecContext(context.Background(), args...)
}

// QueryContext runs a statement that gives rows.
func (s *session) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	st, err := s.stmt(query)
	if err != nil {
		return nil, err
	}
	return st.QueryContext(ctx, args...)
}

// QueryRowContext runs a statement that gives one row at most. A statement that
// cannot be prepared says so when the row is read.
func (s *session) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	st, err := s.stmt(query)
	if err != nil {
		return s.db.QueryRowContext(cancelled(err), query)
	}
	return st.QueryRowContext(ctx, args...)
}

// QueryRow is QueryRowContext within a change, which nobody breaks off.
func (s *session) QueryRow(query string, args ...any) *sql.Row {
	return s.QueryRowContext(context.Background(), query, args...)
}

// cancelled is a context that was ended by err: the only way to make a *sql.Row
// that is an error.
func cancelled(err error) context.Context {
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(err)
	return ctx
}

// drop closes the connection itself, with whatever it has begun; the next
// statement gets a new one.
func (s *session) drop() {
	if s.conn == nil {
		return
	}
	for _, st := range s.known {
		_ = st.Close() // it may be the connection that is broken
	}
	_ = s.conn.Raw(func(any) error { return driver.ErrBadConn }) // the documented way to drop it
	_ = s.conn.Close()
	s.conn, s.known = nil, nil
}

// statements are those of the reading connections.
type statements struct {
	db    *sql.DB
	mu    sync.Mutex
	known map[string]*sql.Stmt
}

func (s *statements) stmt(query string) (*sql.Stmt, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if st, ok := s.known[query]; ok {
		return st, nil
	}
	st, err := s.db.PrepareContext(context.Background(), query)
	if err != nil {
		return nil, fmt.Errorf("prepare %q: %w", query, err)
	}
	s.known[query] = st
	return st, nil
}

// QueryContext runs a statement that gives rows.
func (s *statements) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	st, err := s.stmt(query)
	if err != nil {
		return nil, err
	}
	return st.QueryContext(ctx, args...)
}

// QueryRowContext runs a statement that gives one row at most.
func (s *statements) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	st, err := s.stmt(query)
	if err != nil {
		return s.db.QueryRowContext(cancelled(err), query)
	}
	return st.QueryRowContext(ctx, args...)
}

func (s *statements) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var errs []error
	for _, st := range s.known {
		errs = append(errs, st.Close())
	}
	s.known = map[string]*sql.Stmt{}
	return errors.Join(append(errs, s.db.Close())...)
}
