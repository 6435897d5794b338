package sheet

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"peyk/internal/provider/engine/tabulate"
)

// CSV writes the rows of a table for programs (RFC 4180, UTF-8 without BOM):
// days as in ISO 8601, a point as the decimal sign, no grouping, shares as
// numbers, nothing where there is no value. Records are the body alone, since a
// subtotal or total among them would be added up with the rest. The head has
// the columns' titles: a person knows them from the page, and a program finds
// the same ones each time, as they hang on report and language only; two alike
// are told apart by a number. Text that begins like a formula gets an
// apostrophe before it, and so does the rest behind a semicolon, a tab or an end
// of line within: where lists are written with semicolons, Excel takes those
// for the ends of cells.
func CSV(w io.Writer, g tabulate.Grid) error {
	b := bufio.NewWriterSize(w, chunk)
	line := make([]byte, 0, 1<<10)
	for i, title := range heads(g.Columns) {
		line = appendText(separated(line, i), title)
	}
	if _, err := b.Write(append(line, "\r\n"...)); err != nil {
		return fmt.Errorf("write csv: head: %w", err)
	}
	for at, row := range g.Rows {
		if row.Kind != tabulate.Body {
			continue
		}
		line = line[:0]
		for i, v := range row.Cells {
			line = appendField(separated(line, i), v)
		}
		if len(line) == 0 { // one column, no value: an empty line would be no record
			line = append(line, `""`...)
		}
		if _, err := b.Write(append(line, "\r\n"...)); err != nil {
			return fmt.Errorf("write csv: row %d: %w", at+1, err)
		}
	}
	if err := b.Flush(); err != nil {
		return fmt.Errorf("write csv: %w", err)
	}
	return nil
}

func separated(line []byte, i int) []byte {
	if i > 0 {
		return append(line, ',')
	}
	return line
}

func appendField(line []byte, v any) []byte {
	switch v := v.(type) {
	case nil:
		return line
	case string:
		return appendText(line, v)
	case int64:
		return strconv.AppendInt(line, v, 10)
	case float64:
		if finite(v) {
			return appendFloat(line, v)
		}
	case time.Time:
		return v.AppendFormat(line, time.DateOnly)
	}
	return appendText(line, fmt.Sprint(v))
}

// appendText quotes what would not come back otherwise. A text of no characters
// is quoted too: it is not the same as no value.
func appendText(line []byte, s string) []byte {
	s = clean(s)
	guarded := guard(s)
	if guarded == s && s != "" && s[0] != ' ' && s[len(s)-1] != ' ' && !strings.ContainsAny(s, "\",\r\n") {
		return append(line, s...)
	}
	line = append(line, '"')
	for i := range len(guarded) {
		if guarded[i] == '"' {
			line = append(line, '"')
		}
		line = append(line, guarded[i])
	}
	return append(line, '"')
}

// guard puts an apostrophe before what a spreadsheet could take for a formula.
func guard(s string) string {
	if !strings.ContainsAny(s, "=+-@\t\r\n＝＋－＠") {
		return s
	}
	var b strings.Builder
	for rest, first := s, true; ; first = false {
		end := strings.IndexAny(rest, ";\t\r\n") + 1
		if end == 0 {
			end = len(rest)
		}
		if !first && startsFormula(strings.TrimRight(rest[:end], ";\t\r\n")) || first && startsFormula(rest) {
			b.WriteByte('\'')
		}
		b.WriteString(rest[:end])
		if rest = rest[end:]; rest == "" {
			return b.String()
		}
	}
}

// heads are the titles in one line each, told apart.
func heads(columns []tabulate.Column) []string {
	titles, taken := make([]string, len(columns)), map[string]int{}
	for i, c := range columns {
		title := strings.Join(strings.Fields(clean(c.Title)), " ")
		titles[i] = title
		for n := max(2, taken[title]); taken[titles[i]] > 0; n++ {
			titles[i] = title + " (" + strconv.Itoa(n) + ")"
			taken[title] = n + 1
		}
		taken[titles[i]] = max(2, taken[titles[i]])
	}
	return titles
}
