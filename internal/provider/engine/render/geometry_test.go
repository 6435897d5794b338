package render_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"peyk/internal/provider/engine/lang"
	"peyk/internal/provider/engine/pdftest"
	"peyk/internal/provider/engine/render"
)

// hostile tables and charts are drawn from a seed: names as they come in the
// worst of days.
type dice struct{ *rand.Rand }

func (d dice) name() string {
	words := []string{
		"Küçük", "Bostan", "Gece", "Treni:", "Doğu", "Ekspresi", "W", "ışık", "Ağustosböceği", "日本語のゲーム", "🎮🎲", "ابجد هوز", "Ñandú",
		"supercalifragilisticexpialidocious-and-then-some-more", "a\u0301\u0301", "\u202egnp", "ﬁ", "<b>", "=SUM(A1)", "x/y/z", "--", "ĞÜŞİÖÇ",
	}
	var b strings.Builder
	for range d.IntN(9) {
		b.WriteString(words[d.IntN(len(words))])
		b.WriteByte(" \u00a0\t"[d.IntN(3)])
	}
	if d.IntN(20) == 0 {
		b.WriteString(strings.Repeat("Uzunisim", 1+d.IntN(60)))
	}
	return b.String()
}

func (d dice) figure() string {
	return lang.Of("tr").Money(math.Pow(10, float64(d.IntN(13)))*(d.Float64()-0.3), lang.TRY, d.IntN(4))
}

func (d dice) table() render.Table {
	t := render.Table{Title: d.name(), Subtitle: d.name(), Note: d.name(), NewPage: d.IntN(2) == 0}
	columns := []int{1, 2, 5, 9, 14, 24, 40}[d.IntN(7)]
	for c := range columns {
		t.Columns = append(t.Columns, render.Column{Title: d.name(), Figure: c > 0 && d.IntN(3) > 0, Strong: d.IntN(5) == 0})
	}
	for range []int{0, 1, 2, 30, 80}[d.IntN(5)] {
		row := render.Row{Cells: make([]string, columns), Weight: render.Weight(max(0, d.IntN(12)-9))}
		for c := range row.Cells {
			if row.Cells[c] = d.name(); t.Columns[c].Figure {
				row.Cells[c] = d.figure()
			}
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func (d dice) chart() render.Chart {
	l := lang.Of("tr")
	c := render.Chart{
		Kind: render.ChartKind(d.IntN(3)), Title: d.name(), Subtitle: d.name(), Aside: "Toplamdaki pay",
		Tick:  l.Decimal,
		Value: func(v float64) string { return l.Decimal(v, 1) },
	}
	for range 1 + d.IntN(60) {
		c.Labels = append(c.Labels, d.name())
	}
	series := 1
	if c.Kind != render.Bars {
		series = 1 + d.IntN(6)
	}
	size := math.Pow(10, float64(d.IntN(9)-2))
	for range series {
		s := render.Series{Name: d.name()}
		for range c.Labels {
			v := (d.Float64() - 0.2) * size
			switch d.IntN(12) {
			case 0:
				v = math.NaN()
			case 1:
				v = 0
			}
			s.Values = append(s.Values, v)
		}
		c.Series = append(c.Series, s)
	}
	if c.Kind == render.Bars && d.IntN(2) == 0 {
		for range c.Labels {
			c.Shares = append(c.Shares, l.Percent(d.Float64(), 1))
		}
	}
	return c
}

// TestNothingOverlaps reads the place of every word of a hundred hostile
// documents: none lies on another, none leaves the page's margins.
func TestNothingOverlaps(t *testing.T) {
	t.Parallel()
	for seed := range uint64(100) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			d := dice{rand.New(rand.NewPCG(seed, 5))}
			doc := document("tr", d.table())
			for range d.IntN(3) {
				doc.Tables = append(doc.Tables, d.table())
			}
			for range d.IntN(3) {
				doc.Charts = append(doc.Charts, d.chart())
			}
			for range d.IntN(5) {
				doc.Figures = append(doc.Figures, render.Figure{Label: d.name(), Number: d.figure(), Unit: []string{"", "milyon"}[d.IntN(2)], Note: d.name()})
			}
			pdf := set(t, doc)
			pdftest.Check(t, pdf.Bytes)
			pages := pdftest.Pages(t, pdf.Bytes)
			inside(t, pages)
			apart(t, pages)
		})
	}
}

// apart fails where the ink of two words meets. Boxes are as high as the font;
// letters fill about the middle two thirds.
func apart(t *testing.T, pages []pdftest.Page) {
	t.Helper()
	const side = 0.4 // points by which boxes may touch without their ink doing so
	for n, page := range pages {
		for i, a := range page.Words {
			for _, b := range page.Words[i+1:] {
				height := min(a.Bottom-a.Top, b.Bottom-b.Top)
				across := min(a.Right, b.Right) - max(a.Left, b.Left)
				down := min(a.Bottom, b.Bottom) - max(a.Top, b.Top)
				if across > side && down > height*0.3 {
					t.Errorf("page %d: %.40q at %.1f–%.1f, %.1f–%.1f and %.40q at %.1f–%.1f, %.1f–%.1f overlap",
						n+1, a.Text, a.Left, a.Right, a.Top, a.Bottom, b.Text, b.Left, b.Right, b.Top, b.Bottom)
					return
				}
			}
		}
	}
}
