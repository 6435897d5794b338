package definition_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"peyk/internal/provider/engine/definition"
	"peyk/internal/provider/engine/lang"
	"peyk/internal/provider/engine/query"
	"peyk/internal/strictyaml"
)

var places = definition.Places{Databases: []string{"community", "shop"}, Folders: []string{"files"}}

// sample is the report file of the architecture's text, which must stay
// readable for ever.
func sample(tb testing.TB) string {
	tb.Helper()
	data, err := os.ReadFile("testdata/sample.yaml")
	if err != nil {
		tb.Fatal(err)
	}
	return string(data)
}

func TestTheSampleIsRead(t *testing.T) {
	t.Parallel()
	r, err := definition.Parse("sample.yaml", []byte(sample(t)), places)
	if err != nil {
		t.Fatal(err)
	}
	if r.ID != "top-games.v1" || r.Approval != "none" || len(r.Sources) != 3 || len(r.Parameters) != 3 {
		t.Errorf("read as %+v", r)
	}
	period, count := r.Parameters[0], r.Parameters[1]
	if period.Name != "period" || !period.Preset || !period.Required() || string(period.Default) != `"last-year"` {
		t.Errorf("period is %+v", period)
	}
	if count.Required() || *count.Min != 1 || *count.Max != 500 || string(count.Default) != "50" || count.Title.EN != "Count" {
		t.Errorf("count is %+v", count)
	}
	if got := r.Sources[0].Query.Placeholders; len(got) != 3 || got[1] != (query.Placeholder{Name: "period", Field: "to"}) {
		t.Errorf("placeholders are %v", got)
	}
	if c := r.Tables[0].Columns[2]; c.Currency != lang.TRY || c.Digits != 2 || c.Total != definition.Sum {
		t.Errorf("amount is %+v", c)
	}
}

func TestVersionFollowsWhatTheFileSays(t *testing.T) {
	t.Parallel()
	version := func(text string) string {
		r, err := definition.Parse("a.yaml", []byte(text), places)
		if err != nil {
			t.Fatal(err)
		}
		return r.Version
	}
	first := version(sample(t))
	if version("# a comment\n"+strings.ReplaceAll(sample(t), "min: 1,", "min:   1,")) != first {
		t.Error("a comment and spaces made another version")
	}
	if version(strings.ReplaceAll(sample(t), "max: 500", "max: 501")) == first {
		t.Error("another limit is the same version")
	}
}

// TestMistakes changes one thing in the sample and reads what is said of it;
// the golden files are for people.
func TestMistakes(t *testing.T) {
	t.Parallel()
	for name, change := range map[string][2]string{
		"key":               {"parameters:", "paramters:"},
		"type":              {"type: date-range", "type: daterange"},
		"id":                {"id: top-games.v1", "id: Top Games"},
		"placeholder":       {":min_reviews", ":min_review"},
		"range-end":         {":period.from", ":period.start"},
		"field":             {"limit :count", "limit :count.from"},
		"database":          {"database: shop", "database: shops"},
		"two-statements":    {"limit :count\"", "limit :count; drop table games\""},
		"not-select":        {"combine: \"select", "combine: \"delete"},
		"column-twice":      {"name: share", "name: name"},
		"no-currency":       {"currency: TRY, ", ""},
		"currency":          {"currency: TRY", "currency: TRL"},
		"sum-of-text":       {"{name: name,", "{name: name, total: sum,"},
		"digits-of-text":    {"{name: name,", "{name: name, digits: 2,"},
		"default":           {"default: 50", "default: 501"},
		"preset":            {"default: last-year", "default: lastyear"},
		"min-over-max":      {"min: 1, max: 500", "min: 600, max: 500"},
		"file-outside":      {"file: games.csv", "file: ../games.csv"},
		"both":              {"file: games.csv", "file: games.csv, database: shop"},
		"format":            {"formats: [pdf]", "formats: [pdf, docx]"},
		"no-formats":        {"formats: [pdf]", "formats: []"},
		"text-not-language": {"{en: Game, tr: Oyun}", "Game"},
		"sentence":          {"layout:", "layout:\n  sentence: {en: \"of {perod}\"}"},
		"typical":           {"formats:", "typical: soon\nformats:"},
		"folder":            {"file: games.csv", "file: games.csv, folder: file"},
		"wrong-limit":       {"type: date-range,", "type: date-range, min: 3,"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := strings.Replace(sample(t), change[0], change[1], 1)
			if text == sample(t) {
				t.Fatalf("%q is not in the sample", change[0])
			}
			_, err := definition.Parse("sample.yaml", []byte(text), places)
			var mistakes strictyaml.Mistakes
			if !errors.As(err, &mistakes) {
				t.Fatalf("want mistakes, got %v", err)
			}
			golden(t, "testdata/mistakes/"+name+".txt", err.Error()+"\n")
		})
	}
}

