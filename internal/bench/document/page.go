package document

import (
	"encoding/base64"
	"fmt"
	"html"
	"math"
	"strings"

	"peyk/internal/provider/engine/render"
	"peyk/internal/provider/engine/render/inter"
)

// HTML is the document as a careful author would write it for a browser to
// print: a style sheet, a table whose head repeats, the chart as SVG, the faces
// embedded.
func HTML(d render.Document, fonts Fonts) string {
	var b strings.Builder
	title := html.EscapeString(d.Title)
	fmt.Fprintf(&b, `<!doctype html><html lang="%s"><meta charset="utf-8"><title>%s</title><style>%s%s</style>`,
		d.Language.Tag, title, fonts.css, style(d))
	fmt.Fprintf(&b, "<h1>%s</h1><p class=lead>%s</p>", title, html.EscapeString(d.Sentence))
	b.WriteString("<div class=facts>")
	for _, f := range d.Facts {
		fmt.Fprintf(&b, "<div><small>%s</small><b>%s</b><i>%s</i></div>", html.EscapeString(f.Label), html.EscapeString(f.Value), html.EscapeString(f.Note))
	}
	b.WriteString("</div>")
	if len(d.Figures) > 0 {
		b.WriteString("<div class=figures>")
		for _, f := range d.Figures {
			fmt.Fprintf(&b, "<div><small>%s</small><strong>%s <span>%s</span></strong><small>%s</small></div>",
				html.EscapeString(f.Label), html.EscapeString(f.Number), html.EscapeString(f.Unit), html.EscapeString(f.Note))
		}
		b.WriteString("</div>")
	}
	for _, c := range d.Charts {
		chart(&b, c)
	}
	for _, t := range d.Tables {
		table(&b, t, true)
	}
	fmt.Fprintf(&b, "<h2>%s</h2><p class=small>%s</p>", html.EscapeString(d.Sources.Title), html.EscapeString(d.SourcesNote))
	d.Sources.Title = ""
	table(&b, d.Sources, false)
	b.WriteString("<dl>")
	for _, f := range d.Closing {
		fmt.Fprintf(&b, "<dt>%s<dd>%s", html.EscapeString(f.Label), html.EscapeString(f.Value))
	}
	b.WriteString("</dl></html>")
	return b.String()
}

func style(d render.Document) string {
	page, number, _ := strings.Cut(d.Language.Words.PageOf, "%d")
	between, _, _ := strings.Cut(number, "%d")
	margins := fmt.Sprintf(`@top-left{content:"%s"}@top-right{content:"%s"}@bottom-left{content:"%s"}@bottom-right{content:"%s" counter(page) "%s" counter(pages)}`,
		d.Company, d.Title, d.GUID, page, between)
	return `@page{size:A4;margin:24mm 18mm 20mm;font:7.5pt Inter;color:#62656d;` + margins + `}
body{margin:0;font:8.5pt/1.4 Inter;color:#17181b}h1{font-size:27pt;font-weight:600;line-height:1.17;letter-spacing:-.022em;margin:0 0 8pt}
h2{font-size:13pt;font-weight:600;margin:22pt 0 2pt}p{margin:2pt 0 8pt}.lead{font-size:12.5pt;color:#4a4d54}.small,small{font-size:8pt;color:#62656d;display:block}
.facts,.figures{display:flex;border-bottom:.75pt solid #d6d6d2;padding:6pt 0 10pt}.facts div,.figures div{flex:1}.facts b{display:block;font-weight:500}
.facts i{font-style:normal;color:#62656d}.figures strong{font-size:25pt;font-weight:500}.figures span{font-size:11pt}
.figures div:first-child strong{color:#1e45a3}
table{border-collapse:collapse;width:100%}thead th{font-weight:500;font-size:8pt;color:#4a4d54;text-align:left;vertical-align:bottom;border-bottom:.75pt solid}
td,th{padding:3.8pt 6pt 3.8pt 0}tr{break-inside:avoid;border-bottom:.5pt solid #d6d6d2}.f{text-align:right!important}td.f{white-space:nowrap}
.n{color:#62656d}.strong td,.s{font-weight:600}.strong{border:.75pt solid;border-width:.75pt 0}.light{border:0;color:#62656d}
dl{border-top:.75pt solid;display:grid;grid-template-columns:96pt 1fr}svg{overflow:visible}svg text{font-size:8px}`
}

