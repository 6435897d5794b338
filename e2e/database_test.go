package e2e

import (
	"context"
	"sync"
	"testing"

	"peyk/internal/pgtest"
)

// databases is the PostgreSQL of this process, started with the first test that
// needs it.
type databases struct {
	once   sync.Once
	server *pgtest.Server
	err    error
}

var postgreSQL databases

// newDatabase makes an empty one and gives its URL.
func newDatabase(t testing.TB) string {
	t.Helper()
	postgreSQL.once.Do(func() {
		postgreSQL.server, postgreSQL.err = pgtest.Start(context.Background(), pgtest.Options{NoSync: true})
	})
	if postgreSQL.err != nil {
		t.Fatal(postgreSQL.err)
	}
	url, err := postgreSQL.server.Database(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return url
}

// close ends what was started.
func (d *databases) close() error {
	if d.server == nil {
		return nil
	}
	return d.server.Close(context.Background())
}
