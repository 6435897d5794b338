package transfer

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/jackc/pgx/v5"

	"peyk/internal/backoffice/ledger/postgres"
	"peyk/internal/backoffice/ledger/sqlite"
)

// The errors of this package's own.
var (
	ErrNotEmpty = errors.New("the target is not empty: a ledger is carried into a new database")
	ErrDiffers  = errors.New("the copy differs from its source and was undone")
)

// Table is what was found of one on both sides.
type Table struct {
	Name     string
	From, To int64  // rows
	FromSum  string // SHA-256 over every value of every row, in hex
	ToSum    string
}

// Same reports whether both sides have the same rows.
func (t Table) Same() bool { return t.From == t.To && t.FromSum == t.ToSum }

// Copy carries the ledger in the SQLite file at path into the PostgreSQL database
// at url, which gets its tables if it has none. What was compared is given also
// with ErrDiffers.
func Copy(ctx context.Context, path, url string) ([]Table, error) {
	if _, err := os.Stat(path); err != nil { // it would be made
		return nil, fmt.Errorf("copy the ledger: %w", err)
	}
	from, err := sqlite.Open(ctx, sqlite.Config{Path: path})
	if err != nil {
		return nil, fmt.Errorf("copy the ledger: %w", err)
	}
	compared, err := copyTo(ctx, from, url)
	if err := errors.Join(err, from.Close()); err != nil {
		return compared, fmt.Errorf("copy the ledger %s: %w", path, err)
	}
	return compared, nil
}

func copyTo(ctx context.Context, from *sqlite.Ledger, url string) (compared []Table, err error) {
	to, err := postgres.Open(ctx, postgres.Config{URL: url, Conns: 2}) // it makes the tables
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, to.Close()) }()
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return nil, fmt.Errorf("reach the target: %w", err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }() // all that matters is committed, or is not
	err = from.Dump(ctx, func(read sqlite.Reader) error {
		return pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
			c := carrier{read: read, tx: tx}
			if err := c.carry(ctx); err != nil {
				return err
			}
			compared, err = c.compare(ctx)
			return err
		})
	})
	return compared, err
}

// carrier copies and compares within one transaction on each side.
type carrier struct {
	read sqlite.Reader
	tx   pgx.Tx
}

// carry copies every table, and lets the numbers that are given go on.
func (c carrier) carry(ctx context.Context) error {
	for _, t := range tables() {
		if err := c.claim(ctx, t); err != nil {
			return err
		}
	}
	for _, t := range tables() {
		if err := c.copy(ctx, t); err != nil {
			return fmt.Errorf("copy the table %s: %w", t.name, err)
		}
	}
	if err := c.derive(ctx); err != nil {
		return err
	}
	return c.goOn(ctx)
}

// derive makes what is worked out of the other tables: the rows of who receives,
// and the mark by which the index of words is filled once the ledger is opened.
func (c carrier) derive(ctx context.Context) error {
	for _, query := range []string{
		`INSERT INTO received SELECT c.guid, c.account, r.state FROM recipients c JOIN requests r ON r.guid = c.guid
			WHERE c.gone_at IS NULL AND c.account <> r.owner`,
		"INSERT INTO search_gap SELECT 1, '~' WHERE EXISTS (SELECT 1 FROM requests)",
	} {
		if _, err := c.tx.Exec(ctx, query); err != nil {
			return fmt.Errorf("work out what lists are read from: %s: %w", query, err)
		}
	}
	return nil
}

// claim locks a table, which must be empty, against whoever might write now.
func (c carrier) claim(ctx context.Context, t table) error {
	if _, err := c.tx.Exec(ctx, "LOCK TABLE "+t.name+" IN EXCLUSIVE MODE"); err != nil {
		return fmt.Errorf("lock the table %s: %w", t.name, err)
	}
	var any bool
	if err := c.tx.QueryRow(ctx, "SELECT EXISTS (SELECT 1 FROM "+t.name+")").Scan(&any); err != nil {
		return fmt.Errorf("look into the table %s: %w", t.name, err)
	}
	if any {
		return fmt.Errorf("%w (its table %s has rows)", ErrNotEmpty, t.name)
	}
	return nil
}

// copy sends the rows as they are read.
func (c carrier) copy(ctx context.Context, t table) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	rows := make(chan []any, 64)
	go func() {
		defer close(rows)
		err := c.read(t.query(), func(row []any) error {
			out, err := t.fromSQLite(row)
			if err != nil {
				return err
			}
			select {
			case rows <- out:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
		if err != nil {
			cancel(err)
		}
	}()
	_, err := c.tx.CopyFrom(ctx, pgx.Identifier{t.name}, t.names(), pgx.CopyFromFunc(func() ([]any, error) {
		row, more := <-rows
		if !more {
			return nil, context.Cause(ctx)
		}
		return row, nil
	}))
	cancel(nil)
	for range rows { // until the reader has ended
		continue
	}
	return err
}

// goOn lets each number go on above the highest given. A sequence is not undone
// with a transaction, but a number that nobody got harms nobody.
func (c carrier) goOn(ctx context.Context) error {
	var fence int64
	err := c.read("SELECT value FROM meta WHERE name = 'fence'", func(row []any) error {
		fence, _ = row[0].(int64)
		return nil
	})
	if err != nil {
		return fmt.Errorf("read the last fence: %w", err)
	}
	for _, s := range []struct {
		name, highest string
		least         int64
	}{
		{"'fences'", "SELECT max(fence) FROM tasks", fence},
		{"'notice_numbers'", "SELECT max(seq) FROM notices", 0},
		{"pg_get_serial_sequence('approvals', 'id')", "SELECT max(id) FROM approvals", 0},
		{"pg_get_serial_sequence('parked', 'id')", "SELECT max(id) FROM parked", 0},
	} {
		query := "SELECT setval(" + s.name + ", greatest(coalesce((" + s.highest + "), 0), $1) + 1, false)"
		if _, err := c.tx.Exec(ctx, query, s.least); err != nil {
			return fmt.Errorf("let %s go on: %w", s.name, err)
		}
	}
	return nil
}

// compare reads both sides again.
func (c carrier) compare(ctx context.Context) (out []Table, err error) {
	for _, t := range tables() {
		from, to := newDigest(), newDigest()
		err := c.read(t.query(), func(row []any) error {
			row, err := t.fromSQLite(row)
			return errors.Join(err, from.add(row))
		})
		if err != nil {
			return out, fmt.Errorf("read the table %s of the source: %w", t.name, err)
		}
		if err := c.digest(ctx, t, to); err != nil {
			return out, fmt.Errorf("read the table %s of the copy: %w", t.name, err)
		}
		out = append(out, Table{t.name, from.rows, to.rows, from.String(), to.String()})
	}
	for _, t := range out {
		if !t.Same() {
			err = fmt.Errorf("%w: %s", ErrDiffers, t.Name)
		}
	}
	return out, err
}

func (c carrier) digest(ctx context.Context, t table, d *digest) error {
	rows, err := c.tx.Query(ctx, t.query())
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		row, err := rows.Values()
		if err == nil {
			err = d.add(row)
		}
		if err != nil {
			return err
		}
	}
	return rows.Err()
}
