package document

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"math"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"peyk/internal/provider/engine/pdftest"
	"peyk/internal/provider/engine/render"
	"peyk/internal/provider/engine/render/inter"
)

// texts are all that a document says, cell by cell.
func texts(d render.Document) []string {
	all := []string{d.Title, d.Sentence, d.SourcesNote, d.Sources.Title}
	for _, f := range slices.Concat(d.Facts, d.Closing) {
		all = append(all, f.Label, f.Value, f.Note)
	}
	for _, f := range d.Figures {
		all = append(all, f.Label, f.Number, f.Unit, f.Note)
	}
	for _, c := range d.Charts {
		all = append(append(append(all, c.Title, c.Subtitle, c.Aside), c.Labels...), c.Shares...)
		for _, v := range c.Series[0].Values {
			all = append(all, c.Value(v))
		}
	}
	for _, t := range append(d.Tables, d.Sources) {
		all = append(all, t.Title, t.Subtitle, t.Note)
		for _, c := range t.Columns {
			all = append(all, c.Title)
		}
		for _, r := range t.Rows {
			all = append(all, r.Cells...)
		}
	}
	return all
}

func TestHTMLSaysAllThatTheDocumentSays(t *testing.T) {
	t.Parallel()
	for name, d := range map[string]render.Document{"games": Games(), "sales": Sales(300)} {
		page := HTML(d, Fonts{})
		for _, s := range texts(d) {
			if !strings.Contains(page, html.EscapeString(s)) {
				t.Errorf("%s: the page lacks %q", name, s)
			}
		}
		rows := len(d.Sources.Rows) + 1
		for _, table := range d.Tables {
			rows += len(table.Rows) + 1
		}
		if got := strings.Count(page, "<tr"); got != rows {
			t.Errorf("%s: %d rows, want %d", name, got, rows)
		}
	}
}

// TestChromiumPrintsTheSame looks for every word in both documents.
func TestChromiumPrintsTheSame(t *testing.T) {
	t.Parallel()
	browser, err := StartChromium(t.Context())
	if errors.Is(err, ErrNoChromium) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := browser.Close(); err != nil {
			t.Error(err)
		}
	}()
	fonts, err := LoadFonts()
	if err != nil {
		t.Fatal(err)
	}
	d := Games()
	theirs, err := browser.PDF(HTML(d, fonts))
	if err != nil {
		t.Fatal(err)
	}
	r, err := render.New()
	if err != nil {
		t.Fatal(err)
	}
	ours, err := r.PDF(d)
	if err != nil {
		t.Fatal(err)
	}
	for who, pdf := range map[string][]byte{"peyk": ours.Bytes, "chromium": theirs} {
		said := letters(pdftest.Text(t, pdf))
		for _, s := range texts(d) {
			for _, word := range strings.FieldsFunc(s, unicode.IsSpace) {
				if !strings.Contains(said, word) {
					t.Errorf("%s does not say %q of %q", who, word, s)
				}
			}
		}
	}
	if u, err := browser.usage(); err != nil || u.CPU == 0 || u.MaxRSS < u.RSS {
		t.Errorf("the browser has taken %+v, %v", u, err)
	}
}

func letters(s string) string { return strings.Join(strings.Fields(s), "") }

