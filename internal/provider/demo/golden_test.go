package demo_test

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
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
			golden(t, name, pdftest.Text(t, d.Bytes))
		case "text/csv":
			golden(t, name, string(d.Bytes))
		}
	}
}

// fileTime is the modification time of every file that copyOf makes. It differs
// from day: a document shows the two in different places.
var fileTime = time.Date(2026, 11, 20, 6, 15, 0, 0, time.UTC)

// copyOf copies dir to a temporary directory. A document prints the modification
// time of the files it was made from; in a checkout or in generated data that is
// the time of the run.
func copyOf(t *testing.T, dir string) string {
	t.Helper()
	to := t.TempDir()
	if err := os.CopyFS(to, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	err := filepath.WalkDir(to, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		return os.Chtimes(path, fileTime, fileTime)
	})
	if err != nil {
		t.Fatalf("set the modification times in the copy of %s: %v", dir, err)
	}
	return to
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
