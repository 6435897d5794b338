package author_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/pb33f/jsonschema/v6"

	"peyk/internal/provider/author"
	"peyk/internal/provider/engine/definition"
	"peyk/internal/provider/engine/pdftest"
	"peyk/internal/report"
)

func quiet(int, int, string) {}

func first(t *testing.T) author.File {
	t.Helper()
	path := filepath.Join(t.TempDir(), "monthly-sales.yaml")
	written, err := author.New(path)
	if err != nil || len(written) != 3 {
		t.Fatalf("written %v, %v", written, err)
	}
	return author.File{Path: path}
}

func change(t *testing.T, f author.File, old, now string) {
	t.Helper()
	text, err := os.ReadFile(f.Path)
	if err != nil {
		t.Fatal(err)
	}
	changed := strings.Replace(string(text), old, now, 1)
	if changed == string(text) {
		t.Fatalf("%q is not in the file", old)
	}
	if err := os.WriteFile(f.Path, []byte(changed), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestTheFirstReportRuns(t *testing.T) {
	t.Parallel()
	f := first(t)
	if id, err := f.Check(t.Context()); err != nil || id != "monthly-sales.v1" {
		t.Fatalf("check: %s, %v", id, err)
	}
	for _, locale := range []string{"tr", "en"} {
		documents, err := f.Preview(t.Context(), author.Question{
			Parameters: map[string]string{"period": "2025-01-01..2025-12-31", "least": "200"}, Locale: locale,
			Formats: []string{"pdf", "xlsx", "csv"}, Now: time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC), Progress: quiet,
		})
		if err != nil || len(documents) != 3 || documents[0].Rows == 0 {
			t.Fatalf("preview in %s: %d documents, %v", locale, len(documents), err)
		}
		pdftest.Check(t, documents[0].Bytes)
		if text := pdftest.Text(t, documents[0].Bytes); !strings.Contains(text, "Türkiye") {
			t.Errorf("in %s the page does not show the data:\n%s", locale, text)
		}
	}
}

func TestNewMakesItsFolder(t *testing.T) {
	t.Parallel()
	f := author.File{Path: filepath.Join(t.TempDir(), "company", "reports", "monthly-sales.yaml")}
	if written, err := author.New(f.Path); err != nil || len(written) != 3 {
		t.Fatalf("written %v, %v", written, err)
	}
	if _, err := f.Check(t.Context()); err != nil {
		t.Errorf("check: %v", err)
	}
	refused := filepath.Join(t.TempDir(), "company", "My Report.yaml")
	if _, err := author.New(refused); !errors.Is(err, author.ErrName) {
		t.Errorf("with a name no type has: %v", err)
	}
	if _, err := os.Stat(filepath.Dir(refused)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the folder of a refused name was made: %v", err)
	}
}

func TestNewOverwritesNothing(t *testing.T) {
	t.Parallel()
	f := first(t)
	if _, err := author.New(f.Path); !errors.Is(err, fs.ErrExist) {
		t.Errorf("over a file: %v", err)
	}
	second := filepath.Join(filepath.Dir(f.Path), "second.yaml")
	if written, err := author.New(second); err != nil || len(written) != 1 {
		t.Errorf("beside sources: written %v, %v", written, err)
	}
	if _, err := author.New(filepath.Join(t.TempDir(), "My Report.yaml")); !errors.Is(err, author.ErrName) {
		t.Errorf("with a name no type has: %v", err)
	}
}

// TestCheckFindsWhatOnlyRunningShows changes one thing at a time in a sound
// file.
func TestCheckFindsWhatOnlyRunningShows(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ old, now, says string }{
		"a key":              {"combine: |", "combin: |", `unknown key "combin"; did you mean "combine"?`},
		"a column of a file": {"select product, country,", "select produkt, country,", "no such column: produkt"},
		"a column of figure": {"select sum(pieces) from result", "select sum(peices) from result", "no such column: peices"},
		"a slot":             {`"{products} products"`, `"{product} products"`, "product"},
		"a label":            {"label: country", "label: land", "land"},
		"a table's column":   {"{name: product,", "{name: produkt,", "produkt"},
		"a pivot's value":    {"{pivot: country, value: amount", "{pivot: country, value: amuont", "amuont"},
		"a finding":          {"as share\n        from result", "as part\n        from result", "share"},
		"syntax":             {"group by product, country\n  having", "group product, country\n  having", "syntax error"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := first(t)
			change(t, f, c.old, c.now)
			if _, err := f.Check(t.Context()); err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("want something about %q, got %v", c.says, err)
			}
		})
	}
}

func TestAPreviewRefusesAsTheProviderWould(t *testing.T) {
	t.Parallel()
	f := first(t)
	for _, parameters := range []map[string]string{
		{"period": "2025"}, {"period": "2025-02-01..2025-01-01"}, {"least": "-1"}, {"least": "much"}, {"lest": "1"}, {"least": "0x10"},
	} {
		_, err := f.Preview(t.Context(), author.Question{Parameters: parameters, Locale: "en", Now: time.Now(), Progress: quiet})
		if report.CodeOf(err) != "invalid-parameters" {
			t.Errorf("%v: got %v", parameters, err)
		}
	}
}

// TestTheSchemaKnowsEveryKey: what loads is valid, and a key that is unknown to
// the reader is unknown to the schema.
func TestTheSchemaKnowsEveryKey(t *testing.T) {
	t.Parallel()
	schema := compiled(t)
	files, err := filepath.Glob("../demo/reports/*.yaml")
	if err != nil || len(files) < 5 {
		t.Fatalf("%d report files, %v", len(files), err)
	}
	files = append(files, "first/report.yaml", "../engine/definition/testdata/full.yaml", "../engine/definition/testdata/sample.yaml",
		"../../../examples/games/reports/best-reviewed.yaml")
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(asJSON(t, data)); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
	full, err := os.ReadFile("../engine/definition/testdata/full.yaml")
	if err != nil {
		t.Fatal(err)
	}
	key := regexp.MustCompile(`[{ \n-]([a-z-]+): `)
	for _, at := range key.FindAllSubmatchIndex(full, -1) {
		name := string(full[at[2]:at[3]])
		text := bytes.Join([][]byte{full[:at[2]], []byte("x" + name), full[at[3]:]}, nil)
		places := definition.Places{Databases: []string{"shop"}, Folders: []string{"files"}}
		_, err := definition.Parse("full.yaml", text, places)
		if err != nil && strings.Contains(err.Error(), "unknown key") && schema.Validate(asJSON(t, text)) == nil {
			t.Errorf("the reader refuses the key x%s, the schema takes it", name)
		}
	}
}

func compiled(t *testing.T) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(author.Schema()))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("report.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("report.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func asJSON(t *testing.T, text []byte) any {
	t.Helper()
	raw, err := yaml.YAMLToJSON(text)
	if err != nil {
		t.Fatal(err)
	}
	var v any
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

// TestTheGuidesExampleIsSound reads the report in the guide for authors.
func TestTheGuidesExampleIsSound(t *testing.T) {
	t.Parallel()
	guide, err := os.ReadFile("../../../docs/REPORTS.md")
	if err != nil {
		t.Fatal(err)
	}
	block := regexp.MustCompile("(?s)```yaml\n(id: .*?)```").FindSubmatch(guide)
	if block == nil {
		t.Fatal("the guide has no example")
	}
	places := definition.Places{Databases: []string{"community", "shop"}, Folders: []string{"catalog"}}
	if _, err := definition.Parse("REPORTS.md", block[1], places); err != nil {
		t.Error(err)
	}
}
