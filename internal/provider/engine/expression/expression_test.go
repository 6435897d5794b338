package expression_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"

	_ "modernc.org/sqlite" // judges what the SQL says
	"pgregory.net/rapid"

	"peyk/internal/provider/engine/expression"
)

// emptied takes an empty text for no value, as the workbench does.
func emptied(sql string) string { return "NULLIF(" + sql + ", '')" }

func fields() []expression.Field {
	return []expression.Field{
		{Name: "rating", Kind: expression.Number, SQL: "g.rating"},
		{Name: "genre", Kind: expression.Text, SQL: "g.genre"},
		{Name: "released", Kind: expression.Day, SQL: "g.released"},
	}
}

func TestConditionsAsSQL(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":            "(1 = 1) []",
		"rating >= 8": "NULLIFg.rating, '' + 0.0 IS NOT NULL AND NULLIFg.rating, '' + 0.0 >= ?1 [8]",
	} {
		c, err := expression.Parse(text, fields())
		if err != nil {
			t.Fatal(err)
		}
		got := fmt.Sprint(c.SQL(emptied, func(i int) string { return "?" + strconv.Itoa(i) }), " ", c.Values())
		if strings.ReplaceAll(strings.ReplaceAll(got, "(", ""), ")", "") != strings.ReplaceAll(strings.ReplaceAll(want, "(", ""), ")", "") {
			t.Errorf("%q:\n got %s\nwant %s", text, got, want)
		}
	}
}

func TestRefusedConditionsSayWhere(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"raiting > 3":                      `character 1: one of the fields rating, genre, released is needed here, not "raiting"`,
		"rating > 'a'":                     `character 10: a number for rating is needed here, not "a"`,
		"genre = Fighting":                 `character 9: text in single quotes for genre is needed here, not "fighting"`,
		"released > '2025-13-01'":          `character 12: a day like '2025-12-31' for released is needed here, not "2025-13-01"`,
		"rating > 3; drop table games":     `character 11: ';' is no part of a condition`,
		"rating > 3 -- rest":               `character 12: and, or, or the end is needed here, not "-"`,
		"rating > 3 or 1 = 1":              `character 15: one of the fields rating, genre, released is needed here, not "1"`,
		"rating > (select 1)":              `character 10: a number for rating is needed here, not "("`,
		"genre = 'x":                       "character 9: the quote is never closed",
		"(rating > 3":                      `character 12: ) is needed here, not "the end"`,
		"genre in ()":                      `character 11: text in single quotes for genre is needed here, not ")"`,
		"rating not > 3":                   `character 12: a comparison (=, <>, <, <=, >, >=, in, between) is needed here, not ">"`,
		"genre like '%x%'":                 `character 7: a comparison (=, <>, <, <=, >, >=, in, between) is needed here, not "like"`,
		"türü = 'x'":                       `character 1: one of the fields rating, genre, released is needed here, not "t"`,
		"rating > 1e5":                     `character 11: and, or, or the end is needed here, not "e5"`,
		strings.Repeat("(", 40) + "rating": "character 17: nested too deep",
		strings.Repeat("not ", 40):         "character 65: nested too deep",
		strings.Repeat("x", 2001):          "character 1: the condition has 2001 bytes; at most 2000 are read",
		"rating > 1\x00":                   "character 1: control characters are no part of a condition",
		"rating=1" + strings.Repeat(" or rating=1", 50): "character 601: more than 50 comparisons",
	} {
		_, err := expression.Parse(text, fields())
		var e *expression.Error
		if !errors.As(err, &e) || err.Error() != want {
			t.Errorf("%.60q:\n got %v\nwant %s", text, err, want)
		}
	}
}

// node is a condition as a reader understands it, beside its text.
type node struct {
	text  string
	holds func(row) bool
}

type row struct {
	rating   *float64
	genre    *string
	released *string
}

// conditions draws texts with their meaning, which is computed here, by Go.
func conditions(depth int) *rapid.Generator[node] {
	return rapid.Custom(func(t *rapid.T) node {
		if depth == 0 {
			return comparison(t)
		}
		switch a := conditions(depth-1).Draw(t, "a"); rapid.IntRange(0, 3).Draw(t, "shape") {
		case 0:
			b := conditions(depth-1).Draw(t, "b")
			return node{"(" + a.text + ") AND " + "(" + b.text + ")", func(r row) bool { return a.holds(r) && b.holds(r) }}
		case 1:
			b := conditions(depth-1).Draw(t, "b")
			return node{"(" + a.text + " ) or(" + b.text + ")", func(r row) bool { return a.holds(r) || b.holds(r) }}
		case 2:
			return node{"Not (" + a.text + ")", func(r row) bool { return !a.holds(r) }}
		default:
			b, c := comparison(t), comparison(t) // and binds tighter than or
			return node{"(" + a.text + ") or " + b.text + " and " + c.text, func(r row) bool { return a.holds(r) || b.holds(r) && c.holds(r) }}
		}
	})
}

