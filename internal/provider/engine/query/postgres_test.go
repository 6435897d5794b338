package query_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"pgregory.net/rapid"

	"peyk/internal/pgtest"
	"peyk/internal/provider/engine/query"
)

func TestPostgreSQLsPlaceholdersAreFoundOnlyWhereTheyAre(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"select :a": "select $1 | :a",
		"select :a::int, (:b)::numeric(12,2), :a":    "select $1::int, ($2)::numeric(12,2), $1 | :a :b",
		"select :p.from::date, :p.to":                "select $1::date, $2 | :p.from :p.to",
		"select a[1:2], a[:2], a[1: ], :b from x":    "select a[1:2], a[:2], a[1: ], $1 from x | :b",
		"select f(x := :a), j ? 'k', '{}'::text[]":   "select f(x := $1), j ? 'k', '{}'::text[] | :a",
		"select $$ :a ' $$, $t$ $$ :b $t$, :c":       "select $$ :a ' $$, $t$ $$ :b $t$, $1 | :c",
		`select E'\' :a', '\', :b, U&'\0041', "\":c`: `select E'\' :a', '\', $1, U&'\0041', "\"$2 | :b :c`,
		"select /* /* */ :a */ :b -- :c\r, :d":       "select /* /* */ :a */ $1 -- :c\r, $2 | :b :d",
		"select a$$b, :c, a$b$c from x":              "select a$$b, $1, a$b$c from x | :c",
		"select 'a'\n'b:c', 1.5e3, .5, 0x1F, :d;":    "select 'a'\n'b:c', 1.5e3, .5, 0x1F, $1 | :d",
		"select `:a, [:b]":                           "select `$1, [$2] | :a :b",
		"select x@>:a, x#>>:b, -:c":                  "select x@>$1, x#>>$2, -$3 | :a :b :c",
	} {
		q, err := query.ParseFor(query.PostgreSQL, text)
		var names []string
		for _, p := range q.Placeholders {
			names = append(names, p.String())
		}
		if got := q.Text + " | " + strings.Join(names, " "); err != nil || got != want {
			t.Errorf("%q: got %q, %v; want %q", text, got, err, want)
		}
	}
}

func TestWhatIsNotReadSafelyIsRefused(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", "select $1", "select $a", "select $1$ :a $1$", "select x:a", "select 1:a", "select :a:b", "select :a.b.c", "select :a(1)",
		"select E'a'\n'\\' :b'", "select E'a' -- x\n 'b'", "select E'open\\'", "select $$open", "select $t$ open $$", "select /* /* */ open",
		"select 1$$a$$", "select 12'a'", "select 1e'\\'", "select 1; select 2", "delete from x", "copy x to program 'y'", "do $$ begin end $$",
		"select :aş", "select :a$b", "select 'a\x00'", "set x = 1", "call f()", "explain select 1", "select \"open", "table x", "\u00a0select 1", "select \xff",
	} {
		if q, err := query.ParseFor(query.PostgreSQL, text); err == nil {
			t.Errorf("%q was let through as %q", text, q.Text)
		}
	}
}

func server(tb testing.TB) *pgx.Conn {
	tb.Helper()
	s, err := pgtest.Start(tb.Context(), pgtest.Options{NoSync: true})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = s.Close(context.Background()) })
	url, err := s.Database(tb.Context())
	if err != nil {
		tb.Fatal(err)
	}
	conn, err := pgx.Connect(tb.Context(), url)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

// TestPostgreSQLAgrees builds queries of pieces whose values are known and asks
// PostgreSQL: had the tokenizer another idea of strings and comments, the
// values would differ.
func TestPostgreSQLAgrees(t *testing.T) {
	t.Parallel()
	conn := server(t).PgConn()
	word := rapid.StringMatching(`[a-zE:?;'"\[\]/*$\\\- ]{0,8}`)
	rapid.Check(t, func(t *rapid.T) {
		var texts, want, names []string
		for i := range rapid.IntRange(1, 8).Draw(t, "pieces") {
			p := drawPostgreSQL(t, word, i)
			texts, want = append(texts, p.text), append(want, p.value)
			if p.name != "" && !slices.Contains(names, p.name) {
				names = append(names, p.name)
			}
		}
		text := "select " + strings.Join(texts, ", ")
		q, err := query.ParseFor(query.PostgreSQL, text)
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		got, err := answer(conn, q)
		if err != nil || !slices.Equal(got, want) || len(q.Placeholders) != len(names) {
			t.Fatalf("%q became %q: got %q, %v; want %q", text, q.Text, got, err, want)
		}
	})
}

