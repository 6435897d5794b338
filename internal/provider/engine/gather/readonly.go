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
	"strings"

	"modernc.org/sqlite"
)

// readersPerDatabase bounds the connections to one database; more wait.
const readersPerDatabase = 4

// openDatabase opens the SQLite database at path for reading. It must exist.
func openDatabase(path string) (database, error) {
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
	return sqliteFile{db}, nil
}

// readOnly connects with the authorizer already in place, so that no
// connection of the pool can be without it.
type readOnly struct{ driver.Connector }

func (c readOnly) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	if err := restrict(conn, always); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return conn, nil
}

func always() bool { return true }

// restrict makes SQLite refuse, while it compiles a statement, whatever is
// not reading, as long as closed says so.
func restrict(conn any, closed func() bool) error {
	r, ok := conn.(sqlite.AuthorizerRegisterer)
	if !ok {
		return fmt.Errorf("restrict a connection of type %T: it has no authorizer", conn)
	}
	return r.RegisterAuthorizer(func(action sqlite.AuthorizerActionCode, _, name, _, _ string) sqlite.AuthorizerReturnCode {
		switch action {
		case sqlite.AuthSelect, sqlite.AuthRead, sqlite.AuthRecursive:
			return sqlite.AuthorizerOK
		case sqlite.AuthFunction:
			if !reachesOut(name) {
				return sqlite.AuthorizerOK
			}
		}
		if closed() {
			return sqlite.AuthorizerDeny
		}
		return sqlite.AuthorizerOK
	})
}

// reachesOut reports whether a function reaches beyond the database. SQLite's
// library has the first two, its shell the others; who builds them in one day
// does not open them to authors.
func reachesOut(function string) bool {
	switch strings.ToLower(function) {
	case "load_extension", "fts3_tokenizer", "readfile", "writefile", "edit", "lsdir", "fsdir", "sqlar_compress", "sqlar_uncompress":
		return true
	}
	return false
}
