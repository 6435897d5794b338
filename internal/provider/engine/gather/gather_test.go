package gather_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"peyk/internal/provider/engine/definition"
	"peyk/internal/provider/engine/gather"
	"peyk/internal/provider/engine/query"
	"peyk/internal/report"
)

var now = time.Date(2026, 11, 23, 11, 32, 41, 0, time.UTC)

// shed is a directory with the database shop, the folder files, and a sources
// file that names both.
type shed struct{ dir string }

func newShed(tb testing.TB, statements ...string) shed {
	tb.Helper()
	s := shed{tb.TempDir()}
	db, err := sql.Open("sqlite", filepath.Join(s.dir, "shop.db"))
	if err != nil {
		tb.Fatal(err)
	}
	for _, statement := range append([]string{"create table one (id integer, name text)", "insert into one values (1, 'a'), (2, 'b')"}, statements...) {
		if _, err := db.Exec(statement); err != nil {
			tb.Fatalf("%s: %v", statement, err)
		}
	}
	if err := db.Close(); err != nil {
		tb.Fatal(err)
	}
	s.put(tb, "files/placeholder.txt", "")
	s.put(tb, "sources.yaml", "databases: {shop: {sqlite: shop.db}}\nfolders: {files: files}\n")
	return s
}

func (s shed) put(tb testing.TB, name, content string) {
	tb.Helper()
	path := filepath.Join(s.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		tb.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		tb.Fatal(err)
	}
	if err := os.Chtimes(path, now, now); err != nil {
		tb.Fatal(err)
	}
}

func (s shed) open(tb testing.TB) *gather.Places {
	tb.Helper()
	p, err := gather.Open([]string{filepath.Join(s.dir, "sources.yaml")})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := p.Close(); err != nil {
			tb.Error(err)
		}
	})
	return p
}

func parsed(tb testing.TB, text string) query.Query {
	tb.Helper()
	q, err := query.Parse(text)
	if err != nil {
		tb.Fatalf("%q: %v", text, err)
	}
	return q
}

func job(tb testing.TB, combine string, sources ...definition.Source) gather.Job {
	tb.Helper()
	return gather.Job{Sources: sources, Combine: parsed(tb, combine), AsOf: now, RowCap: 1000, TableCap: 1000}
}

func from(tb testing.TB, name, text string) definition.Source {
	tb.Helper()
	return definition.Source{Name: name, Database: "shop", Query: parsed(tb, text)}
}

func csv(name, file string) definition.Source { return definition.Source{Name: name, File: file} }

func TestDatabaseAndFileMeet(t *testing.T) {
	t.Parallel()
	s := newShed(t)
	s.put(t, "files/games.csv", "\ufeffid,title\r\n1,\"Küçük \"\"Bostan\"\"\"\r\n002,x\r\n2,\"two\nlines\"\r\n")
	for _, dir := range []string{"", t.TempDir()} {
		j := job(t, "select one.name, games.title, typeof(games.id) from one join games using (id) order by 1", from(t, "one", "select * from one"), csv("games", "games.csv"))
		j.TempDir = dir
		got, err := s.open(t).Gather(context.Background(), j)
		if err != nil {
			t.Fatal(err)
		}
		table, sources := got.Table, got.Sources
		// The 2 of the database meets "2" and, being a number, "002".
		want := [][]any{{"a", `Küçük "Bostan"`, "text"}, {"b", "x", "text"}, {"b", "two\nlines", "text"}}
		if !reflect.DeepEqual(table.Rows, want) {
			t.Errorf("got %q, want %q", table.Rows, want)
		}
		complete := []report.Source{{Name: "one", State: report.SourceComplete, Rows: 2, AsOf: now}, {Name: "games", State: report.SourceComplete, Rows: 3, AsOf: now}}
		for i := range sources {
			sources[i].AsOf = sources[i].AsOf.UTC()
		}
		if !reflect.DeepEqual(sources, complete) {
			t.Errorf("got %+v, want %+v", sources, complete)
		}
		if dir != "" {
			if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
				t.Errorf("the workbench was left behind: %v, %v", left, err)
			}
		}
	}
}

func TestNothingCanBeWritten(t *testing.T) {
	t.Parallel()
	s := newShed(t)
	p := s.open(t)
	before, err := os.ReadFile(filepath.Join(s.dir, "shop.db"))
	if err != nil {
		t.Fatal(err)
	}
	// These never pass query.Parse; they are what would come after it.
	for _, text := range []string{
		"insert into one values (3, 'c')", "delete from one", "drop table one", "create table x (y)", "attach '/tmp/x.db' as x",
		"pragma query_only = 0", "pragma table_info(one)", "vacuum into '/tmp/x.db'", "select * from pragma_database_list",
		"with x as (select 1) delete from one", "create temp table x (y)", "begin immediate", "savepoint x", "analyze",
		"with x as (select 1) insert into one select 3, 'c' returning id", "select load_extension('x')",
	} {
		source := definition.Source{Name: "x", Database: "shop", Query: query.Query{Text: text}}
		_, err := p.Gather(context.Background(), job(t, "select 1", source))
		if report.CodeOf(err) != "source-failed" || report.ClassOf(err) != report.Permanent {
			t.Errorf("source %q: got %v", text, err)
		}
		bench := job(t, "select 1", from(t, "one", "select * from one"))
		bench.Combine = query.Query{Text: text}
		if _, err := p.Gather(context.Background(), bench); report.CodeOf(err) != "combine-failed" {
			t.Errorf("workbench %q: got %v", text, err)
		}
	}
	if after, err := os.ReadFile(filepath.Join(s.dir, "shop.db")); err != nil || string(after) != string(before) {
		t.Errorf("the database changed: %v", err)
	}
}

