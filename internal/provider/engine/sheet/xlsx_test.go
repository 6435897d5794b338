package sheet_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"math"
	"os"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"peyk/internal/provider/engine/definition"
	"peyk/internal/provider/engine/lang"
	"peyk/internal/provider/engine/sheet"
	"peyk/internal/provider/engine/tabulate"
	"peyk/internal/report"
)

const first = "xl/worksheets/sheet1.xml"

func day(t fataler, s string) time.Time {
	t.Helper()
	d, err := time.Parse(time.DateOnly, s)
	if err != nil {
		t.Fatalf("%v", err)
	}
	return d
}

// TestASheetAsAPersonReadsIt holds the XML of a small table against one that
// was read and found good. UPDATE=1 writes it anew.
func TestASheetAsAPersonReadsIt(t *testing.T) {
	t.Parallel()
	g := gridOf([]tabulate.Column{
		columnOf("Oyun", definition.FormatText, ""), columnOf("Adet", definition.FormatInteger, definition.Sum), columnOf("Tutar", definition.FormatMoney, definition.Sum),
		columnOf("Pay", definition.FormatPercent, definition.Avg), columnOf("Gün", definition.FormatDate, ""),
	},
		row("Yedi <Cüce> & Co.", int64(1200), 10.5, 0.955, day(t, "2025-01-31")),
		row("=1+1", int64(34), -0.25, nil, day(t, "2025-02-01")),
	)
	g.Totals = []tabulate.Row{
		{Kind: tabulate.Total, Cells: []any{"Toplam", int64(1234), 10.25, nil, nil}},
		{Kind: tabulate.Average, Cells: []any{"Ortalama", nil, nil, 0.955, nil}},
	}
	doc := written(t, bookOf("tr", sheet.Sheet{Name: "Oyunlar", Title: "En çok oynananlar", Note: "Yalnız satılanlar", Grid: g}))
	for _, part := range []string{first, "xl/worksheets/sheet2.xml", "xl/styles.xml", "xl/workbook.xml", "docProps/core.xml"} {
		got := regexp.MustCompile(`(<(row|col|sheetData|cols|xf|sheet|dc:|dcterms:|c |numFmt)|</(row|sheetData|cols|sheets)>)`).ReplaceAllString(partOf(t, doc, part), "\n$1")
		golden := "testdata/" + strings.ReplaceAll(strings.TrimPrefix(part, "xl/"), "/", "-")
		if os.Getenv("UPDATE") != "" {
			if err := os.WriteFile(golden, []byte(got+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if got+"\n" != string(want) {
			t.Errorf("%s is not %s (UPDATE=1 go test -run %s writes it):\n%s", part, golden, t.Name(), got)
		}
	}
}

// texts are what reports hold and what breaks writers.
func texts() *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.StringMatching(`[ a-zçğıöşü_x0-9=+@\-＝'"<>&,;\t\r\n]{0,12}`),
		rapid.StringMatching(`(_x0[04][0-9A-Fa-f]{2}_?){0,3}`),
		rapid.String(),
		rapid.SampledFrom([]string{"", " ", "\x00\x1b\x7f", "e\u0301", "\u0085", "\ufffe", "\xff", "'", "_x0041_x0042_", "😀", "-5", "true"}),
	)
}

func cells(f definition.Format) *rapid.Generator[any] {
	nothing := rapid.Just[any](nil)
	number := rapid.OneOf(nothing, rapid.Map(rapid.Int64(), func(i int64) any { return i }), rapid.Map(rapid.Int64Range(-5, 5), func(i int64) any { return i }),
		rapid.Map(rapid.Float64(), func(f float64) any { return f }), rapid.Map(rapid.Float64Range(-1e6, 1e6), func(f float64) any { return f }))
	text := rapid.Map(texts(), func(s string) any { return s })
	switch {
	case f == definition.FormatDate:
		return rapid.OneOf(nothing, rapid.Map(rapid.IntRange(-40_000, 3_000_000), func(days int) any { return time.Date(1970, 1, 1+days, 0, 0, 0, 0, time.UTC) }))
	case f.Numeric():
		return number
	}
	return rapid.OneOf(text, text, number)
}

func grids() *rapid.Generator[tabulate.Grid] {
	return rapid.Custom(func(t *rapid.T) tabulate.Grid {
		formats := rapid.SliceOfN(rapid.SampledFrom([]definition.Format{
			definition.FormatText, definition.FormatInteger, definition.FormatDecimal, definition.FormatPercent, definition.FormatMoney, definition.FormatDate,
		}), 1, 30).Draw(t, "formats")
		g := tabulate.Grid{}
		for _, f := range formats {
			g.Columns = append(g.Columns, columnOf(texts().Draw(t, "title"), f, ""))
		}
		for range rapid.IntRange(0, 12).Draw(t, "rows") {
			r := tabulate.Row{}
			for _, f := range formats {
				r.Cells = append(r.Cells, cells(f).Draw(t, "cell"))
			}
			g.Rows, g.Body = append(g.Rows, r), g.Body+1
		}
		return g
	})
}

// shown is a text as a document has it: without what cannot be written.
func shown(s string) string {
	var b strings.Builder
	for _, r := range strings.ToValidUTF8(s, "\ufffd") {
		switch {
		case r == '\t' || r == '\n' || r == '\r' || r >= ' ' && r < 0x7f || r >= 0xa0 && r != '\ufffe' && r != '\uffff':
			b.WriteRune(r)
		case r < ' ':
			b.WriteRune(r + '␀')
		case r == 0x7f:
			b.WriteRune('␡')
		default:
			b.WriteRune('\ufffd')
		}
	}
	return norm.NFC.String(b.String())
}

// epoch is day 0 of a sheet.
func epoch() time.Time { return time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC) }

