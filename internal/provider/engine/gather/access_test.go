package gather_test

import (
	"context"
	"fmt"
	"net"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgproto3"

	"peyk/internal/provider/engine/gather"
	"peyk/internal/provider/engine/query"
	"peyk/internal/report"
)

const secret = "Agac-19-pass"

// away is a shed whose database shop is at an address of the test's choice,
// with the password in a file.
func away(tb testing.TB, address string) shed {
	tb.Helper()
	s := shed{tb.TempDir()}
	s.put(tb, "secrets/shop", secret+"\n")
	s.put(tb, "sources.yaml", fmt.Sprintf("databases: {shop: {postgres: {url: \"postgres://reader@%s/shop?sslmode=disable\", password-file: secrets/shop}}}\n", address))
	return s
}

func TestADatabaseThatIsDownIsToldByTheReport(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	l.Close()
	p := away(t, address).open(t)
	j := job(t, "select 1", kinds()[1].source(t, "select 1 a"))
	_, err = p.Gather(context.Background(), j)
	if report.CodeOf(err) != "source-unavailable" || report.ClassOf(err) != report.Transient || strings.Contains(err.Error(), secret) {
		t.Errorf("gather: got %v", err)
	}
	if _, err = p.Estimate(context.Background(), j); report.ClassOf(err) != report.Transient {
		t.Errorf("estimate: got %v", err)
	}
}

// TestThePasswordGoesToTheServerAndNowhereElse has a twin that asks for it in
// the clear and then says no.
func TestThePasswordGoesToTheServerAndNowhereElse(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	got := make(chan string, 1)
	go func() {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		b := pgproto3.NewBackend(conn, conn)
		if _, err := b.ReceiveStartupMessage(); err != nil {
			t.Error(err)
		}
		b.Send(&pgproto3.AuthenticationCleartextPassword{})
		if err := b.Flush(); err != nil {
			t.Error(err)
		}
		_ = b.SetAuthType(pgproto3.AuthTypeCleartextPassword)
		m, err := b.Receive()
		if p, ok := m.(*pgproto3.PasswordMessage); ok && err == nil {
			got <- p.Password
		} else {
			got <- fmt.Sprint(m, err)
		}
		b.Send(&pgproto3.ErrorResponse{Severity: "FATAL", Code: "28P01", Message: "password authentication failed"})
		_ = b.Flush()
	}()
	_, err = away(t, l.Addr().String()).open(t).Gather(context.Background(), job(t, "select 1", kinds()[1].source(t, "select 1 a")))
	if report.CodeOf(err) != "source-failed" || report.ClassOf(err) != report.Permanent || strings.Contains(fmt.Sprintf("%v %+v %#v", err, err, err), secret) {
		t.Errorf("got %v", err)
	}
	if password := <-got; password != secret {
		t.Errorf("the server was given %q", password)
	}
}

func TestMistakesAboutPostgreSQL(t *testing.T) {
	t.Setenv("PEYK_TEST_PASSWORD", secret)
	for text, want := range map[string]string{
		`{url: "postgres://reader:` + secret + `@db/shop"}`:                                       "1:36: a password does not stand in the URL",
		`{url: "postgres://reader@db/shop?password=` + secret + `"}`:                              "1:36: a password does not stand in the URL",
		`{url: "postgres://reader@db/shop?sslpassword=` + secret + `"}`:                           "1:36: a password does not stand in the URL",
		`{url: "host=db password=` + secret + `"}`:                                                "1:36: a URL like postgres://",
		`{url: "postgres://reader:` + secret + `%zz@db/shop"}`:                                    "1:36: a URL like postgres://",
		`{url: "mysql://reader@db/shop"}`:                                                         "1:36: a URL like postgres://",
		`{url: "postgres://reader@db:x/shop"}`:                                                    "1:36: ",
		`{url: "postgres://reader@db/shop", password-file: none}`:                                 "no such file",
		`{url: "postgres://reader@db/shop", password-env: PEYK_TEST_NO_SUCH}`:                     "PEYK_TEST_NO_SUCH is not set",
		`{url: "postgres://reader@db/shop", password-env: PEYK_TEST_PASSWORD, password-file: no}`: "not from both",
		`{password-env: PEYK_TEST_PASSWORD}`:                                                      `the key "url" is missing`,
		`{url: "postgres://reader@db/shop", passwort: x}`:                                         `unknown key "passwort"`,
		`{url: "postgres://reader@db/shop", password-env: PEYK_TEST_PASSWORD}`:                    "",
		`{url: "postgres:///shop?host=/var/run/postgresql"}`:                                      "",
	} {
		s := shed{t.TempDir()}
		s.put(t, "sources.yaml", "databases: {shop: {postgres: "+text+"}}\n")
		p, err := gather.Open([]string{filepath.Join(s.dir, "sources.yaml")})
		if want == "" && err == nil {
			p.Close()
			continue
		}
		if err == nil || want == "" || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), secret) {
			t.Errorf("%s: got %v, want %q", text, err, want)
		}
	}
}