func TestMalformedFilesNameTheirLine(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ content, code, says string }{
		"ragged":    {"a,b\n1,2\n1,2,3\n", "source-malformed", "line 3: 3 fields where the first line names 2"},
		"short":     {"a,b\n1,2\n\"x\ny\",2\n1\n", "source-malformed", "line 5: 1 fields"},
		"quote":     {"a,b\n1,\"2\n", "source-malformed", "line"},
		"bare":      {"a,b\n1,2\"3\n", "source-malformed", "line 2"},
		"latin-5":   {"a\nTürkiye\nT\xfcrkiye\n", "source-malformed", "line 3: the text is not UTF-8"},
		"empty":     {"", "source-malformed", "line 1: the file is empty"},
		"twice":     {"a,A\n1,2\n", "source-columns", `"A" is empty or there twice`},
		"nameless":  {"a,\n1,2\n", "source-columns", `"" is empty`},
		"only-head": {"a,b\n", "", ""},
		"too-long":  {"a\n" + strings.Repeat("x\n", 1001), "row-cap", "more than 1000 rows"},
		"just-fits": {"a\n" + strings.Repeat("x\n", 1000), "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShed(t)
			s.put(t, "files/x.csv", c.content)
			_, err := s.open(t).Gather(context.Background(), job(t, "select * from x limit 1", csv("x", "x.csv")))
			var e *report.Error
			if c.code == "" {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			if !errors.As(err, &e) || e.Code != c.code || e.Class != report.Permanent || !strings.Contains(e.Sentence, c.says) {
				t.Errorf("got %#v, want %s with %q", err, c.code, c.says)
			}
		})
	}
}

func TestCapsStopTheReport(t *testing.T) {
	t.Parallel()
	p := newShed(t).open(t)
	count := "with recursive n(i) as (values (1) union all select i+1 from n where i < %d) select i from n"
	for _, c := range []struct {
		rows int
		code string
	}{{1000, ""}, {1001, "row-cap"}} {
		_, err := p.Gather(context.Background(), job(t, "select 1", from(t, "n", fmt.Sprintf(count, c.rows))))
		if err == nil && c.code != "" || err != nil && report.CodeOf(err) != c.code {
			t.Errorf("%d rows: %v", c.rows, err)
		}
	}
	_, err := p.Gather(context.Background(), job(t, "select a.i from n a, n b", from(t, "n", fmt.Sprintf(count, 40))))
	if report.CodeOf(err) != "table-cap" || report.ClassOf(err) != report.Permanent {
		t.Errorf("1600 combined rows: %v", err)
	}
}

func TestFilesStayInTheirFolder(t *testing.T) {
	t.Parallel()
	s := newShed(t)
	s.put(t, "secret.csv", "a\n1\n")
	if err := os.Symlink("../secret.csv", filepath.Join(s.dir, "files/link.csv")); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(s.dir, "files/dir.csv"), 0o750); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{"../secret.csv", "link.csv", "/etc/passwd", "dir.csv", "missing.csv"} {
		if _, err := s.open(t).Gather(context.Background(), job(t, "select 1", csv("x", file))); err == nil {
			t.Errorf("%s was read", file)
		}
	}
}

func TestFoldersAreSearchedInTheOrderOfTheirNames(t *testing.T) {
	t.Parallel()
	s := newShed(t)
	s.put(t, "b/x.csv", "a\nfrom b\n")
	s.put(t, "c/x.csv", "a\nfrom c\n")
	s.put(t, "more.yaml", "folders:\n  c: c\n  b: b\n  a: files\n")
	p, err := gather.Open([]string{filepath.Join(s.dir, "more.yaml")})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	for folder, want := range map[string]string{"": "from b", "c": "from c"} {
		source := csv("x", "x.csv")
		source.Folder = folder
		got, err := p.Gather(context.Background(), job(t, "select a from x", source))
		if err != nil || got.Table.Rows[0][0] != want {
			t.Errorf("folder %q: got %v, %v", folder, got.Table.Rows, err)
		}
	}
}

