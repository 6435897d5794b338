package demo_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"peyk/internal/provider/demo"
	"peyk/internal/provider/demo/demotest"
	"peyk/internal/provider/engine"
	"peyk/internal/provider/engine/definition"
	"peyk/internal/provider/engine/gather"
)

// reporter runs one report type as far as its combined rows.
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
	dir := company(t)
	return newReporter(t, filepath.Join(dir, demo.Reports, file), filepath.Join(dir, demo.Sources))
}

// failer is what a *testing.T and a *rapid.T have in common.
type failer interface {
	Helper()
	Context() context.Context
	Fatalf(format string, args ...any)
}

// run gives the rows, values by the name of their column.
func (r reporter) run(t failer, parameters map[string]any) []map[string]any {
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
	got, err := r.places.Gather(t.Context(), gather.Job{
		Sources: r.report.Sources, Combine: r.report.Combine,
		Values: definition.Bindings(r.report.Parameters, values, "tr"), RowCap: 1_000_000, TableCap: 50_000,
	})
	if err != nil {
		t.Fatalf("run %s with %v: %v", r.report.ID, parameters, err)
	}
	table := got.Table
	rows := make([]map[string]any, len(table.Rows))
	for i, row := range table.Rows {
		rows[i] = map[string]any{}
		for j, name := range table.Columns {
			rows[i][name] = row[j]
		}
	}
	return rows
}

func period(from, to string) map[string]string { return map[string]string{"from": from, "to": to} }

// topRow writes what the independent computation found as the report's row.
func topRow(r demotest.TopRow) map[string]any {
	return map[string]any{
		"name": r.Name, "share": r.Share, "reviews": int64(r.Reviews), "total": lira(r.Total),
		"tr": lira(r.Kurus["TR"]), "de": lira(r.Kurus["DE"]), "us": lira(r.Kurus["US"]),
		"gb": lira(r.Kurus["GB"]), "fr": lira(r.Kurus["FR"]), "other": lira(r.Kurus[demotest.Other]),
	}
}

func lira(kurus int) float64 { return float64(kurus) / 100 }

// differ names the first difference, or nothing. Numbers may differ by what
// the order of a sum does to its last bits.
func differ(got, want []map[string]any) string {
	for i := range max(len(got), len(want)) {
		if i >= len(got) || i >= len(want) {
			return fmt.Sprintf("%d rows, want %d", len(got), len(want))
		}
		for name := range want[i] {
			if !alike(got[i][name], want[i][name]) {
				return fmt.Sprintf("row %d, %s: %v, want %v\n got %v\nwant %v", i+1, name, got[i][name], want[i][name], got[i], want[i])
			}
		}
	}
	return ""
}

func alike(a, b any) bool {
	x, xNumber := number(a)
	y, yNumber := number(b)
	if xNumber && yNumber {
		return math.Abs(x-y) < 1e-9*math.Max(1, math.Abs(x))
	}
	return a == b
}

func number(v any) (float64, bool) {
	switch v := v.(type) {
	case int64:
		return float64(v), true
	case float64:
		return v, true
	}
	return 0, false
}

func TestTopGamesAgree(t *testing.T) {
	t.Parallel()
	r := demoReporter(t, "top-games.yaml")
	data, err := demotest.ReadCompany(t.Context(), company(t))
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		first := day.AddDate(0, 0, -rapid.IntRange(0, 1200).Draw(t, "days ago"))
		from := first.Format(time.DateOnly)
		to := first.AddDate(0, 0, rapid.IntRange(1, 40).Draw(t, "days")).Format(time.DateOnly)
		count := rapid.IntRange(1, 500).Draw(t, "count")
		least := rapid.IntRange(0, 60).Draw(t, "min_reviews")
		expected, _ := data.TopGames(from, to, count, least)
		var want []map[string]any
		for _, row := range expected {
			want = append(want, topRow(row))
		}
		got := r.run(t, map[string]any{"period": period(from, to), "count": count, "min_reviews": least})
		if d := differ(got, want); d != "" {
			t.Fatalf("top-games.v1 from %s to %s, count %d, min_reviews %d: %s", from, to, count, least, d)
		}
	})
}

