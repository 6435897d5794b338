package gather

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"peyk/internal/provider/engine/definition"
	"peyk/internal/provider/engine/query"
	"peyk/internal/report"
)

// spare is what the server's own timeout has until ours breaks off: its end is
// the better one, the connection outlives it.
const spare = 2 * time.Second

// postgres is a PostgreSQL database.
type postgres struct{ pool *pgxpool.Pool }

func (p postgres) dialect() query.Dialect { return query.PostgreSQL }

func (p postgres) close() error {
	p.pool.Close()
	return nil
}

// read has the query as of the beginning of its transaction.
func (p postgres) read(ctx context.Context, s definition.Source, job Job, to *reader) (asOf time.Time, err error) {
	err = p.use(ctx, s, func(conn *pgconn.PgConn) error {
		return within(ctx, s, spare, to, func(ctx context.Context) error {
			if asOf, err = begin(ctx, conn, s); err != nil {
				return err
			}
			return stream(ctx, conn, s, job.Values, to)
		})
	})
	return asOf, err
}

// use lends a connection and leaves it as it was before: what the query set,
// held or locked goes with the transaction and the session.
func (p postgres) use(ctx context.Context, s definition.Source, do func(*pgconn.PgConn) error) error {
	conn, err := p.pool.Acquire(ctx)
	if err != nil {
		return unreached(s.Name, err)
	}
	defer conn.Release()
	defer tidy(ctx, conn.Conn().PgConn())
	return do(conn.Conn().PgConn())
}

// tidyTime bounds the tidying of a connection; one that takes longer is closed.
const tidyTime = 2 * time.Second

func tidy(ctx context.Context, conn *pgconn.PgConn) {
	if conn.IsClosed() || conn.IsBusy() {
		return // the pool gives it up
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), tidyTime)
	defer cancel()
	for _, statement := range []string{"ROLLBACK", "DISCARD ALL"} {
		if err := conn.Exec(ctx, statement).Close(); err != nil {
			_ = conn.Close(ctx) // that is what makes it harmless
			return
		}
	}
}

// begin opens the transaction: one snapshot, nothing written, nothing without
// an end, and texts written one way. Strings are read as the query package
// reads them. There is no compiling: a server that loads its compiler loses
// the request to cancel (seen with 15).
func begin(ctx context.Context, conn *pgconn.PgConn, s definition.Source) (time.Time, error) {
	text := fmt.Sprintf(`BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
		SET LOCAL statement_timeout = %d; SET LOCAL lock_timeout = '10s';
		SET LOCAL idle_in_transaction_session_timeout = '60s';
		SET LOCAL standard_conforming_strings = on; SET LOCAL DateStyle = 'ISO'; SET LOCAL TimeZone = 'UTC';
		SET LOCAL extra_float_digits = 1; SET LOCAL client_encoding = 'UTF8'; SET LOCAL jit = off;
		SELECT (extract(epoch FROM now()) * 1000000)::bigint`, max(1, timeoutOf(s).Milliseconds()))
	began := time.Now()
	results, err := conn.Exec(ctx, text).ReadAll()
	if err != nil {
		return time.Time{}, failedPostgres(s, began, err)
	}
	last := results[len(results)-1]
	micros, err := strconv.ParseInt(string(last.Rows[0][0]), 10, 64)
	return time.UnixMicro(micros).UTC(), err
}

// stream runs the query and hands its rows on. Values go to the server apart
// from the text and without a type, which it takes from where they stand. A
// query that is not read to its end is cancelled at the server.
func stream(ctx context.Context, conn *pgconn.PgConn, s definition.Source, values map[query.Placeholder]any, to *reader) error {
	args, err := texts(s.Query, values)
	if err != nil {
		return fmt.Errorf("read source %s: %w", s.Name, err)
	}
	ctx, cancel := context.WithCancel(ctx)
	began := time.Now()
	rows := conn.ExecParams(ctx, s.Query.Text, args, nil, nil, nil)
	err = handOn(rows, s, to)
	if err != nil {
		cancel()
	}
	_, closing := rows.Close()
	cancel()
	if err == nil && closing != nil {
		err = failedPostgres(s, began, closing)
	}
	if err != nil {
		return err
	}
	return to.end()
}

// handOn gives the rows to the reader. What ended them Close says.
func handOn(rows *pgconn.ResultReader, s definition.Source, to *reader) error {
	var convert []converter
	row := []any(nil)
	for more := rows.NextRow(); more || convert == nil; more = rows.NextRow() {
		if convert == nil {
			if rows.FieldDescriptions() == nil {
				return nil // an error came first
			}
			columns, converters, err := columnsPostgres(s, rows.FieldDescriptions())
			if err == nil {
				err = to.begin(columns)
			}
			if err != nil {
				return err
			}
			convert, row = converters, make([]any, len(converters))
		}
		if !more {
			break
		}
		for i, v := range rows.Values() {
			if row[i] = nil; v == nil {
				continue
			}
			var err error
			if row[i], err = convert[i](v); err != nil {
				return unfit(s, to.columns[i].name, err)
			}
		}
		if err := to.add(row); err != nil {
			return err
		}
	}
	return nil
}

func unfit(s definition.Source, column string, why error) error {
	return &report.Error{
		Class: report.Permanent, Code: "source-type",
		Sentence: fmt.Sprintf("The column %s of the source %s %v.", column, s.Name, why),
	}
}

// texts are the arguments as PostgreSQL reads them from text.
func texts(q query.Query, values map[query.Placeholder]any) ([][]byte, error) {
	args, err := q.Bind(values)
	if err != nil {
		return nil, err
	}
	all := make([][]byte, len(args))
	for i, arg := range args {
		switch v := arg.(type) {
		case nil:
		case string:
			all[i] = []byte(v)
		case bool:
			all[i] = []byte(map[bool]string{false: "0", true: "1"}[v])
		case int, int64, float64:
			all[i] = fmt.Append(nil, v)
		default:
			return nil, errors.New("bind " + q.Placeholders[i].String() + ": no text for " + fmt.Sprintf("%T", v))
		}
	}
	return all, nil
}
