package engine_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"peyk/internal/provider/engine"
	"peyk/internal/report"
)

// asking takes a parameter of every type.
const asking = `
id: asking.v1
title: {en: Asking}
parameters:
  period: {type: date-range, default: last-year}
  day: {type: date, default: "2025-01-31"}
  count: {type: integer, min: 1, max: 500, default: 50}
  rating: {type: decimal, min: 0, max: 10, digits: 1, default: 7.5}
  budget: {type: money, currency: TRY, min: 0, digits: 2, default: 100}
  name: {type: text, max: 20, default: ""}
  closed: {type: boolean, default: false}
  country: {type: choice, default: TR, values: [{value: TR}, {value: DE}]}
  pick: {type: choice, from: {database: shop, sql: "select distinct country from sales order by country"}}
  where: {type: expression, default: "", fields: {name: {type: text, sql: g.name}, id: {type: number, sql: game_id}}}
sources:
  games: {file: games.csv}
combine: |
  select g.name, count(*) over () as n
  from games g
  where :where and cast(game_id as integer) <= :count and :name in ('', g.name) and :rating > 0 and :budget >= 0 and :closed = 0
    and :country <> '' and :pick <> '' and :day < '9999' and :period.from < :period.to
  order by name
layout: {table: {columns: [{name: name}, {name: n, format: integer}]}}
formats: [pdf]
`

func askingEngine(t *testing.T) *engine.Engine {
	t.Helper()
	w := newWorld(t, 3, 40)
	w.file(t, "reports/asking.yaml", asking)
	return w.engine(t, w.dir+"/reports")
}

// whole are values for every parameter without a default.
func whole() map[string]json.RawMessage {
	return map[string]json.RawMessage{"period": json.RawMessage(`{"from":"2025-01-01","to":"2026-01-01"}`), "pick": json.RawMessage(`"Türkiye"`)}
}

func TestChoicesComeFromTheirQuery(t *testing.T) {
	t.Parallel()
	e := askingEngine(t)
	for _, p := range e.Catalog().Types[0].Parameters {
		if p.Name == "pick" && len(p.Choices) != len(countries) {
			t.Errorf("choices are %v, want %v", p.Choices, countries)
		}
	}
	before := e.Catalog().ETag
	if err := e.Refresh(t.Context()); err != nil || e.Catalog().ETag != before {
		t.Errorf("refreshed over the same rows: %s, then %s, %v", before, e.Catalog().ETag, err)
	}
}

func TestAConditionChoosesRows(t *testing.T) {
	t.Parallel()
	e := askingEngine(t)
	ask := func(condition string) int {
		job := topGames("en")
		job.Type, job.Parameters = "asking.v1", whole()
		job.Parameters["where"], _ = json.Marshal(condition)
		r, err := e.Run(t.Context(), job, noProgress)
		if err != nil {
			t.Fatalf("%s: %v", condition, err)
		}
		return r.Documents[0].Rows
	}
	for condition, want := range map[string]int{
		"": 40, "id <= 7": 7, "id between 3 and 5 or id in (9, 10)": 5, "not (id > 2)": 2, "name = 'no such game'": 0,
		"name = ''' or 1=1 --'": 0,
	} {
		if got := ask(condition); got != want {
			t.Errorf("%q: %d rows, want %d", condition, got, want)
		}
	}
}

