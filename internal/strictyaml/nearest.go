package strictyaml

import (
	"fmt"
	"strings"
)

// DidYouMean offers the known word nearest to word; where none is near, it
// lists them.
func DidYouMean(word string, known []string) string {
	if len(known) == 0 {
		return "there is none"
	}
	best, least := known[0], distance(word, known[0])
	for _, k := range known[1:] {
		if d := distance(word, k); d < least {
			best, least = k, d
		}
	}
	if least <= 1+max(len(word), len(best))/3 {
		return fmt.Sprintf("did you mean %q?", best)
	}
	return "known here: " + strings.Join(known, ", ")
}

// distance is the number of letters to insert, remove, change or swap with
// their neighbour to make b of a (optimal string alignment).
func distance(a, b string) int {
	x, y := []rune(strings.ToLower(a)), []rune(strings.ToLower(b))
	before, last, row := make([]int, len(y)+1), make([]int, len(y)+1), make([]int, len(y)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(x); i++ {
		row[0] = i
		for j := 1; j <= len(y); j++ {
			change := 1
			if x[i-1] == y[j-1] {
				change = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+change)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(y)]
}
