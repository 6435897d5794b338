package gather_test

import (
	"context"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"peyk/internal/provider/engine/definition"
	"peyk/internal/provider/engine/gather"
	"peyk/internal/provider/engine/query"
	"peyk/internal/report"
)

func TestFurtherQueriesSeeTheSourcesAndTheResult(t *testing.T) {
	t.Parallel()
	p := newShed(t).open(t)
	j := job(t, "select id, name, id * 0.5 half, null n from one", from(t, "one", "select * from one"))
	j.Values = map[query.Placeholder]any{{Name: "least"}: int64(2)}
	j.Queries = []query.Query{
		parsed(t, "select sum(half), count(*), typeof(max(name)) from result"),
		parsed(t, "select one.name from one join result using (id) where id >= :least"),
		parsed(t, "select * from result where 0"),
	}
	got, err := p.Gather(context.Background(), j)
	want := []gather.Table{
		{Columns: []string{"sum(half)", "count(*)", "typeof(max(name))"}, Rows: [][]any{{1.5, int64(2), "text"}}},
		{Columns: []string{"name"}, Rows: [][]any{{"b"}}},
		{Columns: []string{"id", "name", "half", "n"}},
	}
	if err != nil || !reflect.DeepEqual(got.Answers, want) || len(got.Table.Rows) != 2 || len(got.Sources) != 1 {
		t.Fatalf("got %+v, %v; want %+v", got, err, want)
	}
	for text, code := range map[string]string{
		"delete from result": "combine-failed", "drop table one": "combine-failed", "pragma user_version = 3": "combine-failed",
		"commit": "combine-failed", "attach 'x' as y": "combine-failed", "select load_extension('x')": "combine-failed", "select fts3_tokenizer('x')": "combine-failed",
		"select zeroblob(100000000)": "combine-failed", "with recursive n(i) as (values (1) union all select i+1 from n where i < 1001) select i from n": "table-cap",
	} {
		j.Queries = []query.Query{{Text: text}}
		if _, err := p.Gather(context.Background(), j); report.CodeOf(err) != code {
			t.Errorf("%s: got %v, want %s", text, err, code)
		}
	}
	j.Combine, j.Queries = parsed(t, "select 1 a, 2 A"), []query.Query{parsed(t, "select 1")}
	if _, err := p.Gather(context.Background(), j); report.CodeOf(err) != "combine-columns" {
		t.Errorf("two columns of one name: got %v", err)
	}
}

// TestTheResultIsKeptWhole has more rows than one INSERT takes.
func TestTheResultIsKeptWhole(t *testing.T) {
	t.Parallel()
	p := newShed(t).open(t)
	for _, n := range []int{1, 249, 250, 251, 500, 501, 1000} {
		j := job(t, strings.Replace("with recursive n(i) as (values (1) union all select i+1 from n where i < #) select i, 'x' || i s from n", "#", strconv.Itoa(n), 1), from(t, "one", "select * from one"))
		j.Queries = []query.Query{parsed(t, "select count(*), sum(i), count(distinct s) from result")}
		got, err := p.Gather(context.Background(), j)
		if want := [][]any{{int64(n), int64(n * (n + 1) / 2), int64(n)}}; err != nil || !reflect.DeepEqual(got.Answers[0].Rows, want) {
			t.Errorf("%d rows: got %v, %v; want %v", n, got.Answers, err, want)
		}
	}
}

func TestReadersOrderIsTheirLanguages(t *testing.T) {
	t.Parallel()
	p := newShed(t).open(t)
	words := []string{"şeker", "zeytin", "Ilgaz", "iz", "ıhlamur", "İzmir", "cam", "çam", "dam", "ğ", "g", "h", "o", "ö", "p", "u", "ü", "v", "s", "t", "a", "B", "b"}
	quoted := "'" + strings.Join(words, "'),('") + "'"
	for locale, want := range map[string]string{
		"tr":    "a b B cam çam dam g ğ h ıhlamur Ilgaz iz İzmir o ö p s şeker t u ü v zeytin",
		"en":    "a b B cam çam dam g ğ h Ilgaz iz İzmir ıhlamur o ö p s şeker t u ü v zeytin",
		"tr-TR": "a b B cam çam dam g ğ h ıhlamur Ilgaz iz İzmir o ö p s şeker t u ü v zeytin",
	} {
		j := job(t, "select column1 from (values ("+quoted+")) order by column1 collate reader", from(t, "one", "select * from one"))
		j.Locale = locale
		got, err := p.Gather(context.Background(), j)
		if err != nil {
			t.Fatal(err)
		}
		var sorted []string
		for _, row := range got.Table.Rows {
			sorted = append(sorted, row[0].(string))
		}
		if strings.Join(sorted, " ") != want {
			t.Errorf("%s: got %s, want %s", locale, strings.Join(sorted, " "), want)
		}
	}
	j := job(t, "select count(*) from (select column1 from (values ('a'),('A'),('a')) group by column1 collate reader)", from(t, "one", "select * from one"))
	if got, err := p.Gather(context.Background(), j); err != nil || got.Table.Rows[0][0] != int64(2) {
		t.Errorf("grouping by the order made one of a and A: %v, %v", got.Table.Rows, err)
	}
}

