package render_test

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"peyk/internal/provider/engine/lang"
	"peyk/internal/provider/engine/pdftest"
	"peyk/internal/provider/engine/render"
)

const guid = "01a2082b-96d0-7c3e-9a41-5d0be27f8c16"

func document(locale string, t render.Table) render.Document {
	l := lang.Of(locale)
	return render.Document{
		Language: l, Title: "Oyunlar – ülke bazında satış", Sentence: "Dönem 2025, en çok 50 oyun.",
		Company: "Kule Oyun Kiralama A.Ş.", GUID: guid, Type: "games.v1",
		RequestedAt: time.Date(2026, 11, 23, 14, 30, 0, 0, time.UTC),
		Facts:       []render.Fact{{"İsteyen", "Derya Aksoy", ""}, {"İstek", "23 Kasım 2026", "Pazartesi, 14:30"}},
		Tables:      []render.Table{t}, Empty: l.Words.Empty,
		Sources: render.Table{
			Title:   l.Words.Sources,
			Columns: []render.Column{{Title: l.Words.Source}, {Title: l.Words.AsOf}, {Title: l.Words.RowsRead, Figure: true}, {Title: l.Words.State, Figure: true}},
			Rows:    plain([]string{"Satış", "23 Kasım 2026 14:32:41", "11.904.377", "Tam"}),
		},
		SourcesNote: l.Words.AllRead,
		Closing:     []render.Fact{{Label: l.Words.ReportNumber, Value: guid}},
	}
}

// plain are rows without a weight.
func plain(cells ...[]string) []render.Row {
	rows := make([]render.Row, len(cells))
	for i, c := range cells {
		rows[i].Cells = c
	}
	return rows
}

func set(tb testing.TB, d render.Document) render.PDF {
	tb.Helper()
	r, err := render.New()
	if err != nil {
		tb.Fatal(err)
	}
	pdf, err := r.PDF(d)
	if err != nil {
		tb.Fatal(err)
	}
	if dir := os.Getenv("PEYK_KEEP_PDF"); dir != "" {
		name := strings.NewReplacer("/", "-", "#", "-").Replace(tb.Name())
		if err := os.WriteFile(dir+"/"+name+".pdf", pdf.Bytes, 0o600); err != nil {
			tb.Fatal(err)
		}
	}
	return pdf
}

// wide is a table of n columns, text and figures in turn.
func wide(n, rows int) render.Table {
	t := render.Table{Title: "Geniş tablo"}
	for c := range n {
		t.Columns = append(t.Columns, render.Column{Title: fmt.Sprintf("Sütun %d", c+1), Figure: c%2 == 1})
	}
	for r := range rows {
		row := make([]string, n)
		for c := range row {
			if row[c] = fmt.Sprintf("c%dr%d", c, r); c%2 == 1 {
				row[c] = fmt.Sprintf("%d.%03d,%02d", r, c, r%100)
			}
		}
		t.Rows = append(t.Rows, render.Row{Cells: row})
	}
	return t
}

func TestMetadataNamesTheReport(t *testing.T) {
	t.Parallel()
	info := pdftest.Info(t, set(t, document("tr", wide(3, 2))).Bytes)
	want := map[string]string{
		"Title": "Oyunlar – ülke bazında satış", "Subject": guid, "Keywords": guid, "Creator": "games.v1",
		"Author": "Kule Oyun Kiralama A.Ş.", "CreationDate": "2026-11-23T14:30:00Z", "Pages": "1",
	}
	for name, value := range want {
		if info[name] != value {
			t.Errorf("%s: got %q, want %q", name, info[name], value)
		}
	}
	if !bytes.Contains(set(t, document("tr", wide(3, 2))).Bytes, []byte("/Lang (tr-TR)")) {
		t.Error("the document does not say its language")
	}
}

func TestSameInputSameBytes(t *testing.T) {
	t.Parallel()
	d := document("tr", wide(7, 120))
	d.Tables[0].Rows[3].Cells[0] = "Šumava, Łódź, ő" // needs the second set of letters
	first := set(t, d)
	for range 5 {
		if again := set(t, d); !bytes.Equal(first.Bytes, again.Bytes) {
			t.Fatal("the same document was set in different bytes")
		}
	}
	pdftest.Check(t, first.Bytes)
}

