package engine_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"peyk/internal/provider/engine"
	"peyk/internal/provider/engine/lang"
	"peyk/internal/provider/engine/pdftest"
	"peyk/internal/report"
)

func run(tb testing.TB, e *engine.Engine, job engine.Job) (engine.Document, engine.Result) {
	tb.Helper()
	res, err := e.Run(context.Background(), job, noProgress)
	if err != nil {
		tb.Fatal(err)
	}
	return res.Documents[0], res
}

// TestDocumentReadsAsWritten compares the text of whole documents with golden
// files, which are there to be read.
func TestDocumentReadsAsWritten(t *testing.T) {
	t.Parallel()
	e := newWorld(t, 1, 30).engine(t, "testdata/reports")
	for _, locale := range []string{"tr", "en"} {
		doc, _ := run(t, e, topGames(locale))
		pdftest.Check(t, doc.Bytes)
		golden(t, "testdata/top-games."+locale+".txt", pdftest.Text(t, doc.Bytes))
	}
	empty := topGames("tr")
	empty.Parameters["period"] = json.RawMessage(`{"from":"1999-01-01","to":"1999-02-01"}`)
	doc, res := run(t, e, empty)
	golden(t, "testdata/empty.tr.txt", pdftest.Text(t, doc.Bytes))
	if m := (report.Manifest{Files: []report.File{doc.File}, Sources: res.Sources}); !m.Empty() || m.Partial() {
		t.Errorf("an empty report says it is not: %+v", m)
	}
}

// golden compares with a file; PEYK_GOLDEN=write writes it instead.
func golden(t *testing.T, path, got string) {
	t.Helper()
	if os.Getenv("PEYK_GOLDEN") == "write" {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil || string(want) != got {
		t.Errorf("%s (PEYK_GOLDEN=write go test writes it anew), %v:\n got %s\nwant %s", path, err, got, want)
	}
}

func TestSameJobSameBytes(t *testing.T) {
	t.Parallel()
	e := newWorld(t, 2, 60).engine(t, "testdata/reports")
	first, _ := run(t, e, topGames("tr"))
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			res, err := e.Run(context.Background(), topGames("tr"), noProgress)
			if err != nil || !bytes.Equal(res.Documents[0].Bytes, first.Bytes) {
				t.Errorf("the same job gave other bytes, %v", err)
			}
		})
	}
	all.Wait()
}

// TestRowsAreWhatPlainLoopsFind does without SQL what the report's SQL does.
func TestRowsAreWhatPlainLoopsFind(t *testing.T) {
	t.Parallel()
	for seed := range uint64(8) {
		w := newWorld(t, seed, 40)
		doc, res := run(t, w.engine(t, "testdata/reports"), topGames("tr"))
		want, total := w.topGames(10, 5)
		var got []string
		for _, line := range strings.Split(pdftest.Text(t, doc.Bytes), "\n") {
			fields := strings.Fields(line)
			if len(fields) > 4 && strings.HasPrefix(fields[len(fields)-1], "₺") {
				got = append(got, strings.Join(fields[1:], " "))
			}
		}
		if !slices.Equal(got, want) || doc.Rows != len(want) {
			t.Fatalf("seed %d:\n got %s\nwant %s", seed, strings.Join(got, "\n     "), strings.Join(want, "\n     "))
		}
		if text := pdftest.Text(t, doc.Bytes); len(want) > 0 && !strings.Contains(text, total) {
			t.Errorf("seed %d: no total of %s", seed, total)
		}
		if res.Sources[2].Rows != len(w.games) {
			t.Errorf("seed %d: %d games were read of %d", seed, res.Sources[2].Rows, len(w.games))
		}
	}
}

// topGames are the lines of the table, and its total, for 2025.
func (w *world) topGames(count, least int) (lines []string, total string) {
	type seen struct{ game, n, positive int }
	var top []seen
	in2025 := func(day string) bool { return strings.HasPrefix(day, "2025-") }
	for _, g := range w.games {
		s := seen{game: g.id}
		for _, r := range w.reviews {
			if r.game == g.id && in2025(r.at) {
				s.n++
				s.positive += r.positive
			}
		}
		if s.n >= least {
			top = append(top, s)
		}
	}
	share := func(s seen) float64 { return float64(s.positive) / float64(s.n) }
	slices.SortStableFunc(top, func(a, b seen) int { return cmpDesc(share(a), share(b)) })
	top = top[:min(count, len(top))]
	slices.SortStableFunc(top, func(a, b seen) int {
		if c := cmpDesc(share(a), share(b)); c != 0 {
			return c
		}
		return strings.Compare(w.games[a.game-1].name, w.games[b.game-1].name)
	})
	tr, sum := lang.Of("tr"), 0.0
	for _, s := range top {
		for _, sold := range w.sold(s.game) {
			sum += sold.amount
			lines = append(lines, fmt.Sprintf("%s %s %s %d %s", w.games[s.game-1].name, sold.country, tr.Percent(share(s), 1), s.n, tr.Money(sold.amount, lang.TRY, 2)))
		}
	}
	return lines, tr.Money(sum, lang.TRY, 2)
}