// TestFontsForBrowsersAreWhole reads back what was joined, by the rules of the
// format: each table's sum, the order of the tags, the file's own tables.
func TestFontsForBrowsersAreWhole(t *testing.T) {
	t.Parallel()
	family, err := inter.Load()
	if err != nil {
		t.Fatal(err)
	}
	font, err := forBrowsers(family.Face(inter.Medium).Core.Compressed)
	if err != nil {
		t.Fatal(err)
	}
	tables, err := tablesOf(font)
	if err != nil {
		t.Fatal(err)
	}
	var tags []string
	for i, table := range tables {
		tags = append(tags, table.tag)
		padded := append(slices.Clone(table.data), 0, 0, 0)
		sum := uint32(0)
		for at := 0; at+4 <= len(padded); at += 4 {
			sum += binary.BigEndian.Uint32(padded[at:])
		}
		if want := binary.BigEndian.Uint32(font[12+16*i+4:]); sum != want {
			t.Errorf("%s adds up to %x, its entry says %x", table.tag, sum, want)
		}
	}
	for _, need := range []string{"OS/2", "cmap", "glyf", "head", "hhea", "hmtx", "loca", "maxp", "name", "post"} {
		if !slices.Contains(tags, need) {
			t.Errorf("there is no table %s", need)
		}
	}
	if !slices.IsSorted(tags) {
		t.Errorf("the tables stand as %q", tags)
	}
	n := float64(len(tables))
	power := math.Exp2(math.Floor(math.Log2(n)))
	if got := [3]uint16{binary.BigEndian.Uint16(font[6:]), binary.BigEndian.Uint16(font[8:]), binary.BigEndian.Uint16(font[10:])}; got != [3]uint16{uint16(16 * power), uint16(math.Log2(power)), uint16(16 * (n - power))} {
		t.Errorf("the directory of %d tables has %v", len(tables), got)
	}
}

func TestWorkAnswersEveryOrder(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := Work(t.Context(), ChartPDF, "", strings.NewReader("1\n3\n"), &out); err != nil {
		t.Fatal(err)
	}
	answers := json.NewDecoder(&out)
	for range 2 {
		var m made
		if err := answers.Decode(&m); err != nil {
			t.Fatal(err)
		}
		if m.Wall <= 0 || m.CPU <= 0 || m.Bytes < 10_000 || m.Pages < 2 || m.Peak < m.Rest || m.Rest == 0 {
			t.Errorf("made %+v", m)
		}
	}
	if _, err := answers.Token(); err != io.EOF {
		t.Errorf("there is more: %v", err)
	}
	if err := Work(t.Context(), "cake", "", strings.NewReader("1\n"), &out); err == nil || !strings.Contains(err.Error(), "cake") {
		t.Errorf("a kind that is none: %v", err)
	}
}

func TestFactorsAreOfPairs(t *testing.T) {
	t.Parallel()
	ours := []made{{Wall: 10 * time.Millisecond, CPU: 5 * time.Millisecond, Peak: 3}, {Wall: 20 * time.Millisecond, CPU: 5 * time.Millisecond, Peak: 9}, {Wall: time.Millisecond, CPU: time.Millisecond, Peak: 4}}
	theirs := []made{{Wall: 100 * time.Millisecond, CPU: 50 * time.Millisecond}, {Wall: 400 * time.Millisecond, CPU: 25 * time.Millisecond}}
	c := plan{title: "x"}.sumUp([]made{{Peak: 2}, {Peak: 1}}, [][]made{ours, theirs})
	if got := c.Times.Wall.All; !slices.Equal(got, []float64{10, 20}) || c.Times.Wall.Median != 15 || c.Times.CPU.Least != 5 || c.Times.CPU.Most != 10 {
		t.Errorf("the factors are %+v", c.Times)
	}
	if m := c.Makers[0]; m.Wall.Median != 10 || m.Wall.Least != 1 || m.Wall.Most != 20 || m.Peak != 9 || m.First != 2 {
		t.Errorf("ours is %+v", m)
	}
}

func TestFiguresTakeThePlaceOfThoseBefore(t *testing.T) {
	t.Parallel()
	f := func(n int) []byte { return fmt.Appendf(nil, "%s\nfigure %d\n%s\n", begin, n, end) }
	for old, want := range map[string]string{
		"":                               string(f(2)),
		"# Head\n":                       "# Head\n\n" + string(f(2)),
		"a\n" + string(f(1)) + "b\n":     "a\n" + string(f(2)) + "b\n",
		"a\n" + begin + "\nhalf a write": "a\n" + string(f(2)),
	} {
		got := replace([]byte(old), f(2))
		if string(got) != want || string(replace(got, f(2))) != want {
			t.Errorf("%q became %q, want %q", old, got, want)
		}
	}
}