func TestEveryPageHasHeadAndFoot(t *testing.T) {
	t.Parallel()
	pdf := set(t, document("en", wide(4, 200)))
	pages := strings.Split(strings.TrimSuffix(pdftest.Text(t, pdf.Bytes), "\f"), "\f")
	if len(pages) != pdf.Pages || pdf.Pages < 5 {
		t.Fatalf("%d pages seen, %d said", len(pages), pdf.Pages)
	}
	for i, page := range pages {
		for _, need := range []string{guid, fmt.Sprintf("Page %d / %d", i+1, len(pages)), "Kule Oyun Kiralama A.Ş."} {
			if !strings.Contains(page, need) {
				t.Errorf("page %d lacks %q", i+1, need)
			}
		}
		if strings.Contains(page, "c0r") && strings.Count(page, "Sütun 1") != 1 {
			t.Errorf("page %d: the head of the table is not there once", i+1)
		}
	}
}

func TestEmptyTableIsASentence(t *testing.T) {
	t.Parallel()
	for _, locale := range []string{"tr", "en"} {
		text := flat(pdftest.Text(t, set(t, document(locale, wide(3, 0))).Bytes))
		if !strings.Contains(text, flat(lang.Of(locale).Words.Empty)) || strings.Contains(text, "Sütun") {
			t.Errorf("%s: want the sentence and no table:\n%s", locale, text)
		}
	}
}

// flat takes line breaks and repeated spaces away.
func flat(s string) string { return strings.Join(strings.Fields(s), " ") }

func TestWideTableStaysOnThePage(t *testing.T) {
	t.Parallel()
	for _, columns := range []int{1, 6, 12, 18, 25, 40} {
		t.Run(fmt.Sprint(columns), func(t *testing.T) {
			t.Parallel()
			pdf := set(t, document("tr", wide(columns, 30)))
			inside(t, pdftest.Pages(t, pdf.Bytes))
			letters := squeezed(pdftest.Pages(t, pdf.Bytes))
			for _, cell := range []string{"c0r29", fmt.Sprintf("c%dr29", (columns-1)/2*2)} {
				if columns <= 25 && !strings.Contains(letters, cell) {
					t.Errorf("the cell %s is not on the page", cell)
				}
			}
		})
	}
}

// inside fails unless every word lies within the margins.
func inside(t *testing.T, pages []pdftest.Page) {
	t.Helper()
	const margin = 18/25.4*72 - 0.6 // the boxes of letters are a little wider than their ink
	for n, page := range pages {
		for _, w := range page.Words {
			if w.Left < margin || w.Right > page.Width-margin || w.Top < 30 || w.Bottom > page.Height-25 {
				t.Errorf("page %d of %.0f × %.0f: %q lies at %.1f–%.1f, %.1f–%.1f", n+1, page.Width, page.Height, w.Text, w.Left, w.Right, w.Top, w.Bottom)
			}
		}
	}
}

func squeezed(pages []pdftest.Page) string {
	var b strings.Builder
	for _, p := range pages {
		for _, w := range p.Words {
			b.WriteString(w.Text)
		}
	}
	return b.String()
}

func TestTurkishAndMoneyCanBeCopied(t *testing.T) {
	t.Parallel()
	all := "ÇĞİÖŞÜ çğıöşü ÂÎÛâîû ₺1.234,56 €5 £3 $2 %96,0 −12 „a“ ‘b’ “c” – — … → • Šumava Łódź Ñandú țară"
	table := render.Table{Columns: []render.Column{{Title: "Ad"}}, Rows: plain([]string{all})}
	if text := flat(pdftest.Text(t, set(t, document("tr", table)).Bytes)); !strings.Contains(text, all) {
		t.Errorf("want %q in\n%s", all, text)
	}
}

func TestLettersInPiecesAreComposed(t *testing.T) {
	t.Parallel()
	table := render.Table{Columns: []render.Column{{Title: "Ad"}}, Rows: plain([]string{"Gu\u0308l \u202e\u200bS\u0327en"})}
	if text := flat(pdftest.Text(t, set(t, document("tr", table)).Bytes)); !strings.Contains(text, "1 Gül Şen") {
		t.Errorf("want Gül Şen without a box in\n%s", text)
	}
}