// sold is the sum for each country in 2025, largest first.
func (w *world) sold(id int) []sale {
	var all []sale
	for _, country := range countries {
		s := sale{country: country}
		found := false
		for _, one := range w.sales {
			if one.game == id && one.country == country && strings.HasPrefix(one.at, "2025-") {
				s.amount += one.amount
				found = true
			}
		}
		if found {
			all = append(all, s)
		}
	}
	slices.SortFunc(all, func(a, b sale) int { return cmpDesc(a.amount, b.amount) })
	return all
}

func cmpDesc(a, b float64) int {
	switch {
	case a > b:
		return -1
	case a < b:
		return 1
	}
	return 0
}

func TestManifestIsTrue(t *testing.T) {
	t.Parallel()
	e := newWorld(t, 3, 60).engine(t, "testdata/reports")
	doc, _ := run(t, e, topGames("en"))
	sum := sha256.Sum256(doc.Bytes)
	info := pdftest.Info(t, doc.Bytes)
	if doc.Name != "top-games-by-positive-reviews-2025.pdf" || doc.MediaType != "application/pdf" ||
		doc.Size != int64(len(doc.Bytes)) || doc.SHA256 != hex.EncodeToString(sum[:]) || info["Pages"] != fmt.Sprint(doc.Pages) {
		t.Errorf("%+v, poppler counts %s pages", doc.File, info["Pages"])
	}
}

func TestFileNames(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, 0)
	w.file(t, "files/one.csv", "name,n\nMoss,1\n")
	for title, want := range map[string]string{
		"Şişli İlçesi: ığüöç":           "sisli-ilcesi-iguoc",
		"../../etc/passwd":              "etc-passwd",
		"日本語":                           "report",
		"A – B":                         "a",
		strings.Repeat("çok uzun ", 30): strings.TrimSuffix(strings.Repeat("cok-uzun-", 9)[:80], "-"),
	} {
		dir := fmt.Sprintf("reports-%x", sha256.Sum256([]byte(title)))
		w.file(t, dir+"/tiny.yaml", strings.Replace(tiny, "{en: Tiny}", fmt.Sprintf("{en: %q}", title), 1))
		job := topGames("en")
		job.Type, job.Parameters = "tiny.v1", nil
		if doc, _ := run(t, w.engine(t, filepath.Join(w.dir, dir)), job); doc.Name != want+".pdf" {
			t.Errorf("%q: got %s, want %s.pdf", title, doc.Name, want)
		}
	}
	job := topGames("tr")
	job.Parameters["period"] = json.RawMessage(`{"from":"2023-05-01","to":"2025-01-01"}`)
	if doc, _ := run(t, w.engine(t, "testdata/reports"), job); doc.Name != "en-cok-olumlu-yorum-alan-oyunlar-2023-2024.pdf" {
		t.Errorf("got %s", doc.Name)
	}
}

func TestCatalogIsTheContract(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, 0)
	c := w.engine(t, "testdata/reports").Catalog()
	doc, err := json.MarshalIndent(c, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "testdata/catalog.json", string(doc)+"\n")
	if again := w.engine(t, "testdata/reports").Catalog(); again.ETag != c.ETag || len(c.ETag) != 34 {
		t.Errorf("ETags %s and %s", c.ETag, again.ETag)
	}
	w.file(t, "reports/tiny.yaml", tiny)
	if other := w.engine(t, filepath.Join(w.dir, "reports")).Catalog(); other.ETag == c.ETag {
		t.Error("another catalog has the same ETag")
	}
}

