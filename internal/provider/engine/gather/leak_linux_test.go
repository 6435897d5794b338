package gather_test

import (
	"os"
	"strings"
	"testing"

	"peyk/internal/report"
)

// TestAFailedGatheringLeavesNothingOpen looks for workbenches among the files
// this process has open.
func TestAFailedGatheringLeavesNothingOpen(t *testing.T) {
	t.Parallel()
	places, dir := newShed(t).open(t), t.TempDir()
	endless := from(t, "endless", "with recursive n(i) as (select 1 union all select i + 1 from n) select i from n")
	for range 10 {
		j := job(t, "select i from endless", endless)
		j.TempDir, j.RowCap = dir, 5_000
		if _, err := places.Gather(t.Context(), j); report.CodeOf(err) != "row-cap" {
			t.Fatalf("got %v", err)
		}
	}
	open, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	for _, fd := range open {
		if name, err := os.Readlink("/proc/self/fd/" + fd.Name()); err == nil && strings.HasPrefix(name, dir) {
			t.Errorf("%s is still open", name)
		}
	}
}
