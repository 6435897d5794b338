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

func bestQuestion(year, count, least int) demotest.Record {
	return demotest.Record{"year": year, "count": count, "min_reviews": least}
}

// bestQuestions draws parameters for years that have games, and some around
// them.
func bestQuestions(firstYear, lastYear int) func(t *rapid.T) demotest.Record {
	return func(t *rapid.T) demotest.Record {
		return bestQuestion(
			rapid.IntRange(firstYear, lastYear).Draw(t, "year"), rapid.IntRange(1, 300).Draw(t, "count"),
			rapid.IntRange(0, 600).Draw(t, "min_reviews"),
		)
	}
}

// bestOf holds best-reviewed.v1 against the files in dir.
func bestOf(t *testing.T, dir, sources string, firstYear, lastYear int) comparison {
	t.Helper()
	c := comparison{reporter: newReporter(t, examples+"/reports/best-reviewed.yaml", sources)}
	c.draw = bestQuestions(firstYear, lastYear)
	c.compute = func(t failer, p demotest.Record, locale string, _ bool) demotest.Document {
		t.Helper()
		d, err := demotest.BestDocument(dir, p["year"].(int), p["count"].(int), p["min_reviews"].(int), locale)
		if err != nil {
			t.Fatalf("compute best-reviewed.v1 of %s: %v", dir, err)
		}
		return d
	}
	return c
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

func TestBestReviewedAgrees(t *testing.T) {
	t.Parallel()
	c := bestOf(t, examples+"/fixture", examples+"/sources.yaml", 2011, 2017)
	c.agree(t, bestQuestion(2015, 20, 100), bestQuestion(2015, 1, 0), bestQuestion(1970, 20, 0), bestQuestion(2015, 300, 0))
	c.everyCase(t)
	q := bestQuestion(2015, 20, 100)
	if n := len(c.compute(t, q, "tr", false).Table.Lines); n != 20 {
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
	c := bestOf(t, dir, sourcesFor(t, dir), 1995, 2017)
	questions := rapid.Custom(c.draw)
	for seed := range 20 {
		c.compare(t, question{questions.Example(seed), "en"})
	}
	if c.seen.one+c.seen.more == 0 {
		t.Error("no question found a single game")
	}
}
