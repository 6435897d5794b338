package sheet_test

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"peyk/internal/provider/engine/definition"
	"peyk/internal/provider/engine/lang"
	"peyk/internal/provider/engine/sheet"
	"peyk/internal/provider/engine/tabulate"
)

// fataler is *testing.T and *rapid.T.
type fataler interface {
	Helper()
	Fatalf(format string, args ...any)
}

func columnOf(title string, format definition.Format, total definition.Total) tabulate.Column {
	c := tabulate.Column{Title: title, Total: total, Look: definition.Look{Format: format, Unit: 1}}
	switch format {
	case definition.FormatMoney:
		c.Digits, c.Currency, c.Unit = 2, lang.TRY, 1000 // a sheet has full values
	case definition.FormatDecimal:
		c.Digits = 2
	case definition.FormatPercent:
		c.Digits = 1
	}
	return c
}

func row(cells ...any) tabulate.Row { return tabulate.Row{Cells: cells} }

func gridOf(columns []tabulate.Column, rows ...tabulate.Row) tabulate.Grid {
	g := tabulate.Grid{Columns: columns, Rows: rows}
	for _, r := range rows {
		if r.Kind == tabulate.Body {
			g.Body++
		}
	}
	return g
}

func bookOf(language string, sheets ...sheet.Sheet) sheet.Book {
	return sheet.Book{
		Title: "En çok oynananlar", Sentence: "2025 yılında en çok oynanan oyunlar", GUID: "0198f2a4-0000-7000-8000-000000000001",
		Company: "Peyk & Co.", RequestedBy: "Ayşe Yılmaz", RequestedAt: time.Date(2026, 11, 23, 14, 30, 5, 0, time.UTC),
		Language: lang.Of(language), Sheets: sheets,
		Sources: sheet.Sources{Head: []string{"Kaynak", "Veri zamanı", "Okunan satır", "Durum"}, Rows: [][]string{{"Dükkan", "23 Kasım 2026 14:30:06", "1.234", "Tam"}}, Note: "Tam: kesilen veri yoktur."},
	}
}

func written(t fataler, b sheet.Book) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := sheet.XLSX(&out, b); err != nil {
		t.Fatalf("write %+v: %v", b, err)
	}
	return out.Bytes()
}

// partOf unpacks one part.
func partOf(t fataler, doc []byte, name string) string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(doc), int64(len(doc)))
	if err != nil {
		t.Fatalf("read zip: %v", err)
	}
	f, err := z.Open(name)
	if err != nil {
		t.Fatalf("open %s: %v", name, err)
	}
	defer f.Close()
	content, err := io.ReadAll(f)
	if err != nil {
		t.Fatalf("read %s: %v", name, err)
	}
	return string(content)
}

// cell as the XML has it.
type cell struct {
	Ref     string `xml:"r,attr"`
	Style   int    `xml:"s,attr"`
	Type    string `xml:"t,attr"`
	Value   string `xml:"v"`
	Formula string `xml:"f"`
	Text    string `xml:"is>t"`
}

// value is what a program gets: nil, a float64 or a string.
func (c cell) value(t fataler) any {
	t.Helper()
	if c.Type == "inlineStr" {
		return unescaped(c.Text)
	}
	v, err := strconv.ParseFloat(c.Value, 64)
	if err != nil || c.Type != "" {
		t.Fatalf("cell %+v: %v", c, err)
	}
	return v
}

// unescaped undoes _x0041_, from left to right.
func unescaped(s string) string {
	return regexp.MustCompile(`_x[0-9A-Fa-f]{4}_`).ReplaceAllStringFunc(s, func(e string) string {
		n, _ := strconv.ParseUint(e[2:6], 16, 16)
		return string(utf16.Decode([]uint16{uint16(n)}))
	})
}

type worksheet struct {
	Cols []struct {
		Min   int     `xml:"min,attr"`
		Width float64 `xml:"width,attr"`
	} `xml:"cols>col"`
	Pane struct {
		YSplit int    `xml:"ySplit,attr"`
		State  string `xml:"state,attr"`
	} `xml:"sheetViews>sheetView>pane"`
	Filter struct {
		Ref string `xml:"ref,attr"`
	} `xml:"autoFilter"`
	Rows []struct {
		Number int    `xml:"r,attr"`
		Cells  []cell `xml:"c"`
	} `xml:"sheetData>row"`
}

// cells are those of a sheet by their names.
func (w worksheet) cells(t fataler) map[string]cell {
	t.Helper()
	all := map[string]cell{}
	for i, r := range w.Rows {
		if i > 0 && r.Number <= w.Rows[i-1].Number {
			t.Fatalf("row %d after row %d", r.Number, w.Rows[i-1].Number)
		}
		for _, c := range r.Cells {
			if !strings.HasSuffix(c.Ref, strconv.Itoa(r.Number)) {
				t.Fatalf("cell %s in row %d", c.Ref, r.Number)
			}
			all[c.Ref] = c
		}
	}
	return all
}

type stylesheet struct {
	Formats []struct {
		ID   int    `xml:"numFmtId,attr"`
		Code string `xml:"formatCode,attr"`
	} `xml:"numFmts>numFmt"`
	Cells []struct {
		Format int    `xml:"numFmtId,attr"`
		Font   int    `xml:"fontId,attr"`
		Quote  string `xml:"quotePrefix,attr"`
	} `xml:"cellXfs>xf"`
}

func (s stylesheet) format(c cell) string {
	for _, f := range s.Formats {
		if f.ID == s.Cells[c.Style].Format {
			return f.Code
		}
	}
	return ""
}

func parsed[T any](t fataler, doc []byte, part string) (into T) {
	t.Helper()
	content := partOf(t, doc, part)
	if err := xml.Unmarshal([]byte(content), &into); err != nil {
		t.Fatalf("parse %s: %v\n%s", part, err, content)
	}
	return into
}

// broken takes so many bytes and then no more.
type broken struct{ left int }

var errFull = errors.New("disk full")

// Write is the io.Writer's.
func (b *broken) Write(p []byte) (int, error) {
	if b.left -= len(p); b.left < 0 {
		return 0, errFull
	}
	return len(p), nil
}

func benchmarkGrid(rows int) tabulate.Grid {
	f := definition.FormatText
	columns := []tabulate.Column{
		columnOf("No", definition.FormatInteger, definition.Sum), columnOf("Oyun", f, ""), columnOf("Tutar", definition.FormatMoney, definition.Sum), columnOf("Tür", f, ""),
		columnOf("Gün", definition.FormatDate, ""), columnOf("Pay", definition.FormatPercent, definition.Avg), columnOf("Adet", definition.FormatInteger, ""), columnOf("Yayıncı", f, ""),
	}
	day := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
	all := make([]tabulate.Row, rows)
	for i := range all {
		all[i] = row(int64(i), "Oyun adı "+strconv.Itoa(i), float64(i)*1.01, "tür", day, float64(i)/7, int64(i*3), "yayıncı")
	}
	return gridOf(columns, all...)
}

// BenchmarkXLSX writes 100,000 rows of 8 columns; so does BenchmarkCSV.
func BenchmarkXLSX(b *testing.B) {
	book := bookOf("tr", sheet.Sheet{Name: "Oyunlar", Grid: benchmarkGrid(100_000)})
	b.ReportAllocs()
	for b.Loop() {
		if err := sheet.XLSX(io.Discard, book); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCSV(b *testing.B) {
	g := benchmarkGrid(100_000)
	b.ReportAllocs()
	for b.Loop() {
		if err := sheet.CSV(io.Discard, g); err != nil {
			b.Fatal(err)
		}
	}
}