// TestBeyondItsMemoryTheWorkbenchLiesInItsFile watches the file while the
// combining runs, and compares with one that fits.
func TestBeyondItsMemoryTheWorkbenchLiesInItsFile(t *testing.T) {
	t.Parallel()
	p := newShed(t, "create table big (id integer, name text)",
		"insert into big with recursive n(i) as (values (1) union all select i+1 from n where i < 60000) select i, 'name ' || i || hex(zeroblob(40)) from n").open(t)
	var answers [][][]any
	for _, c := range []struct {
		memory  int64
		atLeast int64
	}{{1 << 20, 4 << 20}, {64 << 20, 0}} {
		j := job(t, "select count(*), sum(id), min(name), max(name) from (select * from big order by name desc)", from(t, "big", "select * from big"))
		j.RowCap, j.TempDir, j.Memory = 1<<30, t.TempDir(), c.memory
		size := int64(-1)
		j.Progress = func(int) { size = sizeOfBench(t, j.TempDir) }
		got, err := p.Gather(context.Background(), j)
		if err != nil {
			t.Fatal(err)
		}
		if size < c.atLeast || c.atLeast == 0 && size != 0 {
			t.Errorf("with %d bytes of memory the file has %d", c.memory, size)
		}
		answers = append(answers, got.Table.Rows)
		if left, err := os.ReadDir(j.TempDir); err != nil || len(left) > 0 {
			t.Errorf("the workbench was left behind: %v, %v", left, err)
		}
	}
	if !reflect.DeepEqual(answers[0], answers[1]) {
		t.Errorf("got %v and %v", answers[0], answers[1])
	}
}

func sizeOfBench(t *testing.T, dir string) int64 {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "bench-*"))
	if err != nil || len(files) != 1 {
		t.Fatalf("there are the files %v: %v", files, err)
	}
	info, err := os.Stat(files[0])
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}

func TestEstimatesComeFromPlanners(t *testing.T) {
	t.Parallel()
	fill := []string{
		"create table big (id integer primary key, ref integer, name text)", "create table small (id integer primary key, name text)",
		"insert into small select * from (values (1, 'a'), (2, 'b'), (3, 'c')) v",
	}
	onBoth(t, func(t *testing.T, k kind) {
		numbers := strings.Replace(k.numbers, "%d", "10000", 1)
		p := k.open(t, append(fill, "insert into big select i, i % 3, 'x' from ("+numbers+") q", "analyze")...)
		for text, between := range map[string][2]int64{
			"select * from big":                                     {9900, 10100},
			"select * from big as b where name = 'y'":               {1, 10100},
			"select count(*) c from big":                            {9900, 10100},
			"select * from big where id = 7":                        {0, 1},
			"select * from small":                                   {3, 3},
			"select s.name from big b join small s on s.id = b.ref": {9900, 10100},
			"select 1 a":                      {0, 1},
			"select * from big where id > :n": {1, 10100},
		} {
			j := job(t, "select 1", k.source(t, text))
			j.Values = map[query.Placeholder]any{{Name: "n"}: int64(5)}
			got, err := p.Estimate(context.Background(), j)
			if err != nil || got < between[0] || got > between[1] {
				t.Errorf("%s: got %d, %v; want one between %v", text, got, err, between)
			}
		}
		cross := job(t, "select 1", k.source(t, "select a.id from big a, big b"), k.source(t, "select * from small"))
		if got, err := p.Estimate(context.Background(), cross); err != nil || got < 90_000_000 {
			t.Errorf("each with each: got %d, %v", got, err)
		}
	})
}

func TestEstimateOfAFile(t *testing.T) {
	t.Parallel()
	s := newShed(t)
	s.put(t, "files/x.csv", "id,name\n"+strings.Repeat("12,some name\n", 20_000))
	s.put(t, "files/head.csv", "id,name\n")
	p := s.open(t)
	for file, between := range map[string][2]int64{"x.csv": {19_900, 20_100}, "head.csv": {0, 0}} {
		got, err := p.Estimate(context.Background(), gather.Job{Sources: []definition.Source{csv("x", file)}})
		if err != nil || got < between[0] || got > between[1] {
			t.Errorf("%s: got %d, %v; want one between %v", file, got, err, between)
		}
	}
	if _, err := p.Estimate(context.Background(), gather.Job{Sources: []definition.Source{csv("x", "none.csv")}}); report.ClassOf(err) != report.Transient {
		t.Errorf("a file that is not there: got %v", err)
	}
}