func TestRowLongerThanAPageLosesNothing(t *testing.T) {
	t.Parallel()
	var words []string
	for i := range 6000 {
		words = append(words, fmt.Sprintf("w%d", i))
	}
	table := render.Table{
		Columns: []render.Column{{Title: "Ad"}, {Title: "Not"}, {Title: "Tutar", Figure: true}},
		Rows:    plain([]string{"önce", "x", "1"}, []string{"uzun", strings.Join(words, " "), "2"}, []string{"sonra", strings.Repeat("ĞÜŞ", 2000), "3"}),
	}
	pdf := set(t, document("tr", table))
	inside(t, pdftest.Pages(t, pdf.Bytes))
	seen := map[string]bool{}
	for _, page := range pdftest.Pages(t, pdf.Bytes) {
		for _, w := range page.Words {
			seen[w.Text] = true
		}
	}
	for _, w := range words {
		if !seen[w] {
			t.Fatalf("%s was lost", w)
		}
	}
	if n := strings.Count(squeezed(pdftest.Pages(t, pdf.Bytes)), "Ğ"); n != 2000 {
		t.Errorf("%d of 2000 letters are there", n)
	}
}

func TestHostileTextIsOnlyText(t *testing.T) {
	t.Parallel()
	hostile := []string{
		") Tj ET Q endstream endobj 9 0 obj << /S /JavaScript /JS (app.alert(1)) >>", "{nb}", "\\", "((((", "))))", "\\)",
		"%PDF-1.7", "a\x00b", "\xff\xfe\xfd", "\u202egnp.exe", "a\r\nb\tc", "日本語 🎮 ابجد", "<script>", strings.Repeat("W", 3000), "", " ",
		"e\u0301\u0301\u0301\u0301", "\ufeff", "\u2028",
	}
	for i, h := range hostile {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			d := document("tr", render.Table{
				Title: h, Subtitle: h, Note: h, Columns: []render.Column{{Title: h}, {Title: h, Figure: true, Strong: true}},
				Rows: []render.Row{{Cells: []string{h, h}}, {Cells: []string{h, h}, Weight: render.Strong}, {Cells: []string{h, h}, Weight: render.Light}},
			})
			d.Title, d.Sentence, d.Company, d.Type = h, h, h, h
			d.Facts = append(d.Facts, render.Fact{h, h, h})
			pdf := set(t, d)
			pdftest.Check(t, pdf.Bytes)
			inside(t, pdftest.Pages(t, pdf.Bytes))
		})
	}
}

func TestAnyTableKeepsItsLetters(t *testing.T) {
	t.Parallel()
	dir := t
	rapid.Check(t, func(t *rapid.T) {
		columns := rapid.IntRange(1, 14).Draw(t, "columns")
		table := render.Table{Columns: make([]render.Column, columns)}
		letters := 0
		for c := range table.Columns {
			table.Columns[c] = render.Column{Title: rapid.StringMatching(`[a-z ]{0,30}`).Draw(t, "title"), Figure: rapid.Bool().Draw(t, "figure")}
		}
		for range rapid.IntRange(1, 40).Draw(t, "rows") {
			row := make([]string, columns)
			for c := range row {
				if c == 0 { // repeated where a table is split
					row[c] = rapid.StringMatching(`(x{1,12} ){0,6}`).Draw(t, "key")
					continue
				}
				row[c] = rapid.StringMatching(`(Ş{1,12} ){0,6}`).Draw(t, "cell")
				letters += strings.Count(row[c], "Ş")
			}
			table.Rows = append(table.Rows, render.Row{Cells: row})
		}
		d := document("en", table)
		d.Company = "" // has a Ş
		pdf := set(dir, d)
		pages := pdftest.Pages(dir, pdf.Bytes)
		got := strings.Count(squeezed(pages), "Ş")
		if got != letters {
			t.Fatalf("%d letters went in, %d came out", letters, got)
		}
		inside(dir, pages)
	})
}

func BenchmarkPDF(b *testing.B) {
	r, err := render.New()
	if err != nil {
		b.Fatal(err)
	}
	for _, rows := range []int{1, 50, 10_000} {
		b.Run(fmt.Sprint(rows), func(b *testing.B) {
			d := document("tr", wide(6, rows))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := r.PDF(d); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
