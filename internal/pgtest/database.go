package pgtest

import (
	"context"
	"fmt"
	"sync"

	"github.com/jackc/pgx/v5"
)

// Database makes an empty database and returns its URL.
func (s *Server) Database(ctx context.Context) (string, error) { return s.create(ctx, "template1") }

// Copy makes a database that is a copy of the one at url, to which nothing may be
// connected, and returns the copy's URL.
func (s *Server) Copy(ctx context.Context, url string) (string, error) {
	c, err := pgx.ParseConfig(url)
	if err != nil {
		return "", fmt.Errorf("copy a database: %w", err)
	}
	return s.create(ctx, c.Database)
}

func (s *Server) create(ctx context.Context, template string) (string, error) {
	name := fmt.Sprintf("peyk_%d", s.databases.Add(1))
	err := s.admin.do(ctx, s.url("postgres"), func(conn *pgx.Conn) error {
		_, err := conn.Exec(ctx, "CREATE DATABASE "+name+" TEMPLATE "+template+s.strategy(conn))
		return err
	})
	if err != nil {
		return "", fmt.Errorf("make the database %s: %w", name, err)
	}
	return s.url(name), nil
}

// strategy lets a server that does not sync copy the files as they are instead of
// block by block through the WAL: in a memory file system that takes a third of
// the CPU time.
func (s *Server) strategy(conn *pgx.Conn) string {
	if s.sync || major(conn.PgConn().ParameterStatus("server_version")) < strategies {
		return ""
	}
	return " STRATEGY file_copy"
}

// strategies is the first version whose CREATE DATABASE has STRATEGY. Older ones
// always copy files.
const strategies = 15

// major is the first number of a version such as "15.14 (Debian 15.14-0+deb12u1)".
func major(version string) (n int) {
	_, _ = fmt.Sscanf(version, "%d", &n) // 0: unknown, and so without STRATEGY
	return n
}

// admin is a connection that makes databases, one at a time: opening a connection
// takes more CPU time than a copy. It is opened when it is first needed.
type admin struct {
	mu   sync.Mutex
	conn *pgx.Conn
}

func (a *admin) do(ctx context.Context, url string, fn func(*pgx.Conn) error) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.conn == nil || a.conn.Ping(ctx) != nil { // the server may have been restarted
		conn, err := pgx.Connect(ctx, url)
		if err != nil {
			return err
		}
		a.conn = conn
	}
	return fn(a.conn)
}

func (a *admin) close(ctx context.Context) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.conn != nil {
		_ = a.conn.Close(ctx) // the server ends next
	}
}