// golden compares with a file; PEYK_GOLDEN=write writes it instead.
func golden(t *testing.T, path, got string) {
	t.Helper()
	if os.Getenv("PEYK_GOLDEN") == "write" {
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil || string(want) != got {
		t.Errorf("%s (PEYK_GOLDEN=write go test writes it anew), %v:\n got %s\nwant %s", path, err, got, want)
	}
}

func TestValues(t *testing.T) {
	t.Parallel()
	one, nine := 1.0, 9.0
	params := map[string]definition.Parameter{
		"integer": {Type: definition.Integer, Min: &one, Max: &nine},
		"text":    {Type: definition.Text, MaxLength: 3},
		"choice":  {Type: definition.Choice, Choices: []definition.Option{{Value: "a"}, {Value: "b"}}},
		"boolean": {Type: definition.Boolean},
		"date":    {Type: definition.Date},
		"range":   {Type: definition.DateRange},
	}
	for _, c := range []struct {
		of, raw, refused string // refused: part of what is said; "" where the value is good
	}{
		{"integer", "1", ""}, {"integer", "9", ""}, {"integer", "0", "at least 1"}, {"integer", "10", "at most 9"},
		{"integer", "1.0", "whole number"}, {"integer", `"1"`, "whole number"}, {"integer", "null", "whole number"}, {"integer", "1 2", "whole number"},
		{"integer", "99999999999999999999", "whole number"}, {"integer", "", "whole number"},
		{"text", `"ğüş"`, ""}, {"text", `""`, ""}, {"text", `"ğüşi"`, "at most 3"}, {"text", `"a\u0000"`, "control"}, {"text", "3", "text"},
		{"choice", `"b"`, ""}, {"choice", `"c"`, "not one of"}, {"choice", `""`, "not one of"},
		{"boolean", "true", ""}, {"boolean", `"true"`, "true or false"}, {"boolean", "null", "true or false"},
		{"date", `"2024-02-29"`, ""}, {"date", `"2025-02-29"`, "not a date"}, {"date", `"2025-1-1"`, "not a date"}, {"date", `"today"`, "not a date"}, {"date", `"0000-01-01"`, "not a date"},
		{"range", `{"from":"2025-01-01","to":"2026-01-01"}`, ""}, {"range", `{"from":"2025-01-01","to":"2025-01-01"}`, "before"},
		{"range", `{"from":"2025-01-01"}`, "a range like"}, {"range", `{"from":"2025-01-01","to":null}`, "a range like"}, {"range", `"last-year"`, "a range like"},
		{"range", `{"from":"2025-01-01","to":"2026-01-01","x":1}`, "a range like"}, {"range", `{"from":"x","to":"2026-01-01"}`, "from:"},
	} {
		_, err := params[c.of].Value(json.RawMessage(c.raw))
		if (err == nil) != (c.refused == "") || err != nil && !strings.Contains(err.Error(), c.refused) {
			t.Errorf("%s %s: got %v, want %q", c.of, c.raw, err, c.refused)
		}
	}
}

func TestSchemaIsWhatARequestCarries(t *testing.T) {
	t.Parallel()
	text := strings.Replace(sample(t), "sources:", `  who:   {type: text, max: 40}
  where: {type: choice, values: [{value: tr, title: {en: Turkey, tr: Türkiye}}, {value: de}], default: de}
  since: {type: date, default: today}
  day:   {type: date, default: 2025-01-31}
  all:   {type: boolean, default: true}
sources:`, 1)
	r, err := definition.Parse("a.yaml", []byte(text), places)
	if err != nil {
		t.Fatal(err)
	}
	schema, err := r.Schema()
	if err != nil {
		t.Fatal(err)
	}
	var pretty any
	if err := json.Unmarshal(schema, &pretty); err != nil {
		t.Fatal(err)
	}
	lines, err := json.MarshalIndent(pretty, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "testdata/schema.json", string(lines)+"\n")
}

func TestInWords(t *testing.T) {
	t.Parallel()
	r, err := definition.Parse("a.yaml", []byte(sample(t)), places)
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]definition.Value{}
	for name, raw := range map[string]string{"period": `{"from":"2025-01-01","to":"2026-01-01"}`, "count": "500", "min_reviews": "12345"} {
		for _, p := range r.Parameters {
			if p.Name == name {
				if values[name], err = p.Value(json.RawMessage(raw)); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	if got, want := r.InWords(values, lang.Of("tr"), "tr"), "Period: 2025, Count: 500, Min reviews: 12.345"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	r.Sentence.EN = "{count} games of {period}, {period}!"
	if got, want := r.InWords(values, lang.Of("en"), "en"), "500 games of 2025, 2025!"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// FuzzParse looks for panics, and for reports that are let through with a
// placeholder that has no value.
func FuzzParse(f *testing.F) {
	f.Add(sample(f))
	f.Add("id: a.v1\nsources: {a: {file: a.csv}}\n")
	f.Add("parameters: {a: {type: choice, values: [{value: x}]}}\n")
	f.Fuzz(func(t *testing.T, text string) {
		r, err := definition.Parse("fuzz.yaml", []byte(text), places)
		if err != nil {
			return
		}
		bindings := definition.Bindings(r.Parameters, map[string]definition.Value{}, "tr")
		for _, q := range append([]query.Query{r.Combine}, r.Sources[0].Query) {
			if _, err := q.Bind(bindings); err != nil {
				t.Fatalf("%q was let through: %v", text, err)
			}
		}
		if _, err := r.Schema(); err != nil {
			t.Fatal(err)
		}
	})
}