func TestNothingCanBeWrittenToPostgreSQL(t *testing.T) {
	t.Parallel()
	s, conn := newPostgres(t, "create sequence s", "create function f() returns int language sql as 'insert into one values (9, ''f'') returning id'")
	p := s.open(t)
	// Many never pass query.ParseFor; they are what would come after it.
	for _, text := range []string{
		"insert into one values (3, 'c')", "delete from one", "drop table one", "create table x (y int)", "create temp table x (y int)", "select * into x from one",
		"with x as (delete from one returning id) select * from x", "select f()", "select nextval('s')", "select 1; delete from one", "select * from one for update",
		"vacuum", "copy one from program 'echo 3'", "select set_config('transaction_read_only', 'off', false), f()",
		"set transaction read write", "commit; delete from one", "truncate one",
	} {
		source := kinds()[1].source(t, "select 1")
		source.Query = query.Query{Dialect: query.PostgreSQL, Text: text}
		if _, err := p.Gather(context.Background(), job(t, "select 1", source)); report.ClassOf(err) != report.Permanent {
			t.Errorf("%q: got %v", text, err)
		}
	}
	// Until version 16 a read-only transaction makes large objects; it is rolled back.
	if _, err := p.Gather(context.Background(), job(t, "select 1", kinds()[1].source(t, "select lo_create(0) a"))); err != nil {
		t.Logf("lo_create: %v", err)
	}
	var rows, tables, objects int
	err := conn.QueryRow(t.Context(), "select (select count(*) from one), (select count(*) from pg_class where relname = 'x'), (select count(*) from pg_largeobject_metadata)").Scan(&rows, &tables, &objects)
	if err != nil || rows != 2 || tables != 0 || objects != 0 {
		t.Errorf("there are %d rows, %d tables x and %d large objects: %v", rows, tables, objects, err)
	}
}

// TestASessionKeepsNothing: what one report's query set or locked is gone for
// the next, which has the same connection.
func TestASessionKeepsNothing(t *testing.T) {
	t.Parallel()
	s, conn := newPostgres(t)
	p := s.open(t)
	ask := func(text string) any {
		got, err := p.Gather(context.Background(), job(t, "select * from x", kinds()[1].source(t, text)))
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		return got.Table.Rows[0][0]
	}
	first := ask("select pg_backend_pid() pid, set_config('statement_timeout', '0', false) a, set_config('standard_conforming_strings', 'off', false) b, pg_advisory_lock(7)::text c")
	if again := ask("select pg_backend_pid() pid"); again != first {
		t.Fatalf("the connection %v was not used again, but %v", first, again)
	}
	if v := ask("select current_setting('statement_timeout') || current_setting('standard_conforming_strings') v"); v != "5minon" {
		t.Errorf("the settings are %v", v)
	}
	var free bool
	if err := conn.QueryRow(t.Context(), "select pg_try_advisory_lock(7)").Scan(&free); err != nil || !free {
		t.Errorf("a lock was left: %v", err)
	}
}
