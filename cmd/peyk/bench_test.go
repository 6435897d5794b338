package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"peyk/internal/bench"
)

// binary builds the command. A test's own binary would not do: a document gate is
// started with an empty environment, and would run all tests instead.
func binary(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "peyk")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", path, "peyk/cmd/peyk")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build peyk: %v\n%s", err, out)
	}
	return path
}

// A bench of twenty journeys from end to end: both worlds, real processes.
func TestBenchOfTwentyJourneys(t *testing.T) {
	c := &journeyBench{Journeys: 20, InFlight: 4, Rounds: 1, Warm: 4}
	c.Temp = t.TempDir()
	d := &bench.Document{}
	err := c.inLab(t.Context(), d, func(ctx context.Context, x *lab, d *bench.Document) error {
		x.self = binary(t)
		return c.in(ctx, x, d)
	})
	if err != nil {
		t.Fatal(err)
	}
	j := d.Journeys[0]
	if len(j.Rounds) != 2 || j.Pair == nil || j.Pair.Median <= 0 {
		t.Fatalf("measured %+v", j)
	}
	for i, world := range []string{"peyk", "ideal"} {
		r := j.Rounds[i]
		if r.World != world || r.Journeys != 20 || r.Rate <= 0 || r.Latency.P50 <= 0 || r.Latency.Max < r.Latency.P50 || r.MaxRSS["company"] == 0 {
			t.Errorf("%s: %+v", world, r)
		}
	}
	var table strings.Builder
	if err := d.Print(&table); err != nil || !strings.Contains(table.String(), "peyk over ideal") {
		t.Errorf("%v, printed:\n%s", err, table.String())
	}
}
