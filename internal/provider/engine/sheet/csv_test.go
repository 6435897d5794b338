package sheet_test

import (
	"bytes"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	"peyk/internal/provider/engine/definition"
	"peyk/internal/provider/engine/sheet"
	"peyk/internal/provider/engine/tabulate"
)

func TestCSV(t *testing.T) {
	t.Parallel()
	g := gridOf([]tabulate.Column{
		columnOf("Oyun", definition.FormatText, ""), columnOf("Tutar", definition.FormatMoney, definition.Sum), columnOf("Tutar", definition.FormatPercent, ""),
		columnOf("Gün", definition.FormatDate, ""), columnOf("Not\r\n  (uzun)", definition.FormatText, ""),
	},
		row("Moss", int64(1234567), 0.955, day(t, "2025-01-31"), nil),
		tabulate.Row{Kind: tabulate.Subtotal, Cells: []any{"Ara toplam: Moss", int64(1234567), nil, nil, nil}},
		row("a \"b\", c", -0.5, nil, nil, ""),
		row("=1", 1e21, 1e-7, day(t, "0007-01-01"), "iki\nsatır;=1 - 2"),
		row("bir\riki", nil, nil, nil, "bir\r=1"), // a lone CR is a line's end to some readers
	)
	g.Totals = []tabulate.Row{{Kind: tabulate.Total, Cells: []any{"Toplam", int64(9), nil, nil, nil}}}
	var out bytes.Buffer
	if err := sheet.CSV(&out, g); err != nil {
		t.Fatal(err)
	}
	want := "Oyun,Tutar,Tutar (2),Gün,Not (uzun)\r\n" +
		"Moss,1234567,0.955,2025-01-31,\r\n" +
		"\"a \"\"b\"\", c\",-0.5,,,\"\"\r\n" +
		"\"'=1\",1e+21,1e-07,0007-01-01,\"iki\nsatır;'=1 - 2\"\r\n" +
		"\"bir\riki\",,,,\"bir\r'=1\"\r\n"
	if out.String() != want {
		t.Errorf("got  %q\nwant %q", out.String(), want)
	}
}

// records reads RFC 4180 as its grammar says, and nothing that is not it.
func records(t fataler, s string) (all [][]string) {
	t.Helper()
	var record []string
	for at := 0; at < len(s); {
		field := ""
		if s[at] == '"' {
			for at++; ; at++ {
				end := strings.IndexByte(s[at:], '"')
				if end < 0 {
					t.Fatalf("no end of a quoted field: %q", s)
				}
				field += s[at : at+end]
				if at += end + 1; at >= len(s) || s[at] != '"' {
					break
				}
				field += `"`
			}
		} else {
			end := at + strings.IndexAny(s[at:], ",\r\n\"")
			field, at = s[at:end], end
		}
		record = append(record, field)
		switch {
		case strings.HasPrefix(s[at:], ","):
			if at++; strings.HasPrefix(s[at:], "\r\n") { // the last field has nothing
				all, record, at = append(all, append(record, "")), nil, at+2
			}
		case strings.HasPrefix(s[at:], "\r\n"):
			all, record, at = append(all, record), nil, at+2
		default:
			t.Fatalf("neither , nor CRLF behind a field at byte %d of %q", at, s)
		}
	}
	return all
}

// TestAnyTableIsRecords: as many as there are rows, as long as there are
// columns, and each value comes back.
func TestAnyTableIsRecords(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		g := grids().Draw(t, "grid")
		var out bytes.Buffer
		if err := sheet.CSV(&out, g); err != nil {
			t.Fatalf("%v", err)
		}
		all := records(t, out.String())
		if len(all) != len(g.Rows)+1 || !utf8.Valid(out.Bytes()) || bytes.HasPrefix(out.Bytes(), []byte("\ufeff")) && !strings.HasPrefix(g.Columns[0].Title, "\ufeff") {
			t.Fatalf("%d records of %d rows: %q", len(all), len(g.Rows), out.String())
		}
		titles := map[string]bool{}
		for _, title := range all[0] {
			if titles[title] {
				t.Fatalf("two columns have the title %q", title)
			}
			titles[title] = true
		}
		for i, r := range g.Rows {
			if len(all[i+1]) != len(r.Cells) {
				t.Fatalf("record %d has %d fields, want %d: %q", i, len(all[i+1]), len(r.Cells), out.String())
			}
			for j, v := range r.Cells {
				if got := all[i+1][j]; !same(got, v) {
					t.Fatalf("row %d, column %d: got %q of %#v", i, j, got, v)
				}
			}
		}
	})
}

func same(field string, v any) bool {
	switch v := v.(type) {
	case nil:
		return field == ""
	case int64:
		n, err := strconv.ParseInt(field, 10, 64)
		return err == nil && n == v
	case float64:
		n, err := strconv.ParseFloat(field, 64)
		return err == nil && n == v
	case time.Time:
		return field == v.Format(time.DateOnly)
	case string:
		for _, cell := range regexp.MustCompile(`[;\t\r\n]+`).Split(field, -1) { // as Excel in Turkish may split it
			if strings.IndexAny(strings.TrimSpace(cell), "=+-@＝＋－＠") == 0 {
				return false
			}
		}
		return strings.ReplaceAll(field, "'", "") == strings.ReplaceAll(shown(v), "'", "")
	}
	return false
}
