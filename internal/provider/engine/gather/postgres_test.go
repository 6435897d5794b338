package gather_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"peyk/internal/pgtest"
)

// server is the one PostgreSQL of this process; it does not sync, for these
// tests are not about the loss of power.
var server *pgtest.Server

func TestMain(m *testing.M) {
	os.Exit(pgtest.Main(m, func(s *pgtest.Server) { server = s }))
}

// connect to a database of the server until the test ends.
func connect(tb testing.TB, url string) *pgx.Conn {
	tb.Helper()
	conn, err := pgx.Connect(tb.Context(), url)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

// newPostgres is a shed whose database shop is a PostgreSQL, and a connection
// to it beside.
func newPostgres(tb testing.TB, statements ...string) (shed, *pgx.Conn) {
	tb.Helper()
	url, err := server.Database(tb.Context())
	if err != nil {
		tb.Fatal(err)
	}
	conn := connect(tb, url)
	for _, statement := range append([]string{"create table one (id integer, name text)", "insert into one values (1, 'a'), (2, 'b')"}, statements...) {
		if _, err := conn.Exec(tb.Context(), statement); err != nil {
			tb.Fatalf("%s: %v", statement, err)
		}
	}
	s := shed{tb.TempDir()}
	s.put(tb, "files/placeholder.txt", "")
	s.put(tb, "sources.yaml", fmt.Sprintf("databases: {shop: {postgres: {url: %q}}}\nfolders: {files: files}\n", url))
	return s, conn
}

// appendSources names the PostgreSQL of another shed market in the sources of
// this one.
func appendSources(s, other shed) error {
	data, err := os.ReadFile(filepath.Join(other.dir, "sources.yaml"))
	if err != nil {
		return err
	}
	line := strings.SplitN(string(data), "\n", 2)[0]
	market := strings.TrimSuffix(strings.TrimPrefix(line, "databases: {shop: "), "}")
	return os.WriteFile(filepath.Join(s.dir, "sources.yaml"),
		[]byte("databases: {shop: {sqlite: shop.db}, market: "+market+"}\nfolders: {files: files}\n"), 0o600)
}

// TestCancelStopsTheBackendToo: leaving is not enough, the server would go on.
func TestCancelStopsTheBackendToo(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"select pg_sleep(60)::text s", "select count(*) c from generate_series(1, 1000000000000) i", "select i from generate_series(1, 1000000000000) i"} {
		s, conn := newPostgres(t)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() {
			j := job(t, "select 1", kinds()[1].source(t, text))
			j.RowCap = 1 << 60
			_, err := s.open(t).Gather(ctx, j)
			done <- err
		}()
		const active = "select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and state <> 'idle' and query like $1"
		count := func() (n int) {
			if err := conn.QueryRow(t.Context(), active, text[:20]+"%").Scan(&n); err != nil {
				t.Error(err)
			}
			return n
		}
		for began := time.Now(); count() == 0; {
			if time.Since(began) > 10*time.Second {
				t.Fatalf("%s: it never ran", text)
			}
		}
		began := time.Now()
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("%s: got %v", text, err)
		}
		for count() > 0 {
			if time.Since(began) > 2*time.Second {
				t.Errorf("%s: two seconds later the server still works on it", text)
				break
			}
		}
	}
}
