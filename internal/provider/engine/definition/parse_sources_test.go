package definition_test

import (
	"strings"
	"testing"
	"time"

	"peyk/internal/provider/engine/definition"
	"peyk/internal/provider/engine/query"
)

// withSource is the sample, its first source's line replaced.
func withSource(t *testing.T, name, rest string) string {
	t.Helper()
	head, tail, ok := strings.Cut(sample(t), "sources:\n")
	if !ok {
		t.Fatal("the sample has no sources")
	}
	return head + "sources:\n  " + name + ": {" + rest + "}\n" + tail
}

func TestASourceHasLimits(t *testing.T) {
	t.Parallel()
	r, err := definition.Parse("a.yaml", []byte(withSource(t, "more", "database: shop, sql: select 1 a, rows: 500, at-cap: partial, timeout: 30s")), places)
	if err != nil {
		t.Fatal(err)
	}
	if s := r.Sources[0]; s.Rows != 500 || !s.Partial || s.Timeout != 30*time.Second {
		t.Errorf("read as %+v", s)
	}
	if s := r.Sources[1]; s.Rows != 0 || s.Partial || s.Timeout != 0 {
		t.Errorf("without limits read as %+v", s)
	}
	r, err = definition.Parse("a.yaml", []byte(withSource(t, "more", "file: x.csv, rows: 5, at-cap: fail")), places)
	if err != nil || r.Sources[0].Rows != 5 || r.Sources[0].Partial {
		t.Errorf("a file: read as %+v, %v", r, err)
	}
	for rest, want := range map[string]string{
		"rows: 0": "1 or more", "rows: -1": "1 or more", "rows: many": "needed here", "at-cap: cut": `"cut" is not known here`, "timeout: 0s": "not a duration", "timeout: 30": "needed here",
	} {
		if _, err := definition.Parse("a.yaml", []byte(withSource(t, "more", "database: shop, sql: select 1 a, "+rest)), places); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", rest, err, want)
		}
	}
}

func TestNoSourceIsNamedResult(t *testing.T) {
	t.Parallel()
	_, err := definition.Parse("a.yaml", []byte(withSource(t, "result", "database: shop, sql: select 1 a")), places)
	if err == nil || !strings.Contains(err.Error(), "result is the table of the combined rows") {
		t.Errorf("got %v", err)
	}
}

func TestSQLIsReadAsItsDatabaseDoes(t *testing.T) {
	t.Parallel()
	text := withSource(t, "more", "database: shop, sql: 'select :min_reviews::int a, $$ :x $$ b'")
	if _, err := definition.Parse("a.yaml", []byte(text), places); err == nil {
		t.Error("a cast was read as SQLite's")
	}
	at := places
	at.Dialects = map[string]query.Dialect{"shop": query.PostgreSQL}
	r, err := definition.Parse("a.yaml", []byte(text), at)
	if err != nil {
		t.Fatal(err)
	}
	if q := r.Sources[0].Query; q.Dialect != query.PostgreSQL || q.Text != "select $1::int a, $$ :x $$ b" {
		t.Errorf("read as %+v", q)
	}
	if r.Combine.Dialect != query.SQLite {
		t.Error("the workbench is not SQLite's any more")
	}
}
