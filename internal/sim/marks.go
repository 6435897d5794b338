package sim

import (
	"slices"
)

// SeedsForMarks is how many seeds must have run before the silence of a mark
// counts.
const SeedsForMarks = 5_000

// Silent lists the marks that should have been seen and were not.
func Silent(seen map[string]int) (silent []string) {
	for _, m := range expected() {
		if seen[m] == 0 {
			silent = append(silent, m)
		}
	}
	slices.Sort(silent)
	return silent
}

func expected() []string { return nil }
