package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestOneCompany is what people ask of one running company, side by side: each
// script of testdata/company, and the tests below. None of them stops, kills or
// holds a process, for all share one instance in each column.
func TestOneCompany(t *testing.T) {
	t.Parallel()
	for name, c := range columns() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := games(t)
			flags, own := authored(t, map[string]string{
				"reports/part.yaml": partReport, "lines.csv": "n\n1\n2\n3\n4\n5\n",
				"reports/away.yaml": awayReport, "away.csv": "n\n1\n",
			})
			write(t, filepath.Join(own, "games.yaml"), fmt.Sprintf("folders:\n  games: %q\n", dir))
			i := startLogged(t, c, append(flags, "--reports", examples+"/reports", "--sources", filepath.Join(own, "games.yaml"))...)
			tellStories(t, name, "testdata/company", func(e *testscript.Env, t testing.TB) (*story, error) { return sharedStory(e, t, i) })
			beside(t, i, "signed in", signedInJourney)
			beside(t, i, "several formats", severalFormats)
			if name != inEmbedded && !everyColumn() {
				return // which rows a report has, and which of them it shows, is the provider's alone
			}
			beside(t, i, "best reviewed", bestReviewedIsRight)
			beside(t, i, "top games", topGamesIsRight)
			beside(t, i, "a part", aPartIsCalledAPart)
			beside(t, i, "a source away", func(t *testing.T, i *instance) {
				aSourceThatIsAwayIsWaitedFor(t, i, filepath.Join(own, "away.csv"))
			})
		})
	}
}

// beside runs a test on an instance that others use too.
func beside(t *testing.T, i *instance, name string, test func(*testing.T, *instance)) {
	t.Run(name, func(t *testing.T) {
		t.Parallel()
		test(t, i.join(t))
	})
}

// startLogged starts an instance that writes its log into its directory too.
func startLogged(t *testing.T, c column, args ...string) *instance {
	t.Helper()
	i := newInstance(t, c, t.TempDir())
	log, err := os.Create(filepath.Join(i.dir, serverLog))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = log.Close() }) // its end is in the tail too
	i.log.also = log
	t.Cleanup(i.end)
	i.up(args...)
	return i
}