func comparison(t *rapid.T) node {
	words := []string{"Fighting", "Racing", "it's", "", "ışık", "%", "1"}
	switch rapid.IntRange(0, 4).Draw(t, "comparison") {
	case 0:
		n, op := float64(rapid.IntRange(-4, 20).Draw(t, "n"))/2, rapid.SampledFrom([]string{"=", "<>", "!=", "<", "<=", ">", ">="}).Draw(t, "op")
		return node{fmt.Sprintf("rating %s %g", op, n), func(r row) bool { return r.rating != nil && compares(*r.rating, op, n) }}
	case 1:
		a, b := rapid.SampledFrom(words).Draw(t, "a"), rapid.SampledFrom(words).Draw(t, "b")
		not := rapid.Bool().Draw(t, "not")
		return node{"genre " + map[bool]string{true: "not "}[not] + "in (" + quote(a) + ", " + quote(b) + ")",
			func(r row) bool { return said(r.genre) && (*r.genre == a || *r.genre == b) != not }}
	case 2:
		return node{"released between '2025-01-01' and '2025-06-30'", func(r row) bool {
			return r.released != nil && *r.released >= "2025-01-01" && *r.released <= "2025-06-30"
		}}
	case 3:
		return node{"genre is empty", func(r row) bool { return r.genre == nil || *r.genre == "" }}
	}
	a := rapid.SampledFrom(words).Draw(t, "word")
	return node{"genre=" + quote(a), func(r row) bool { return said(r.genre) && *r.genre == a }}
}

// said: an empty text says nothing, for a CSV knows no other way.
func said(s *string) bool { return s != nil && *s != "" }

func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

func compares(a float64, op string, b float64) bool {
	switch op {
	case "=":
		return a == b
	case "<>", "!=":
		return a != b
	case "<":
		return a < b
	case "<=":
		return a <= b
	case ">":
		return a > b
	}
	return a >= b
}

// TestTheDatabaseReadsItAsPeopleDo holds SQLite's answer for each row of a
// small table against Go's.
func TestTheDatabaseReadsItAsPeopleDo(t *testing.T) {
	t.Parallel()
	db := openGames(t)
	rows := games()
	rapid.Check(t, func(t *rapid.T) {
		n := conditions(rapid.IntRange(0, 3).Draw(t, "depth")).Draw(t, "condition")
		c, err := expression.Parse(n.text, fields())
		if err != nil {
			t.Fatalf("%s: %v", n.text, err)
		}
		got := found(t, db, c)
		for id, r := range rows {
			if got[id] != n.holds(r) {
				t.Fatalf("%s: game %d is %v, want %v\n%s %v", n.text, id, got[id], n.holds(r), c.SQL(emptied, func(i int) string { return "?" }), c.Values())
			}
		}
	})
}

// FuzzParse: whatever is accepted runs, reads one table, and changes nothing.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"rating > 3 and genre in ('a', 'b')", "not (genre is not empty)", "released between '2025-01-01' and '2025-01-02'", "genre = '''; drop table games; --'"} {
		f.Add(s)
	}
	db := openGames(f)
	f.Fuzz(func(t *testing.T, text string) {
		c, err := expression.Parse(text, fields())
		if err != nil {
			return
		}
		found(t, db, c)
		var n int
		if err := db.QueryRowContext(t.Context(), "select count(*) from games").Scan(&n); err != nil || n != len(games()) {
			t.Fatalf("%q left %d games: %v", text, n, err)
		}
	})
}

func games() []row {
	var all []row
	number := func(f float64) *float64 { return &f }
	word := func(s string) *string { return &s }
	for _, rating := range []*float64{nil, number(0), number(3.5), number(9)} {
		for _, genre := range []*string{nil, word("Fighting"), word("it's"), word("")} {
			for _, released := range []*string{nil, word("2025-01-01"), word("2025-07-01")} {
				all = append(all, row{rating, genre, released})
			}
		}
	}
	return all
}

func openGames(tb testing.TB) *sql.DB {
	tb.Helper()
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		tb.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	tb.Cleanup(func() { _ = db.Close() })
	if _, err := db.Exec("create table games (id integer, rating real, genre text, released text)"); err != nil {
		tb.Fatal(err)
	}
	for id, r := range games() {
		if _, err := db.Exec("insert into games values (?, ?, ?, ?)", id, r.rating, r.genre, r.released); err != nil {
			tb.Fatal(err)
		}
	}
	return db
}

type failer interface {
	Helper()
	Context() context.Context
	Fatalf(format string, args ...any)
}

func found(t failer, db *sql.DB, c expression.Condition) map[int]bool {
	t.Helper()
	text := "select id from games g where " + c.SQL(emptied, func(i int) string { return "?" + strconv.Itoa(i) })
	rows, err := db.QueryContext(t.Context(), text, c.Values()...)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	defer rows.Close()
	all := map[int]bool{}
	for rows.Next() {
		var id int
		if err := rows.Scan(&id); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		all[id] = true
	}
	if err := rows.Err(); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return all
}
