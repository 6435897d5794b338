package gather_test

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"peyk/internal/provider/engine/gather"
)

// TestValuesArriveUnchanged sends any values through a source and the
// workbench.
func TestValuesArriveUnchanged(t *testing.T) {
	t.Parallel()
	outer := t
	value := rapid.OneOf(
		rapid.Just[any](nil), rapid.Map(rapid.Int64(), func(v int64) any { return v }),
		rapid.Map(rapid.String(), func(v string) any { return "x" + v }),
		rapid.Map(rapid.Float64Range(-1e300, 1e300), func(v float64) any { return v + 0.5 }),
	)
	rapid.Check(t, func(t *rapid.T) {
		columns := rapid.IntRange(1, 5).Draw(t, "columns")
		rows := rapid.SliceOfN(rapid.SliceOfN(value, columns, columns), 0, 400).Draw(t, "rows")
		dir := outer.TempDir()
		db, err := sql.Open("sqlite", filepath.Join(dir, "x.db"))
		if err != nil {
			t.Fatal(err)
		}
		db.SetMaxOpenConns(1)
		exec := func(text string, args ...any) {
			if _, err := db.Exec(text, args...); err != nil {
				t.Fatalf("%s: %v", text, err)
			}
		}
		exec("begin")
		// BLOB: a column whose values keep their own types.
		exec("create table x (" + numbered(columns) + ")")
		for _, row := range rows {
			exec("insert into x values ("+strings.TrimSuffix(strings.Repeat("?,", columns), ",")+")", row...)
		}
		exec("commit")
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		s := shed{dir}
		s.put(outer, "sources.yaml", "databases: {shop: {sqlite: x.db}}\n")
		p, err := gather.Open([]string{filepath.Join(dir, "sources.yaml")})
		if err != nil {
			t.Fatal(err)
		}
		defer p.Close()
		got, err := p.Gather(context.Background(), job(outer, "select * from x order by rowid", from(outer, "x", "select * from x order by rowid")))
		if err != nil {
			t.Fatal(err)
		}
		if len(rows) != len(got.Table.Rows) || len(rows) > 0 && !reflect.DeepEqual(got.Table.Rows, rows) {
			t.Fatalf("got %#v, want %#v", got.Table.Rows, rows)
		}
	})
}

func numbered(n int) string {
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf("c%d blob", i)
	}
	return strings.Join(names, ", ")
}
