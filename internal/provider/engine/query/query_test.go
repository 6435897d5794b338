package query_test

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"testing"

	_ "modernc.org/sqlite"
	"pgregory.net/rapid"

	"peyk/internal/provider/engine/query"
)

func TestPlaceholdersAreFoundOnlyWhereTheyAre(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"select :a":                               "select :p1 | :a",
		"select :a, :b, :a":                       "select :p1, :p2, :p1 | :a :b",
		"select :p.from, :p.to, :p":               "select :p1, :p2, :p3 | :p.from :p.to :p",
		"select ':a', \":b\", `:c`, [:d], :e":     "select ':a', \":b\", `:c`, [:d], :p1 | :e",
		"select 'it''s :a' -- :b\n, :c /* :d */":  "select 'it''s :a' -- :b\n, :p1 /* :d */ | :c",
		"with x as (values (1)) select * from x;": "with x as (values (1)) select * from x | ",
		"select x.y from x where z>=:a and b<:c":  "select x.y from x where z>=:p1 and b<:p2 | :a :c",
		"select 1 -- the end":                     "select 1 -- the end | ",
		"SELECT a->>'$.b', 'ğ' FROM ş WHERE i=:ı": "",
		"/* first */ select :from.":               "",
	} {
		q, err := query.Parse(text)
		var names []string
		for _, p := range q.Placeholders {
			names = append(names, p.String())
		}
		got := q.Text + " | " + strings.Join(names, " ")
		if err != nil && want != "" || err == nil && got != want {
			t.Errorf("%q: got %q, %v; want %q", text, got, err, want)
		}
	}
}

func TestOnlyOneSelectIsLetThrough(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", " ", ";", "-- nothing", "insert into t values (1)", "delete from t", "attach 'x' as y", "pragma query_only=0",
		"select 1; select 2", "select 1;; drop table t", "explain select 1", "vacuum into 'x'", "select 'open", "select [open",
		"select 1 /* open", "select ?", "select ?1", "select @a", "select $a", "select #a", "select :1", "select ::a", "select :a:b",
		"select :a(1)", "select 1\x00; drop table t", "begin", "replace into t values (1)", "select : a", "\"select\" 1", "\ufeffselect 1",
	} {
		if q, err := query.Parse(text); err == nil {
			t.Errorf("%q was let through as %q", text, q.Text)
		}
	}
}

func TestBindNeedsEveryValue(t *testing.T) {
	t.Parallel()
	q, err := query.Parse("select :a, :b")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := q.Bind(map[query.Placeholder]any{{Name: "a"}: 1}); err == nil || !strings.Contains(err.Error(), ":b") {
		t.Errorf("want an error naming :b, got %v", err)
	}
}

// piece is a part of a SELECT and what SQLite must answer for it.
type piece struct {
	text  string
	value string
	name  string // of the placeholder, if it is one
}

// TestSQLiteAgrees builds queries of pieces whose values are known and asks
// SQLite: had the tokenizer another idea of strings and comments than SQLite,
// the values would differ.
func TestSQLiteAgrees(t *testing.T) {
	t.Parallel()
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	word := rapid.StringMatching(`[a-z:?;'"\[\]/*\- ]{0,8}`)
	rapid.Check(t, func(t *rapid.T) {
		var texts, want, names []string
		for i := range rapid.IntRange(1, 8).Draw(t, "pieces") {
			p := draw(t, word, i)
			texts, want = append(texts, p.text), append(want, p.value)
			if p.name != "" && !slices.Contains(names, p.name) {
				names = append(names, p.name)
			}
		}
		text := "select " + strings.Join(texts, ", ")
		q, err := query.Parse(text)
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		if got := ask(t, db, q, len(want)); !slices.Equal(got, want) || len(q.Placeholders) != len(names) {
			t.Fatalf("%q became %q: got %q, want %q", text, q.Text, got, want)
		}
	})
}

func draw(t *rapid.T, words *rapid.Generator[string], i int) piece {
	w := words.Draw(t, "word")
	name := fmt.Sprintf("x%d", rapid.IntRange(0, 3).Draw(t, "parameter"))
	noStar := strings.ReplaceAll(w, "*/", "")
	switch rapid.IntRange(0, 5).Draw(t, "kind") {
	case 0:
		return piece{text: "'" + strings.ReplaceAll(w, "'", "''") + "'", value: w}
	case 1:
		return piece{text: "/*" + noStar + " */ " + fmt.Sprint(i), value: fmt.Sprint(i)}
	case 2:
		return piece{text: "--" + w + "\n" + fmt.Sprint(i), value: fmt.Sprint(i)}
	case 3:
		return piece{text: ":" + name, value: "value of " + name, name: name}
	case 4:
		return piece{text: ":" + name + ".from", value: "value of " + name + ".from", name: name + ".from"}
	}
	return piece{text: `'x' as "` + strings.ReplaceAll(w, `"`, `""`) + `"`, value: "x"}
}

func ask(t *rapid.T, db *sql.DB, q query.Query, n int) []string {
	values := map[query.Placeholder]any{}
	for _, p := range q.Placeholders {
		values[p] = "value of " + strings.TrimPrefix(p.String(), ":")
	}
	args, err := q.Bind(values)
	if err != nil {
		t.Fatal(err)
	}
	got, into := make([]string, n), make([]any, n)
	for i := range got {
		into[i] = &got[i]
	}
	if err := db.QueryRowContext(context.Background(), q.Text, args...).Scan(into...); err != nil {
		t.Fatalf("%q: %v", q.Text, err)
	}
	return got
}

// FuzzParse looks for panics, for text that changes besides its placeholders,
// and for a second reading that disagrees with the first.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"select :a", "select 1;", "with a as (select ':x') select :b.to from [c] -- d", "select /* :a */ 'it''s' || :b", "select :a.b.c", "values(:é)", "select \"", "select :a;;",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		q, err := query.Parse(text)
		if err != nil {
			return
		}
		again, err := query.Parse(q.Text)
		if err != nil {
			t.Fatalf("%q became %q, which is refused: %v", text, q.Text, err)
		}
		if again.Text != q.Text || len(again.Placeholders) != len(q.Placeholders) {
			t.Fatalf("%q became %q and then %q", text, q.Text, again.Text)
		}
		for i, p := range again.Placeholders {
			if p.String() != fmt.Sprintf(":p%d", i+1) {
				t.Fatalf("%q: placeholder %d of the text for SQLite is %s", text, i+1, p)
			}
		}
	})
}