// inCell is what a program gets of a value.
func inCell(v any) any {
	switch v := v.(type) {
	case int64:
		if v > 1<<53 || v < -1<<53 {
			return strconv.FormatInt(v, 10)
		}
		return float64(v)
	case time.Time:
		if v.Before(time.Date(1900, 3, 1, 0, 0, 0, 0, time.UTC)) || v.Year() > 9999 {
			return v.Format(time.DateOnly)
		}
		return float64((v.Unix() - epoch().Unix()) / 86_400)
	case string:
		return shown(v)
	}
	return v
}

// TestAnyTableReadsBack: what a program finds in the cells is what was in the
// grid, and so does another library.
func TestAnyTableReadsBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		g := grids().Draw(t, "grid")
		doc := written(t, bookOf("en", sheet.Sheet{Name: "Data", Grid: g}))
		got := parsed[worksheet](t, doc, first).cells(t)
		f, err := excelize.OpenReader(bytes.NewReader(doc))
		if err != nil {
			t.Fatalf("excelize: %v", err)
		}
		defer f.Close()
		for i, r := range g.Rows {
			for j, v := range r.Cells {
				name, _ := excelize.CoordinatesToCellName(j+1, i+2)
				c, there := got[name]
				if v == nil {
					if there {
						t.Fatalf("%s: got %+v, want nothing", name, c)
					}
					continue
				}
				if back := c.value(t); back != inCell(v) {
					t.Fatalf("%s of %#v: got %#v, want %#v", name, v, back, inCell(v))
				}
				if s, isText := inCell(v).(string); isText && !strings.Contains(s, "_x") {
					if other, err := f.GetCellValue("Data", name); err != nil || other != s {
						t.Fatalf("%s: excelize reads %q, %v; want %q", name, other, err, s)
					}
				}
			}
		}
	})
}

// TestNothingBecomesAFormula: neither by its first sign nor by its style.
func TestNothingBecomesAFormula(t *testing.T) {
	t.Parallel()
	for _, s := range []string{
		"=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", "\u00a0=1", "\u200b=1", "\ufeff=1", "＝1", "＋1", "－1", "＠x", "=cmd|'/c calc'!A0",
	} {
		doc := written(t, bookOf("en", sheet.Sheet{Name: s, Title: s, Grid: gridOf([]tabulate.Column{columnOf(s, definition.FormatText, "")}, row(s))}))
		styles := parsed[stylesheet](t, doc, "xl/styles.xml")
		c := parsed[worksheet](t, doc, first).cells(t)["A2"]
		if c.Type != "inlineStr" || c.Formula != "" || styles.Cells[c.Style].Quote != "1" || c.value(t) != s {
			t.Errorf("%q: got %+v with %+v", s, c, styles.Cells[c.Style])
		}
		var out bytes.Buffer
		if err := sheet.CSV(&out, gridOf([]tabulate.Column{columnOf("t", definition.FormatText, "")}, row(s))); err != nil || !strings.HasPrefix(out.String(), "t\r\n\"'") {
			t.Errorf("%q: got %q, %v", s, out.String(), err)
		}
	}
	doc := written(t, bookOf("en", sheet.Sheet{Grid: gridOf([]tabulate.Column{columnOf("n", definition.FormatText, "")}, row(int64(-5)), row(-0.5), row("plain"))}))
	got := parsed[worksheet](t, doc, first).cells(t)
	if got["A2"].value(t) != -5.0 || got["A3"].value(t) != -0.5 {
		t.Errorf("negative numbers: got %+v, %+v", got["A2"], got["A3"])
	}
	if styles := parsed[stylesheet](t, doc, "xl/styles.xml"); styles.Cells[got["A4"].Style].Quote != "" {
		t.Errorf("plain text is quoted")
	}
}

