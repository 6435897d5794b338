package demo_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"peyk/internal/provider/demo"
	"peyk/internal/provider/demo/demotest"
	"peyk/internal/provider/engine/compose"
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
	result gather.Result
}

// run gathers the rows, with the answers for figures and charts.
func (r reporter) run(t failer, parameters demotest.Record, locale string) *gathered {
	t.Helper()
	values := r.values(t, parameters, locale)
	result, err := r.places.Gather(t.Context(), gather.Job{
		Sources: r.report.Sources, Combine: r.report.Combine, Queries: compose.Queries(r.report),
		Values: values, Locale: locale, RowCap: 1_000_000, TableCap: 1_000_000,
	})
	if err != nil {
		t.Fatalf("%s with %v: %v", r.report.ID, values, err)
	}
	return &gathered{r, t, result}
}

// answer to one of the layout's queries.
func (g *gathered) answer(q query.Query) gather.Table {
	g.t.Helper()
	for i, asked := range compose.Queries(g.report) {
		if asked.Text == q.Text {
			return g.result.Answers[i]
		}
	}
	g.t.Fatalf("%s: not among the queries of the layout", q.Text)
	return gather.Table{}
}
