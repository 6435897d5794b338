package bugs

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestTheTableListsEachBug holds the table of docs/RELIABILITY.md to the list.
func TestTheTableListsEachBug(t *testing.T) {
	t.Parallel()
	doc, err := os.ReadFile(filepath.Join(root(t), "docs", "RELIABILITY.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(doc), "| seeded bug |")
	table, _, _ = strings.Cut(table, "\n\n")
	rows := map[string]bool{}
	for _, row := range regexp.MustCompile("(?m)^\\| [^|]+ \\| `[^|]+` \\|").FindAllString(table, -1) {
		rows[row] = true
	}
	for _, b := range All() {
		row := fmt.Sprintf("| %s | `%s` |", b.Name, b.File)
		if !rows[row] {
			t.Errorf("the table has no row %s %s | … |", row, strings.TrimPrefix(b.In, "./"))
		}
		delete(rows, row)
	}
	for row := range rows {
		t.Errorf("the table has a row of no bug: %s", row)
	}
}
