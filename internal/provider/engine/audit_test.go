package engine_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"peyk/internal/provider/engine"
	"peyk/internal/report"
)

// TestAudit asks of the small company, whose sources know how large they are.
func TestAudit(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, 30)
	for what, c := range map[string]struct {
		cap    int64
		change func(*engine.Job)
		code   string // of a refusal
	}{
		"cheap enough":     {cap: 100_000},
		"too expensive":    {cap: 10, code: "too-expensive"},
		"unknown type":     {change: func(j *engine.Job) { j.Type = "x" }, code: "report-type-unknown"},
		"unknown format":   {change: func(j *engine.Job) { j.Formats = []string{"doc"} }, code: "format-unsupported"},
		"unknown language": {change: func(j *engine.Job) { j.Locale = "xx" }, code: "locale-unsupported"},
		"unfit parameters": {change: func(j *engine.Job) { j.Parameters["count"] = []byte("0") }, code: "invalid-parameters"},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			job := topGames("tr")
			if c.change != nil {
				c.change(&job)
			}
			err := audited(t, w, c.cap).Audit(t.Context(), job)
			refused := new(report.Error)
			switch {
			case c.code == "":
				if err != nil {
					t.Errorf("got %v", err)
				}
			case !errors.As(err, &refused) || refused.Class != report.Permanent || refused.Code != c.code || refused.Sentence == "":
				t.Errorf("got %v, want a refusal with %s", err, c.code)
			}
			if c.code == "too-expensive" && !strings.Contains(refused.Sentence, "at most 10 ") {
				t.Errorf("the refusal says %q: not what is allowed", refused.Sentence)
			}
		})
	}
}

func audited(t *testing.T, w *world, most int64) *engine.Engine {
	t.Helper()
	e, err := engine.Open(context.Background(), engine.Config{
		ReportDirs: []string{"testdata/reports"}, SourceFiles: []string{filepath.Join(w.dir, "sources.yaml")}, CostCap: most,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	return e
}

// TestASourceThatIsAwayIsNoRefusal: the request may wait for it.
func TestASourceThatIsAwayIsNoRefusal(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, 5)
	e := audited(t, w, 0)
	file := filepath.Join(w.dir, "files", "games.csv")
	if err := os.Rename(file, file+".away"); err != nil {
		t.Fatal(err)
	}
	if err := e.Audit(t.Context(), topGames("tr")); err == nil || report.ClassOf(err) == report.Permanent {
		t.Errorf("while it is away: got %v, want an error that refuses nothing", err)
	}
	if err := os.Rename(file+".away", file); err != nil {
		t.Fatal(err)
	}
	if err := e.Audit(t.Context(), topGames("tr")); err != nil {
		t.Errorf("when it is back: %v", err)
	}
}