func TestRefusedParametersNameTheirFields(t *testing.T) {
	t.Parallel()
	e := newWorld(t, 1, 0).engine(t, "testdata/reports")
	err := e.Validate("top-games.v1", map[string]json.RawMessage{"period": json.RawMessage(`"last-year"`), "count": json.RawMessage("0"), "cuont": json.RawMessage("1")})
	var invalid *engine.Invalid
	if !errors.As(err, &invalid) || report.CodeOf(err) != "invalid-parameters" || report.ClassOf(err) != report.Permanent {
		t.Fatalf("got %v", err)
	}
	want := []engine.Field{
		{Name: "period", Why: `a range like {"from":"2025-01-01","to":"2026-01-01"} is needed, to being the first day after it`},
		{Name: "count", Why: "must be at least 1"},
		{Name: "cuont", Why: `is not a parameter of this report; did you mean "count"?`},
	}
	if !reflect.DeepEqual(invalid.Fields, want) {
		t.Errorf("got %+v", invalid.Fields)
	}
	if err := e.Validate("top-games.v1", map[string]json.RawMessage{}); err == nil || !strings.Contains(err.Error(), "period: is missing") {
		t.Errorf("no period: got %v", err)
	}
	if err := e.Validate("top-games.v1", map[string]json.RawMessage{"period": topGames("tr").Parameters["period"]}); err != nil {
		t.Errorf("defaults: got %v", err)
	}
	if err := e.Validate("top-gams.v1", nil); report.CodeOf(err) != "report-type-unknown" {
		t.Errorf("unknown type: got %v", err)
	}
}

func TestJobsThatCannotBeMade(t *testing.T) {
	t.Parallel()
	e := newWorld(t, 1, 30).engine(t, "testdata/reports")
	for code, change := range map[string]func(*engine.Job){
		"report-type-unknown": func(j *engine.Job) { j.Type = "none.v1" },
		"invalid-parameters":  func(j *engine.Job) { j.Parameters = nil },
		"format-unsupported":  func(j *engine.Job) { j.Formats = []string{"pdf", "xlsx"} },
		"locale-unsupported":  func(j *engine.Job) { j.Locale = "de" },
		"time-zone-unknown":   func(j *engine.Job) { j.TimeZone = "Mars/Olympus" },
		"document-too-large":  func(j *engine.Job) { j.MaxBytes = 1000 },
	} {
		job := topGames("tr")
		change(&job)
		_, err := e.Run(context.Background(), job, noProgress)
		var told *report.Error
		if !errors.As(err, &told) || told.Code != code || told.Class != report.Permanent || told.Sentence == "" {
			t.Errorf("want %s, got %v", code, err)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := e.Run(ctx, topGames("tr"), noProgress); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: got %v", err)
	}
}

func TestProgressOnlyGrows(t *testing.T) {
	t.Parallel()
	var told []string
	_, err := newWorld(t, 1, 5).engine(t, "testdata/reports").Run(context.Background(), topGames("tr"), func(done, total int, stage string) {
		told = append(told, fmt.Sprintf("%s %d/%d", stage, done, total))
	})
	want := []string{"gathering 0/5", "gathering 1/5", "gathering 2/5", "gathering 3/5", "combining 3/5", "rendering 4/5", "finished 5/5"}
	if err != nil || !slices.Equal(told, want) {
		t.Errorf("got %q, %v", told, err)
	}
}

func TestOpenNamesEveryMistake(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, 0)
	w.file(t, "reports/a.yaml", strings.Replace(tiny, "formats:", "fromats:", 1))
	w.file(t, "reports/b.yaml", strings.Replace(tiny, "select name", "drop name", 1))
	w.file(t, "reports/c.yaml", tiny)
	w.file(t, "reports/d.yml", tiny)
	w.file(t, "reports/ignored.txt", "nothing")
	_, err := engine.Open(context.Background(), engine.Config{
		ReportDirs: []string{filepath.Join(w.dir, "reports")}, SourceFiles: []string{filepath.Join(w.dir, "sources.yaml")},
	})
	if err == nil {
		t.Fatal("opened")
	}
	for _, want := range []string{`a.yaml:7:1: unknown key "fromats"; did you mean "formats"?`, `b.yaml:5:10: the SQL begins with "drop"`, "d.yml: the report tiny.v1 is in"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in\n%v", want, err)
		}
	}
	for _, c := range []engine.Config{{ReportDirs: []string{w.dir + "/none"}}, {SourceFiles: []string{w.dir + "/none.yaml"}}} {
		if _, err := engine.Open(context.Background(), c); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("got %v", err)
		}
	}
}

func TestLeftoversOfACrashAreRemoved(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, 5)
	w.file(t, "tmp/bench-123.db", "left")
	w.file(t, "tmp/other.db", "not ours")
	e, err := engine.Open(context.Background(), engine.Config{
		ReportDirs: []string{"testdata/reports"}, SourceFiles: []string{filepath.Join(w.dir, "sources.yaml")}, TempDir: filepath.Join(w.dir, "tmp"),
	})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	run(t, e, topGames("en"))
	left, err := os.ReadDir(filepath.Join(w.dir, "tmp"))
	if err != nil || len(left) != 1 || left[0].Name() != "other.db" {
		t.Errorf("left: %v, %v", left, err)
	}
}