func TestTopGamesByDefault(t *testing.T) {
	t.Parallel()
	data, err := demotest.ReadCompany(t.Context(), company(t))
	if err != nil {
		t.Fatal(err)
	}
	r := demoReporter(t, "top-games.yaml")
	rows := r.run(t, map[string]any{"period": period("2025-01-01", "2026-01-01"), "count": 50, "min_reviews": 100})
	expected, _ := data.TopGames("2025-01-01", "2026-01-01", 50, 100)
	if len(rows) != 50 || len(expected) != 50 {
		t.Errorf("last year with the defaults: %d rows, computed %d, want 50", len(rows), len(expected))
	}
}

func TestContactsAgree(t *testing.T) {
	t.Parallel()
	r := demoReporter(t, "customer-contacts.yaml")
	for _, q := range []struct{ from, to, country string }{
		{"2026-10-01", "2026-11-01", "all"}, {"2025-01-01", "2026-01-01", "TR"}, {"2026-11-22", "2026-11-23", "JP"}, {"2020-01-01", "2021-01-01", "all"},
	} {
		expected, err := demotest.Contacts(t.Context(), company(t), q.from, q.to, q.country)
		if err != nil {
			t.Fatal(err)
		}
		var want []map[string]any
		for _, c := range expected {
			want = append(want, map[string]any{
				"name": c.Name, "email": c.Email, "phone": strings.ReplaceAll(c.Phone, " ", "\u00a0"),
				"country": c.Country, "rentals": int64(c.Rentals), "last_rental": c.LastRental,
			})
		}
		got := r.run(t, map[string]any{"period": period(q.from, q.to), "country": q.country})
		if d := differ(got, want); d != "" {
			t.Errorf("customer-contacts.v1 with %+v: %s", q, d)
		}
	}
}

// Every type lets itself be asked for with its defaults, dates being last year,
// and finds rows.
func TestTypesRunByDefault(t *testing.T) {
	t.Parallel()
	dir := company(t)
	e, err := engine.Open(t.Context(), engine.Config{
		ReportDirs: []string{filepath.Join(dir, demo.Reports), examples + "/reports"}, SourceFiles: []string{filepath.Join(dir, demo.Sources), examples + "/sources.yaml"},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	approvals := map[string]string{"top-games.v1": "none", "customer-contacts.v1": "approver", "tiny.v1": "none", "best-reviewed.v1": "none"}
	for _, kind := range e.Catalog().Types {
		if want, known := approvals[kind.ID]; !known || kind.Approval != want {
			t.Errorf("%s has the approval %q, want %q", kind.ID, kind.Approval, want)
		}
		delete(approvals, kind.ID)
		for _, locale := range []string{"tr", "en"} {
			result, err := e.Run(t.Context(), engine.Job{
				GUID: "01a2082b-96d0-7c3e-9a41-5d0be27f8c16", Generation: 1, Type: kind.ID, Parameters: lastYear(kind),
				Locale: locale, TimeZone: "Europe/Istanbul", RequestedBy: "Derya Aksoy", RequestedAt: day, AsOf: day, Formats: kind.Formats,
			}, func(int, int, string) {})
			if err != nil {
				t.Errorf("%s in %s: %v", kind.ID, locale, err)
			} else if result.Documents[0].Rows == 0 {
				t.Errorf("%s in %s has no rows", kind.ID, locale)
			}
		}
	}
	for id := range approvals {
		t.Errorf("%s is not in the catalog", id)
	}
}

// lastYear gives the date ranges a value, which have only a preset.
func lastYear(kind engine.ReportType) map[string]json.RawMessage {
	values := map[string]json.RawMessage{}
	for _, p := range kind.Parameters {
		if len(p.Presets) > 0 {
			values[p.Name] = json.RawMessage(`{"from":"2025-01-01","to":"2026-01-01"}`)
		}
	}
	return values
}