func table(b *strings.Builder, t render.Table, numbered bool) {
	if t.Title != "" {
		fmt.Fprintf(b, "<h2>%s</h2><p class=small>%s</p>", html.EscapeString(t.Title), html.EscapeString(t.Subtitle))
	}
	b.WriteString("<table><thead><tr>")
	if numbered {
		b.WriteString("<th>")
	}
	for _, c := range t.Columns {
		fmt.Fprintf(b, "<th%s>%s", class(c), html.EscapeString(c.Title))
	}
	b.WriteString("</thead><tbody>")
	for i, r := range t.Rows {
		b.WriteString([]string{"<tr>", "<tr class=strong>", "<tr class=light>"}[r.Weight])
		switch {
		case numbered && r.Weight == render.Plain:
			fmt.Fprintf(b, "<td class=n>%d", i+1)
		case numbered:
			b.WriteString("<td>")
		}
		for j, cell := range r.Cells {
			fmt.Fprintf(b, "<td%s>%s", class(t.Columns[j]), html.EscapeString(cell))
		}
	}
	fmt.Fprintf(b, "</table><p class=small>%s</p>", html.EscapeString(t.Note))
}

func class(c render.Column) string {
	switch {
	case c.Figure && c.Strong:
		return ` class="f s"`
	case c.Figure:
		return ` class=f`
	case c.Strong:
		return ` class=s`
	}
	return ""
}

// chart draws lying bars of one series.
func chart(b *strings.Builder, c render.Chart) {
	const pitch, left, width = 18.5, 120.0, 280.0
	values, most := c.Series[0].Values, 0.0
	for _, v := range values {
		most = max(most, v)
	}
	fmt.Fprintf(b, "<h2>%s</h2><p class=small>%s</p>", html.EscapeString(c.Title), html.EscapeString(c.Subtitle))
	height := pitch*float64(len(values)) + 20
	fmt.Fprintf(b, `<svg width="493pt" height="%.1fpt" viewBox="0 0 493 %.1f"><text x="493" y="-4" text-anchor="end">%s</text>`, height, height, html.EscapeString(c.Aside))
	step := math.Ceil(most / 6)
	for v := 0.0; v <= most; v += step {
		x := left + v/most*width
		fmt.Fprintf(b, `<path d="M%.1f 0V%.1f" stroke="#d6d6d2" stroke-width=".5"/><text x="%.1f" y="%.1f" text-anchor="middle">%s</text>`, x, height-18, x, height-6, c.Tick(v, 0))
	}
	for i, v := range values {
		y, fill := pitch*float64(i), "#7b90c4"
		if v == most {
			fill = "#1e45a3"
		}
		fmt.Fprintf(b, `<text x="0" y="%.1f">%s</text><rect x="%.1f" y="%.1f" width="%.1f" height="11" rx="1.2" fill="%s"/>`,
			y+12.5, html.EscapeString(c.Labels[i]), left, y+4, v/most*width, fill)
		fmt.Fprintf(b, `<text x="%.1f" y="%.1f" font-weight="500">%s</text><text x="493" y="%.1f" text-anchor="end">%s</text>`,
			left+4+v/most*width, y+12.5, c.Value(v), y+12.5, c.Shares[i])
	}
	b.WriteString("</svg>")
}

// Fonts are the faces our own writer embeds, for a style sheet.
type Fonts struct{ css string }

// LoadFonts makes them such that a browser takes them.
func LoadFonts() (Fonts, error) {
	family, err := inter.Load()
	if err != nil {
		return Fonts{}, err
	}
	var css strings.Builder
	for _, face := range []struct {
		weight inter.Weight
		number int
	}{{inter.Regular, 400}, {inter.Medium, 500}, {inter.SemiBold, 600}} {
		font, err := forBrowsers(family.Face(face.weight).Core.Compressed)
		if err != nil {
			return Fonts{}, fmt.Errorf("make the face %s one for browsers: %w", face.weight, err)
		}
		fmt.Fprintf(&css, "@font-face{font-family:Inter;font-weight:%d;src:url(data:font/ttf;base64,%s)}", face.number, base64.StdEncoding.EncodeToString(font))
	}
	return Fonts{css.String()}, nil
}
