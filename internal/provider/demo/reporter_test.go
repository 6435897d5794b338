package demo_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"peyk/internal/provider/demo"
	"peyk/internal/provider/demo/demotest"
	"peyk/internal/provider/engine/definition"
	"peyk/internal/provider/engine/gather"
	"peyk/internal/provider/engine/query"
)

// reporter runs one report type as far as its rows and the answers to its
// figures and charts.
type reporter struct {
	places *gather.Places
	report *definition.Report
}

func newReporter(t *testing.T, reportFile, sourcesFile string) reporter {
	t.Helper()
	places, err := gather.Open([]string{sourcesFile})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := places.Close(); err != nil {
			t.Error(err)
		}
	})
	data, err := os.ReadFile(reportFile)
	if err != nil {
		t.Fatal(err)
	}
	r, err := definition.Parse(reportFile, data, places.Names())
	if err != nil {
		t.Fatal(err)
	}
	return reporter{places, r}
}

func demoReporter(t *testing.T, file string) reporter {
	t.Helper()
	return reporterIn(t, company(t), file)
}

// reporterIn has the choices of the shop in dir, which the report asks it for.
func reporterIn(t *testing.T, dir, file string) reporter {
	t.Helper()
	r := newReporter(t, filepath.Join(dir, demo.Reports, file), filepath.Join(dir, demo.Sources))
	for i, p := range r.report.Parameters {
		if p.From == nil {
			continue
		}
		r.report.Parameters[i].Choices = choices(t, filepath.Join(dir, p.From.Database+".db"), p.From.Query.Text)
	}
	return r
}

// choices are the answer to the query of a parameter.
func choices(t *testing.T, file, text string) (all []definition.Option) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+file+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.QueryContext(t.Context(), text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	defer rows.Close()
	for rows.Next() {
		var o definition.Option
		if err := rows.Scan(&o.Value, &o.Title.EN, &o.Title.TR); err != nil {
			t.Fatal(err)
		}
		all = append(all, o)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// failer is what a *testing.T and a *rapid.T have in common.
type failer interface {
	Helper()
	Context() context.Context
	Fatalf(format string, args ...any)
}

func (r reporter) values(t failer, parameters demotest.Record, locale string) map[query.Placeholder]any {
	t.Helper()
	values := map[string]definition.Value{}
	for _, p := range r.report.Parameters {
		raw, err := json.Marshal(parameters[p.Name])
		if err != nil {
			t.Fatalf("%s: %v", p.Name, err)
		}
		if values[p.Name], err = p.Value(raw); err != nil {
			t.Fatalf("%s = %s: %v", p.Name, raw, err)
		}
	}
	return definition.Bindings(r.report.Parameters, values, locale)
}

// gathered is what became of one question.
type gathered struct {
	reporter
	t      failer
	values map[query.Placeholder]any
	result gather.Table
	bench  *sql.DB // with a table result, and the sources once they are needed
	loaded map[string]bool
}

// run combines the rows and lays them on a bench of its own; close it.
func (r reporter) run(t failer, parameters demotest.Record, locale string) *gathered {
	t.Helper()
	g := &gathered{reporter: r, t: t, values: r.values(t, parameters, locale), loaded: map[string]bool{}}
	g.result = g.gather(r.report.Sources, r.report.Combine)
	var err error
	if g.bench, err = sql.Open("sqlite", ":memory:"); err != nil {
		t.Fatalf("open a bench: %v", err)
	}
	g.bench.SetMaxOpenConns(1)
	g.load("result", g.result)
	return g
}

func (g *gathered) close() { _ = g.bench.Close() }

func (g *gathered) gather(sources []definition.Source, combine query.Query) gather.Table {
	g.t.Helper()
	table, _, err := g.places.Gather(g.t.Context(), gather.Job{
		Sources: sources, Combine: combine, Values: g.values, RowCap: 1_000_000, TableCap: 1_000_000,
	})
	if err != nil {
		g.t.Fatalf("%s: %s with %v: %v", g.report.ID, combine.Text, g.values, err)
	}
	return table
}

func (g *gathered) load(name string, table gather.Table) {
	g.t.Helper()
	g.loaded[name] = true
	do := func(text string, args ...any) {
		if _, err := g.bench.ExecContext(g.t.Context(), text, args...); err != nil {
			g.t.Fatalf("%s: %v", text, err)
		}
	}
	do(fmt.Sprintf("create table %q (%s)", name, strings.Join(table.Columns, ", ")))
	do("begin")
	row := "(?" + strings.Repeat(", ?", len(table.Columns)-1) + ")"
	const batch = 200
	for from := 0; from < len(table.Rows); from += batch {
		rows := table.Rows[from:min(from+batch, len(table.Rows))]
		var args []any
		for _, r := range rows {
			args = append(args, r...)
		}
		do(fmt.Sprintf("insert into %q values %s%s", name, row, strings.Repeat(", "+row, len(rows)-1)), args...)
	}
	do("commit")
}

// answer asks the bench one of the further queries.
func (g *gathered) answer(q query.Query) (t gather.Table) {
	g.t.Helper()
	for _, s := range g.report.Sources {
		if strings.Contains(q.Text, s.Name) && !g.loaded[s.Name] {
			all, err := query.Parse("select * from " + s.Name)
			if err != nil {
				g.t.Fatalf("%s: %v", s.Name, err)
			}
			g.load(s.Name, g.gather([]definition.Source{s}, all))
		}
	}
	args, err := q.Bind(g.values)
	if err != nil {
		g.t.Fatalf("%s: %v", q.Text, err)
	}
	rows, err := g.bench.QueryContext(g.t.Context(), q.Text, args...)
	if err != nil {
		g.t.Fatalf("%s: %v", q.Text, err)
	}
	defer rows.Close()
	if t.Columns, err = rows.Columns(); err != nil {
		g.t.Fatalf("%s: %v", q.Text, err)
	}
	for rows.Next() {
		row, into := make([]any, len(t.Columns)), make([]any, len(t.Columns))
		for i := range row {
			into[i] = &row[i]
		}
		if err := rows.Scan(into...); err != nil {
			g.t.Fatalf("%s: %v", q.Text, err)
		}
		t.Rows = append(t.Rows, row)
	}
	if err := rows.Err(); err != nil {
		g.t.Fatalf("%s: %v", q.Text, err)
	}
	return t
}