// TestHostileParameters: each is refused with the field's name and a reason,
// and says so in the one error people and programs read.
func TestHostileParameters(t *testing.T) {
	t.Parallel()
	e := askingEngine(t)
	deep := strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000)
	hostile := []struct{ name, value string }{
		{"period", `null`}, {"period", `"last-year"`}, {"period", `{}`}, {"period", `{"from":"2025-01-01"}`},
		{"period", `{"from":"2026-01-01","to":"2025-01-01"}`}, {"period", `{"from":"2025-01-01","to":"2025-01-01"}`},
		{"period", `{"from":"2025-02-30","to":"2026-01-01"}`}, {"period", `{"from":"2025-01-01","to":"2026-01-01","or":1}`},
		{"period", `{"from":1,"to":2}`}, {"period", `[]`}, {"period", `{"from":"' or 1=1 --","to":"2026-01-01"}`},
		{"day", `"31.01.2025"`}, {"day", `20250131`}, {"day", `"today"`}, {"day", `"0000-01-01"`}, {"day", `"2025-01-31T00:00:00Z"`},
		{"count", `0`}, {"count", `501`}, {"count", `-1`}, {"count", `1.5`}, {"count", `"50"`}, {"count", `1e99`}, {"count", `9223372036854775808`},
		{"count", `true`}, {"count", `[50]`}, {"count", `{"$gt":0}`}, {"count", `50; drop table games`}, {"count", ``}, {"count", `NaN`},
		{"rating", `10.1`}, {"rating", `-0.1`}, {"rating", `7.55`}, {"rating", `"7.5"`}, {"rating", `1e400`}, {"rating", `null`},
		{"budget", `-1`}, {"budget", `1.001`}, {"budget", `"₺5"`}, {"budget", `Infinity`},
		{"name", `"` + strings.Repeat("x", 21) + `"`}, {"name", `"a\u0000b"`}, {"name", `"a\nb"`}, {"name", `5`}, {"name", deep}, {"name", `"a" "b"`},
		{"closed", `1`}, {"closed", `"true"`}, {"closed", `null`},
		{"country", `"FR"`}, {"country", `"tr"`}, {"country", `["TR"]`}, {"country", `""`},
		{"pick", `"Atlantis"`}, {"pick", `null`}, {"pick", `"Türkiye' or '1'='1"`},
		{"where", `"id > 1; drop table games"`}, {"where", `"1 = 1"`}, {"where", `"id > (select 1)"`}, {"where", `"load_extension('x')"`}, {"where", `"name like '%'"`},
		{"where", `{"id":1}`}, {"where", `"id = 1 or"`}, {"where", `"` + strings.Repeat("(", 500) + `"`}, {"where", `"secret = 1"`},
		{"unknown", `1`}, {"Period", `{"from":"2025-01-01","to":"2026-01-01"}`}, {"__proto__", `{}`},
	}
	for i, h := range hostile {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			given := whole()
			given[h.name] = json.RawMessage(h.value)
			err := e.Validate("asking.v1", given)
			var fields *engine.Invalid
			if !errors.As(err, &fields) || len(fields.Fields) != 1 || fields.Fields[0].Name != h.name || len(fields.Fields[0].Why) < 8 {
				t.Fatalf("%s = %.80s: got %v", h.name, h.value, err)
			}
			want := "invalid-parameters"
			if h.name == "where" {
				want = "expression-rejected"
			}
			if report.CodeOf(err) != want || report.ClassOf(err) != report.Permanent {
				t.Errorf("%s = %.80s: code %s", h.name, h.value, report.CodeOf(err))
			}
		})
	}
}

// FuzzValidate: whatever comes as parameters, the answer is yes or a refusal
// that names fields; what was accepted can be made into a report.
func FuzzValidate(f *testing.F) {
	f.Add("count", `5`)
	f.Add("where", `"id > 1 and name = 'x'"`)
	f.Add("period", `{"from":"2025-01-01","to":"2026-01-01"}`)
	w := newWorld(f, 3, 10)
	w.file(f, "reports/asking.yaml", asking)
	e := w.engine(f, w.dir+"/reports")
	f.Fuzz(func(t *testing.T, name, value string) {
		given := whole()
		given[name] = json.RawMessage(value)
		err := e.Validate("asking.v1", given)
		var fields *engine.Invalid
		if err != nil {
			if !errors.As(err, &fields) || len(fields.Fields) == 0 {
				t.Fatalf("%s = %q: %v", name, value, err)
			}
			return
		}
		job := topGames("tr")
		job.Type, job.Parameters = "asking.v1", given
		if _, err := e.Run(t.Context(), job, noProgress); err != nil {
			t.Fatalf("%s = %q was accepted: %v", name, value, err)
		}
	})
}
