package demo_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"peyk/internal/provider/engine"
	"peyk/internal/provider/engine/pdftest"
)

// runByDefault holds the documents against what people have read: the page as
// poppler lays it out, and the records.
func runByDefault(t *testing.T, e *engine.Engine, kind engine.ReportType, locale string) {
	t.Helper()
	result, err := e.Run(t.Context(), engine.Job{
		GUID: "01a2082b-96d0-7c3e-9a41-5d0be27f8c16", Generation: 1, Type: kind.ID, Parameters: inMarch(kind),
		Locale: locale, TimeZone: "Europe/Istanbul", RequestedBy: "Derya Aksoy", RequestedAt: day, AsOf: day, Formats: kind.Formats,
	}, func(int, int, string) {})
	if err != nil {
		t.Errorf("%s in %s: %v", kind.ID, locale, err)
		return
	}
	if len(result.Documents) != len(kind.Formats) || result.Documents[0].Rows == 0 {
		t.Errorf("%s in %s: %d documents, the first of %d rows", kind.ID, locale, len(result.Documents), result.Documents[0].Rows)
	}
	for _, d := range result.Documents {
		name := fmt.Sprintf("testdata/%s.%s.%s.txt", kind.ID, locale, filepath.Ext(d.Name)[1:])
		switch d.MediaType {
		case "application/pdf":
			pdftest.Check(t, d.Bytes)
			golden(t, name, withoutFileTimes(pdftest.Text(t, d.Bytes)))
		case "text/csv":
			golden(t, name, string(d.Bytes))
		}
	}
}

// withoutFileTimes leaves out when games.csv and the example's files were made.
func withoutFileTimes(page string) string {
	lines := strings.Split(page, "\n")
	for i, l := range lines {
		if m := fileTime.FindString(l); m != "" && !strings.Contains(m, day.In(istanbul()).Format(time.TimeOnly)) {
			lines[i] = strings.Replace(l, m, "(of the file)", 1)
		}
	}
	return strings.Join(lines, "\n")
}

var fileTime = regexp.MustCompile(`\d{1,2} \p{L}+ \d{4} \d\d:\d\d:\d\d`)

func istanbul() *time.Location {
	zone, err := time.LoadLocation("Europe/Istanbul")
	if err != nil {
		panic(err)
	}
	return zone
}

// golden compares with a file; PEYK_GOLDEN=write writes it instead.
func golden(t *testing.T, file, got string) {
	t.Helper()
	if os.Getenv("PEYK_GOLDEN") == "write" {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil || got != string(want) {
		t.Errorf("%s (PEYK_GOLDEN=write go test ./internal/provider/demo writes it anew; git diff shows how it differs), %v", file, err)
	}
}

// inMarch gives the date ranges a value, which have only a preset: one month is
// short enough to be read.
func inMarch(kind engine.ReportType) map[string]json.RawMessage {
	values := map[string]json.RawMessage{}
	for _, p := range kind.Parameters {
		switch {
		case len(p.Presets) > 0:
			values[p.Name] = json.RawMessage(`{"from":"2025-03-01","to":"2025-04-01"}`)
		case p.Name == "min_reviews" && kind.ID == "top-games.v1":
			values[p.Name] = json.RawMessage("20")
		}
	}
	return values
}
