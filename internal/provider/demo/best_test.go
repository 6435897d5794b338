package demo_test

import (
	"os"
	"path/filepath"
	"testing"

	"pgregory.net/rapid"

	"peyk/internal/provider/demo/demotest"
)

const (
	examples = "../../../examples/games"
	// gamesDir names a folder with sales.csv and reviews.csv of the same kind
	// as the fixture's.
	gamesDir = "PEYK_GAMES_DIR"
)

func bestRow(r demotest.BestRow) map[string]any {
	return map[string]any{
		"name": r.Name, "platform": r.Platform, "score": r.Score, "users": int64(r.Reviews),
		"north_america": r.Units.NorthAmerica, "europe": r.Units.Europe, "japan": r.Units.Japan,
		"other": r.Units.Other, "total": r.Units.Total,
	}
}

// bestQuestion is a set of parameters of best-reviewed.v1.
type bestQuestion struct{ year, count, least int }

// bestQuestions draws parameters for years that have games, and some around
// them.
func bestQuestions(firstYear, lastYear int) *rapid.Generator[bestQuestion] {
	return rapid.Custom(func(t *rapid.T) bestQuestion {
		return bestQuestion{
			year:  rapid.IntRange(firstYear, lastYear).Draw(t, "year"),
			count: rapid.IntRange(1, 300).Draw(t, "count"),
			least: rapid.IntRange(0, 600).Draw(t, "min_reviews"),
		}
	})
}

// sourcesFor writes a sources file whose folder games is dir.
func sourcesFor(t *testing.T, dir string) string {
	t.Helper()
	absolute, err := filepath.Abs(dir)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "sources.yaml")
	if err := os.WriteFile(file, []byte("folders:\n  games: "+absolute+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func (r reporter) agreeOnBest(t failer, dir string, q bestQuestion) (rows int) {
	t.Helper()
	expected, _, err := demotest.BestReviewed(dir, q.year, q.count, q.least)
	if err != nil {
		t.Fatalf("compute best-reviewed.v1 of %s: %v", dir, err)
	}
	var want []map[string]any
	for _, row := range expected {
		want = append(want, bestRow(row))
	}
	got := r.run(t, map[string]any{"year": q.year, "count": q.count, "min_reviews": q.least})
	if d := differ(got, want); d != "" {
		t.Fatalf("best-reviewed.v1 of %s with %+v: %s", dir, q, d)
	}
	return len(got)
}

func TestBestReviewedAgrees(t *testing.T) {
	t.Parallel()
	r := newReporter(t, examples+"/reports/best-reviewed.yaml", examples+"/sources.yaml")
	questions := bestQuestions(2011, 2017)
	rapid.Check(t, func(t *rapid.T) { r.agreeOnBest(t, examples+"/fixture", questions.Draw(t, "question")) })
	if n := r.agreeOnBest(t, examples+"/fixture", bestQuestion{2015, 20, 100}); n != 20 {
		t.Errorf("the defaults give %d games, want 20", n)
	}
}

// Files of real size take a second each time: a score of questions.
func TestBestReviewedAgreesOnGivenFiles(t *testing.T) {
	t.Parallel()
	dir := os.Getenv(gamesDir)
	if dir == "" {
		t.Logf("%s is not set: best-reviewed.v1 was compared over the fixture only", gamesDir)
		return
	}
	t.Logf("comparing best-reviewed.v1 over the files in %s", dir)
	r := newReporter(t, examples+"/reports/best-reviewed.yaml", sourcesFor(t, dir))
	questions, rows := bestQuestions(1995, 2017), 0
	for seed := range 20 {
		rows += r.agreeOnBest(t, dir, questions.Example(seed))
	}
	if rows == 0 {
		t.Error("no question found a single game")
	}
}
