package gather

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	"modernc.org/sqlite"
)

// readersPerDatabase bounds the connections to one database; more wait.
const readersPerDatabase = 4

// openDatabase opens the SQLite database at path for reading. It must exist.
func openDatabase(path string) (*sql.DB, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("open database %s: not a file", path)
	}
	absolute, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("open database %s: %w", path, err)
	}
	dsn := url.URL{Scheme: "file", Path: absolute, RawQuery: "mode=ro&_busy_timeout=5000&_query_only=1&_dqs=0"}
	inner, err := sqlite.NewConnector(dsn.String())
	if err != nil {
		return nil, fmt.Errorf("open database %s: %w", path, err)
	}
	db := sql.OpenDB(readOnly{inner})
	db.SetMaxOpenConns(readersPerDatabase)
	db.SetMaxIdleConns(readersPerDatabase)
	return db, nil
}

// readOnly connects with the authorizer already in place, so that no
// connection of the pool can be without it.
type readOnly struct{ driver.Connector }

func (c readOnly) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	if err := restrict(conn); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return conn, nil
}

// restrict makes SQLite refuse, while it compiles a statement, whatever is
// not reading.
func restrict(conn any) error {
	r, ok := conn.(sqlite.AuthorizerRegisterer)
	if !ok {
		return fmt.Errorf("restrict a connection of type %T: it has no authorizer", conn)
	}
	return r.RegisterAuthorizer(func(action sqlite.AuthorizerActionCode, _, _, _, _ string) sqlite.AuthorizerReturnCode {
		switch action {
		case sqlite.AuthSelect, sqlite.AuthRead, sqlite.AuthFunction, sqlite.AuthRecursive:
			return sqlite.AuthorizerOK
		}
		return sqlite.AuthorizerDeny
	})
}