func TestFormats(t *testing.T) {
	t.Parallel()
	for language, want := range map[string][]string{
		"tr": {"", "#,##0", "#,##0.00", "%0.0", "[$₺]#,##0.00", `dd\.mm\.yyyy`},
		"en": {"", "#,##0", "#,##0.00", "0.0%", "[$₺]#,##0.00", "yyyy-mm-dd"},
	} {
		var columns []tabulate.Column
		for _, f := range []definition.Format{definition.FormatText, definition.FormatInteger, definition.FormatDecimal, definition.FormatPercent, definition.FormatMoney, definition.FormatDate} {
			columns = append(columns, columnOf(string(f), f, ""))
		}
		doc := written(t, bookOf(language, sheet.Sheet{Grid: gridOf(columns, row("x", int64(1), 1.5, 0.5, 2.5, day(t, "2025-01-31")))}))
		got, styles := parsed[worksheet](t, doc, first).cells(t), parsed[stylesheet](t, doc, "xl/styles.xml")
		for i, code := range want {
			if name := string(rune('A'+i)) + "2"; styles.format(got[name]) != code {
				t.Errorf("%s %s: got %q, want %q", language, columns[i].Format, styles.format(got[name]), code)
			}
		}
	}
}

// TestTotalsAreWhatTheFormulaSays has another library work the formulas out.
func TestTotalsAreWhatTheFormulaSays(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		columns := []definition.Column{
			{Name: "name", Look: definition.Look{Format: definition.FormatText}},
			{Name: "n", Look: definition.Look{Format: definition.FormatInteger}, Total: definition.Sum},
			{Name: "a", Look: definition.Look{Format: definition.FormatDecimal, Digits: 2}, Total: definition.Avg},
			{Name: "w", Look: definition.Look{Format: definition.FormatPercent}, Total: definition.Avg, Weight: "n"},
		}
		table := definition.Table{Columns: columns}
		if rapid.Bool().Draw(t, "subtotals") {
			table.Subtotal = "name"
		}
		var rows [][]any
		for range rapid.IntRange(1, 30).Draw(t, "rows") {
			var average any = rapid.Float64Range(-1000, 1000).Draw(t, "a")
			if rapid.IntRange(0, 4).Draw(t, "absent") == 0 {
				average = nil
			}
			var share any = rapid.Float64Range(0, 1).Draw(t, "w")
			if rapid.IntRange(0, 40).Draw(t, "no share") == 0 {
				share = nil
			}
			rows = append(rows, []any{rapid.SampledFrom([]string{"Moss", "Yedi"}).Draw(t, "name"), rapid.Int64Range(1, 1e6).Draw(t, "n"), average, share})
		}
		g, err := tabulate.Make(table, tabulate.Rows{Columns: []string{"name", "n", "a", "w"}, Rows: rows}, tabulate.Options{Language: lang.Of("en"), Locale: "en"})
		if err != nil {
			t.Fatalf("%v", err)
		}
		doc := written(t, bookOf("en", sheet.Sheet{Name: "Data", Grid: g, Weights: map[int]int{3: 1}}))
		f, err := excelize.OpenReader(bytes.NewReader(doc))
		if err != nil {
			t.Fatalf("excelize: %v", err)
		}
		defer f.Close()
		formulas := 0
		for name, c := range parsed[worksheet](t, doc, first).cells(t) {
			if c.Formula == "" {
				continue
			}
			formulas++
			worked, err := f.CalcCellValue("Data", name, excelize.Options{RawCellValue: true})
			if err != nil {
				t.Fatalf("%s=%s: %v", name, c.Formula, err)
			}
			v, err := strconv.ParseFloat(worked, 64)
			if cached := c.value(t).(float64); err != nil || math.Abs(v-cached) > 1e-9*max(1, math.Abs(v)) {
				t.Fatalf("%s=%s is %s, %v; cached is %v\n%v", name, c.Formula, worked, err, cached, rows)
			}
		}
		if table.Subtotal == "" && formulas < 1 {
			t.Fatalf("only %d totals are formulas: %v", formulas, g.Totals)
		}
	})
}