func drawPostgreSQL(t *rapid.T, words *rapid.Generator[string], i int) piece {
	w := words.Draw(t, "word")
	name := fmt.Sprintf("x%d", rapid.IntRange(0, 3).Draw(t, "parameter"))
	flat := strings.NewReplacer("*/", "", "/*", "").Replace(w)
	flat = strings.NewReplacer("*/", "", "/*", "").Replace(strings.Trim(flat, "/*"))
	doubled := strings.ReplaceAll(w, "'", "''")
	switch rapid.IntRange(0, 8).Draw(t, "kind") {
	case 0:
		return piece{text: "'" + doubled + "'", value: w}
	case 1:
		return piece{text: "/*" + flat + "/* " + flat + " */ :no " + " */ " + fmt.Sprint(i), value: fmt.Sprint(i)}
	case 2:
		return piece{text: "--" + w + "\n" + fmt.Sprint(i), value: fmt.Sprint(i)}
	case 3:
		return piece{text: ":" + name + "::text", value: "value of " + name, name: name}
	case 4:
		return piece{text: ":" + name + ".from", value: "value of " + name + ".from", name: name + ".from"}
	case 5:
		return piece{text: "E'" + strings.NewReplacer(`\`, `\\`, "'", `\'`).Replace(w) + "'", value: w}
	case 6:
		return piece{text: "$q1$" + w + "$q1$", value: w}
	case 7:
		return piece{text: "'" + doubled + "' \n '" + doubled + "'", value: w + w}
	}
	return piece{text: `'x' as "a` + strings.ReplaceAll(w, `"`, `""`) + `"`, value: "x"}
}

func answer(conn *pgconn.PgConn, q query.Query) ([]string, error) {
	args := make([][]byte, len(q.Placeholders))
	for i, p := range q.Placeholders {
		args[i] = []byte("value of " + strings.TrimPrefix(p.String(), ":"))
	}
	r := conn.ExecParams(context.Background(), q.Text, args, nil, nil, nil).Read()
	if r.Err != nil {
		return nil, r.Err
	}
	var got []string
	for _, v := range r.Rows[0] {
		got = append(got, string(v))
	}
	return got, nil
}

// FuzzPostgreSQL looks for panics and for text that changes besides its
// placeholders. With PEYK_FUZZ_SERVER set it asks a server too: what was let
// through has as many statements and parameters there as here.
func FuzzPostgreSQL(f *testing.F) {
	for _, seed := range []string{
		"select :a", "select 1;", "with a as (select ':x') select :b.to::date from c -- d", "select /* /* :a */ */ 'it''s' || :b", "select $$:a$$, $t$:b$t$",
		`select E'\':a', :b`, "select a[1:2], x ?| :y", "values(:é)", "select U&'\\0041' uescape '!', :a", "select 1e5:a", "select n'a', b'01', x'1f', :a",
	} {
		f.Add(seed)
	}
	var conn *pgconn.PgConn
	if os.Getenv("PEYK_FUZZ_SERVER") != "" {
		conn = server(f).PgConn()
	}
	f.Fuzz(func(t *testing.T, text string) {
		q, err := query.ParseFor(query.PostgreSQL, text)
		if err != nil {
			return
		}
		if !strings.Contains(text, ";") && !same(strings.TrimRight(text, " \t\r\n"), q) {
			t.Fatalf("%q became %q", text, q.Text)
		}
		if conn == nil {
			return
		}
		d, err := conn.Prepare(context.Background(), "", q.Text, nil)
		var said *pgconn.PgError
		if errors.As(err, &said) && strings.Contains(said.Message, "multiple commands") {
			t.Fatalf("%q became %q: %v", text, q.Text, err)
		}
		if err == nil && len(d.ParamOIDs) != len(q.Placeholders) {
			t.Fatalf("%q became %q: %d parameters here, %d there", text, q.Text, len(q.Placeholders), len(d.ParamOIDs))
		}
	})
}

// same reports whether the query's text is the author's with each placeholder,
// where it stands, replaced by its number.
func same(text string, q query.Query) bool {
	made := q.Text
	for text != "" && made != "" {
		if text[0] == made[0] {
			text, made = text[1:], made[1:]
			continue
		}
		replaced := false
		for i, p := range q.Placeholders {
			mark := fmt.Sprintf("$%d", i+1)
			if strings.HasPrefix(text, p.String()) && strings.HasPrefix(made, mark) && !digit(made[len(mark):]) {
				text, made, replaced = text[len(p.String()):], made[len(mark):], true
				break
			}
		}
		if !replaced {
			return false
		}
	}
	return text == "" && made == ""
}

func digit(s string) bool { return s != "" && s[0] >= '0' && s[0] <= '9' }