func TestDatesStayAsWritten(t *testing.T) {
	t.Parallel()
	p := newShed(t, "create table d (a date, b datetime, c timestamp)",
		"insert into d values ('2025-01-01', '2025-01-01T10:00', 1735689600), ('Kasım', '2025-01-01 10:00:00.500', null)").open(t)
	got, err := p.Gather(context.Background(), job(t, "select * from d", from(t, "d", "select * from d where a <> 'x' -- the end")))
	want := [][]any{{"2025-01-01", "2025-01-01T10:00", int64(1735689600)}, {"Kasım", "2025-01-01 10:00:00.500", nil}}
	if err != nil || !reflect.DeepEqual(got.Table.Rows, want) {
		t.Errorf("got %#v, %v; want %#v", got.Table.Rows, err, want)
	}
}

func TestMixedColumnIsRefusedNotChanged(t *testing.T) {
	t.Parallel()
	text := "with recursive n(i) as (values (1) union all select i+1 from n where i < 900) select case when i < 800 then i else '007' end x from n"
	_, err := newShed(t).open(t).Gather(context.Background(), job(t, "select * from n", from(t, "n", text)))
	if report.CodeOf(err) != "source-mixed-types" {
		t.Errorf("got %v", err)
	}
}

// TestMixedFromTheFirstRows: also what comes before the first batch is sent.
func TestMixedFromTheFirstRows(t *testing.T) {
	t.Parallel()
	places := newShed(t).open(t)
	for _, order := range []string{"", " desc"} {
		_, err := places.Gather(t.Context(), job(t, "select v from mixed", from(t, "mixed", "select case n when 1 then 7 else '007' end as v from (select 1 as n union select 2) order by n"+order)))
		if order == "" && report.CodeOf(err) != "source-mixed-types" || order != "" && err != nil {
			t.Errorf("order%s: got %v", order, err)
		}
	}
}

func TestTheContextEndsTheReading(t *testing.T) {
	t.Parallel()
	p := newShed(t).open(t)
	endless := "with recursive n(i) as (values (1) union all select i+1 from n) select i from n"
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	j := job(t, "select 1", from(t, "n", endless))
	j.RowCap = 1 << 60
	var classed *report.Error
	if _, err := p.Gather(ctx, j); !errors.Is(err, context.DeadlineExceeded) || errors.As(err, &classed) {
		t.Errorf("reading: got %v", err)
	}
	ctx, cancel = context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	j = job(t, "with recursive n(i) as (values (1) union all select i+1 from n) select count(*) from n", from(t, "one", "select * from one"))
	if _, err := p.Gather(ctx, j); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("combining: got %v", err)
	}
}

func TestOneFailureEndsAll(t *testing.T) {
	t.Parallel()
	p := newShed(t).open(t)
	j := job(t, "select 1",
		from(t, "n", "with recursive n(i) as (values (1) union all select i+1 from n) select i from n"),
		from(t, "bad", "select x from nowhere"))
	j.RowCap = 1 << 60
	if _, err := p.Gather(context.Background(), j); report.CodeOf(err) != "source-failed" || !strings.Contains(err.Error(), "nowhere") {
		t.Errorf("got %v", err)
	}
}

func TestSourcesFileMistakes(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"database: {}\n":                                         `1:1: unknown key "database"; did you mean "databases"?`,
		"databases: {shop: {sqlit: shop.db}}\n":                  `1:20: unknown key "sqlit"; did you mean "sqlite"?`,
		"databases: {shop: {sqlite: none.db}}\n":                 "no such file",
		"folders: {x: none}\n":                                   "no such file",
		"folders: {'a b': files}\n":                              `1:11: "a b" is not a name`,
		"databases: {shop: shop.db}\n":                           "1:19: a group of keys is needed here, not text",
		"databases: {shop: {sqlite: files}}\n":                   "not a file",
		"folders: {x: files, x: files}\n":                        "already defined",
		"databases: {a: {sqlite: shop.db}, a: {sqlite: shop.db}": "",
	} {
		s := newShed(t)
		s.put(t, "bad.yaml", text)
		if _, err := gather.Open([]string{filepath.Join(s.dir, "bad.yaml")}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", text, err, want)
		}
	}
	s := newShed(t)
	twice := filepath.Join(s.dir, "sources.yaml")
	if _, err := gather.Open([]string{twice, twice}); err == nil || !strings.Contains(err.Error(), "named before") {
		t.Errorf("the same names twice: got %v", err)
	}
}

func BenchmarkGather(b *testing.B) {
	s := newShed(b, "create table big (id integer, name text, amount real)",
		"insert into big with recursive n(i) as (values (1) union all select i+1 from n where i < 100000) select i, 'name ' || i, i * 0.01 from n")
	p := s.open(b)
	j := job(b, "select count(*), sum(amount) from big", from(b, "big", "select * from big"))
	j.RowCap = 1 << 30
	for b.Loop() {
		if _, err := p.Gather(context.Background(), j); err != nil {
			b.Fatal(err)
		}
	}
}
