package e2e

import (
	"fmt"
	"math"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// row is one row of a document's table: its words, and its numbers.
type row struct {
	words   []string
	numbers []float64
}

// table is what a person reads in a document, in English.
type table struct {
	rows  []row
	total []float64
}

// readTable reads the table of a document whose columns are first so many of
// words, then so many of numbers.
func readTable(t *testing.T, pdf string, words, numbers int) table {
	t.Helper()
	out, err := exec.Command("pdftotext", "-layout", pdf, "-").Output()
	if err != nil {
		t.Fatalf("pdftotext %s: %v", pdf, err)
	}
	const number = `\s+₺?(-?[\d,]+(?:\.\d+)?)%?`
	first := regexp.MustCompile(`^\s*(\d+)(\s+)(\S.*?)` + strings.Repeat(number, numbers) + `$`)
	last := regexp.MustCompile(`^\s*Total((?:` + number + `)+)$`)
	r := reading{words: words}
	for line := range strings.Lines(string(out)) {
		line = strings.TrimRight(line, "\r\n\f ")
		if m := first.FindStringSubmatch(line); m != nil && m[1] == strconv.Itoa(len(r.rows)+1) {
			r.begin(strings.Index(line, m[3]), m[3], parse(t, m[4:]))
			continue
		}
		if m := last.FindStringSubmatch(line); m != nil {
			r.total, r.open = parse(t, strings.Fields(m[1])), false
			continue
		}
		r.goOn(line)
	}
	return r.table
}

// reading is a table that is being read, line by line.
type reading struct {
	table
	words int
	open  bool  // the row may go on in the next line
	at    []int // where the columns of words begin, in characters
}

// gap is what lies between two columns.
var gap = regexp.MustCompile(`\s{2,}`)

func (r *reading) begin(at int, text string, numbers []float64) {
	r.at = []int{at}
	cells := []string{text}
	if gaps := gap.FindAllStringIndex(text, -1); r.words > 1 && len(gaps) > 0 {
		g := gaps[len(gaps)-1]
		cells = []string{text[:g[0]], text[g[1]:]}
		r.at = append(r.at, at+len([]rune(text[:g[1]])))
	}
	r.rows = append(r.rows, row{cells, numbers})
	r.open = true
}

// goOn takes the second and further lines of cells that did not fit into one.
func (r *reading) goOn(line string) {
	if strings.TrimSpace(line) == "" || !strings.HasPrefix(line, "  ") {
		r.open = false
	}
	if !r.open {
		return
	}
	to := r.rows[len(r.rows)-1].words
	at := 0
	for _, part := range gap.Split(line, -1) {
		at += max(strings.Index(line[at:], part), 0)
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		column := 0
		if len(r.at) > 1 && len([]rune(line[:at])) >= r.at[1]-1 {
			column = 1
		}
		to[column] += " " + part
	}
}

func parse(t *testing.T, texts []string) []float64 {
	t.Helper()
	var all []float64
	for _, s := range texts {
		n, err := strconv.ParseFloat(strings.Trim(strings.ReplaceAll(s, ",", ""), "₺%"), 64)
		if err != nil {
			t.Fatalf("read the number %q: %v", s, err)
		}
		all = append(all, n)
	}
	return all
}

// differ names the first difference of what was read and what was computed.
// Numbers may differ by their rounding to so many digits.
func (got table) differ(want table, digits ...int) string {
	for k := range max(len(got.rows), len(want.rows)) {
		if k >= len(got.rows) || k >= len(want.rows) {
			return fmt.Sprintf("%d rows, want %d", len(got.rows), len(want.rows))
		}
		g, w := got.rows[k], want.rows[k]
		if lettersOf(g.words) != lettersOf(w.words) || !near(g.numbers, w.numbers, digits) {
			return fmt.Sprintf("row %d is\n %q %v, want\n %q %v", k+1, g.words, g.numbers, w.words, w.numbers)
		}
	}
	if len(want.rows) > 0 && !near(got.total, want.total, digits[len(digits)-len(want.total):]) {
		return fmt.Sprintf("the totals are %v, want %v", got.total, want.total)
	}
	return ""
}

// lettersOf leaves out spaces, which a line's end swallows.
func lettersOf(words []string) string {
	var all []string
	for _, w := range words {
		all = append(all, strings.Join(strings.Fields(w), ""))
	}
	return strings.Join(all, "|")
}

func near(got, want []float64, digits []int) bool {
	if len(got) != len(want) {
		return false
	}
	for k := range got {
		if math.Abs(got[k]-want[k]) > 0.5*math.Pow10(-digits[k])+1e-6 {
			return false
		}
	}
	return true
}
