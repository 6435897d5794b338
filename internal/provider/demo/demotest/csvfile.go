package demotest

import (
	"encoding/csv"
	"fmt"
	"os"
	"strings"
)

// record is one row of a CSV file: values by the name of their column, without
// the spaces around them.
type record map[string]string

// readCSV reads a whole file, whose first line names the columns.
func readCSV(path string) ([]record, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	lines, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	if len(lines) == 0 {
		return nil, fmt.Errorf("read %s: no header", path)
	}
	var all []record
	for _, line := range lines[1:] {
		r := record{}
		for i, name := range lines[0] {
			r[name] = strings.Trim(line[i], " ")
		}
		all = append(all, r)
	}
	return all, nil
}