func TestWhereNoFormulaSaysTheSameThereIsAValue(t *testing.T) {
	t.Parallel()
	grid := func(cells ...any) tabulate.Grid {
		g := tabulate.Grid{Columns: []tabulate.Column{columnOf("n", definition.FormatInteger, definition.Sum)}}
		for i, v := range cells {
			g.Rows, g.Body = append(g.Rows, row(v)), g.Body+1
			if i%2 == 0 && len(cells) > 50 {
				g.Rows = append(g.Rows, tabulate.Row{Kind: tabulate.Subtotal, Cells: []any{v}})
			}
		}
		g.Totals = []tabulate.Row{{Kind: tabulate.Total, Cells: []any{int64(7)}}}
		return g
	}
	many := make([]any, 100)
	for i := range many {
		many[i] = int64(1)
	}
	for name, c := range map[string]struct {
		g       tabulate.Grid
		formula string
	}{
		"numbers":                  {grid(int64(3), nil, int64(4)), "SUM(A2:A4)"},
		"a number only text holds": {grid(int64(1<<53+1), int64(1)), ""},
		"no numbers":               {grid(nil, nil), ""},
		"many subtotals":           {grid(many...), ""},
	} {
		doc := written(t, bookOf("en", sheet.Sheet{Grid: c.g}))
		total := parsed[worksheet](t, doc, first).cells(t)["A"+strconv.Itoa(len(c.g.Rows)+2)]
		if total.Formula != c.formula || total.value(t) != 7.0 {
			t.Errorf("%s: got %+v, want %q", name, total, c.formula)
		}
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	text := []tabulate.Column{columnOf("t", definition.FormatText, "")}
	for name, c := range map[string]struct {
		g    tabulate.Grid
		code string
	}{
		"rows":        {gridOf(text, make([]tabulate.Row, 1_048_576)...), "sheet-too-long"},
		"columns":     {gridOf(make([]tabulate.Column, 16_385)), "sheet-too-wide"},
		"text":        {gridOf(text, row(strings.Repeat("😀", 16_384))), "sheet-cell-too-long"},
		"all columns": {gridOf(make([]tabulate.Column, 16_384)), "internal"},
		"all text":    {gridOf(text, row(strings.Repeat("ş", 32_767))), "internal"},
	} {
		err := sheet.XLSX(new(bytes.Buffer), bookOf("en", sheet.Sheet{Name: "Data", Grid: c.g}))
		if got := report.CodeOf(err); got != c.code && (err != nil || c.code != "internal") || err != nil && report.ClassOf(err) != report.Permanent {
			t.Errorf("%s: got %v, want %s", name, err, c.code)
		}
	}
}

func TestTheNamesOfSheets(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		names := rapid.SliceOfN(rapid.OneOf(texts(), rapid.SampledFrom([]string{"History", "a/b:c", "'x'", "A", "a", strings.Repeat("ğ", 40), strings.Repeat("😀", 20), "Sources"})), 1, 8).Draw(t, "names")
		var sheets []sheet.Sheet
		for _, n := range names {
			sheets = append(sheets, sheet.Sheet{Name: n, Grid: gridOf([]tabulate.Column{columnOf("n", definition.FormatText, "")}, row("x"))})
		}
		f, err := excelize.OpenReader(bytes.NewReader(written(t, bookOf("en", sheets...))))
		if err != nil {
			t.Fatalf("excelize: %v", err)
		}
		defer f.Close()
		list, seen := f.GetSheetList(), map[string]bool{"history": true}
		if len(list) != len(names)+1 {
			t.Fatalf("%d sheets, want %d and one of sources: %q", len(list), len(names), list)
		}
		for _, n := range list {
			low := strings.ToLower(n)
			if seen[low] || n == "" || len(utf16.Encode([]rune(n))) > 31 || strings.ContainsAny(n, `[]:*?/\`) || strings.Trim(n, "'") != n {
				t.Fatalf("sheets %q: %q", list, n)
			}
			seen[low] = true
		}
	})
}

func TestWhatTheBookSaysOfItself(t *testing.T) {
	t.Parallel()
	b := bookOf("tr", sheet.Sheet{Name: "Oyunlar", Title: "En çok", Note: "Yalnız satılanlar", Grid: benchmarkGrid(3)})
	doc := written(t, b)
	f, err := excelize.OpenReader(bytes.NewReader(doc))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	props, err := f.GetDocProps()
	if err != nil || props.Title != b.Title || props.Identifier != b.GUID || props.Language != "tr-TR" || props.Created != "2026-11-23T14:30:05Z" || props.Modified != props.Created {
		t.Errorf("properties: got %+v, %v", props, err)
	}
	rows, err := f.GetRows("Kaynaklar")
	want := [][]string{
		{b.Title}, {b.Sentence}, nil, {b.Company}, {"Rapor numarası", b.GUID}, {"İsteyen", b.RequestedBy}, {"İstek", "23 Kasım 2026 14:30:05"}, nil,
		{"Oyunlar", "En çok", "Yalnız satılanlar"}, nil, b.Sources.Head, b.Sources.Rows[0], {b.Sources.Note},
	}
	if err != nil || !reflect.DeepEqual(rows, want) {
		t.Errorf("got %q, %v\nwant %q", rows, err, want)
	}
	w := parsed[worksheet](t, doc, first)
	if w.Pane.YSplit != 1 || w.Pane.State != "frozen" || w.Filter.Ref != "A1:H4" {
		t.Errorf("pane %+v, filter %+v", w.Pane, w.Filter)
	}
	names := f.GetDefinedName()
	if len(names) != 1 || names[0].RefersTo != "'Oyunlar'!$A$1:$H$4" {
		t.Errorf("defined names: %+v", names)
	}
	if len(w.Cols) != 8 || w.Cols[1].Width < 11 || w.Cols[1].Width > 20 {
		t.Errorf("widths: %+v", w.Cols)
	}
}

func TestTheSameBookIsTheSameBytes(t *testing.T) {
	t.Parallel()
	book := func() sheet.Book {
		return bookOf("tr", sheet.Sheet{Name: "A", Grid: benchmarkGrid(50)}, sheet.Sheet{Name: "B", Grid: benchmarkGrid(20)})
	}
	one := written(t, book())
	for range 5 {
		if !bytes.Equal(one, written(t, book())) {
			t.Fatal("the bytes differ")
		}
	}
	z, err := zip.NewReader(bytes.NewReader(one), int64(len(one)))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range z.File {
		if !f.Modified.Equal(book().RequestedAt) {
			t.Errorf("%s is of %v, not of the request", f.Name, f.Modified)
		}
	}
}

func TestDaysExcelCountsAsWeDo(t *testing.T) {
	t.Parallel()
	for of, want := range map[string]any{"1900-02-28": "1900-02-28", "1900-03-01": 61.0, "1970-01-01": 25569.0, "2024-02-29": 45351.0, "9999-12-31": 2958465.0} {
		doc := written(t, bookOf("en", sheet.Sheet{Grid: gridOf([]tabulate.Column{columnOf("d", definition.FormatDate, "")}, row(day(t, of)))}))
		if got := parsed[worksheet](t, doc, first).cells(t)["A2"].value(t); got != want {
			t.Errorf("%s: got %v, want %v", of, got, want)
		}
	}
}

func TestAnEndOfTheDiskIsTold(t *testing.T) {
	t.Parallel()
	b := bookOf("tr", sheet.Sheet{Name: "A", Grid: benchmarkGrid(50)})
	for n := 0; n < len(written(t, b)); n += 301 {
		if err := sheet.XLSX(&broken{n}, b); !errors.Is(err, errFull) {
			t.Fatalf("after %d bytes: %v", n, err)
		}
	}
	for _, n := range []int{0, 100, 2000} {
		if err := sheet.CSV(&broken{n}, benchmarkGrid(3000)); !errors.Is(err, errFull) {
			t.Fatalf("after %d bytes: %v", n, err)
		}
	}
}
