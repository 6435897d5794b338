package render

import (
	"fmt"

	"codeberg.org/go-pdf/fpdf"

	"peyk/internal/provider/engine/render/inter"
)

// Renderer sets documents. It is safe for concurrent use; each document costs
// its own memory only.
type Renderer struct {
	family   *inter.Family
	deflater deflater
}

// New loads the fonts.
func New() (*Renderer, error) {
	family, err := inter.Load()
	if err != nil {
		return nil, err
	}
	return &Renderer{family: family}, nil
}

// PDF is a document as bytes.
type PDF struct {
	Bytes []byte
	Pages int
}

// PDF sets d.
func (r *Renderer) PDF(d Document) (PDF, error) {
	styles := r.styles()
	d = d.clean()
	tables := make([][]*laid, len(d.Tables))
	for i, t := range d.Tables {
		tables[i] = styles.layTable(t, uprightFirst())
	}
	bare := len(d.Figures)+len(d.Charts) == 0 && len(tables) > 0 && len(d.Tables[0].Rows) > 0
	p := newPress(d, styles, bare && tables[0][0].way.landscape)
	p.opening()
	p.figures()
	for _, c := range d.Charts {
		p.chart(c)
	}
	p.tables(tables)
	p.closing()
	p.feet()
	return p.bytes(&r.deflater)
}

// tables sets those that have rows; where none has, the sentence that says so.
func (p *press) tables(tables [][]*laid) {
	set := 0
	for i, parts := range tables {
		if len(p.doc.Tables[i].Rows) == 0 {
			continue
		}
		switch set++; {
		case p.doc.Tables[i].NewPage && p.y > bodyTop:
			p.landscape = parts[0].way.landscape
			p.turnPage(p.doc.Title)
			p.y += 8
		case set > 1:
			p.y += 34
		}
		p.table(parts)
	}
	if set == 0 {
		p.paragraph(p.lead, p.doc.Empty, 18)
	}
}

// styles are the kinds of text in a document.
type styles struct {
	title, lead, heading, label, value, note, head, cell, strong, small, foot, company, figure, unit style
	tick, tick3, mark, axisText                                                                      style // of charts
}

func (r *Renderer) styles() styles {
	regular, medium, semibold := r.family.Face(inter.Regular), r.family.Face(inter.Medium), r.family.Face(inter.SemiBold)
	return styles{
		title:   style{semibold, 27, ink, -0.022},
		lead:    style{regular, 12.5, ink2, 0},
		heading: style{semibold, 13, ink, -0.012},
		label:   style{regular, 8, ink3, 0},
		value:   style{medium, 9.5, ink, 0},
		note:    style{regular, 9.5, ink3, 0},
		head:    style{medium, 8, ink2, 0},
		cell:    style{regular, tableSize, ink, 0},
		strong:  style{semibold, tableSize, ink, 0},
		small:   style{regular, 8, ink3, 0},
		foot:    style{regular, 7.5, ink3, 0},
		figure:  style{medium, 25, ink, -0.02},
		unit:    style{medium, 11, ink, 0},
		company: style{semibold, 8.5, ink, 0},

		tick:     style{regular, 8, ink, 0},
		tick3:    style{regular, 8, ink2, 0},
		mark:     style{medium, 8, ink, 0},
		axisText: style{regular, 7.5, ink2, 0},
	}
}

// A4 in points, and what lies on it at fixed heights.
const (
	short, long = 595.28, 841.89
	margin      = 18 / 25.4 * 72
	headText    = 51.5        // baseline of the running head
	headRule    = 64.0        // line under it
	bodyTop     = 96.0        // first baseline of a page that goes on
	footRule    = margin      // above the lower edge
	footText    = 37.0        // baseline, above the lower edge
	bodyBottom  = margin + 12 // above the lower edge
)

// press is a document being set: a canvas and how far down the page we are.
type press struct {
	canvas
	styles
	doc           Document
	landscape     bool // the next page lies across
	width, height float64
	left, right   float64
	y             float64   // the next thing begins here
	widths        []float64 // of the pages
}

func newPress(d Document, s styles, landscape bool) *press {
	pdf := fpdf.New("P", "pt", "A4", "")
	pdf.SetMargins(0, 0, 0)
	pdf.SetAutoPageBreak(false, 0)
	pdf.SetCompression(false) // deflater does
	pdf.SetCatalogSort(true)
	pdf.SetCreationDate(d.RequestedAt)
	pdf.SetModificationDate(d.RequestedAt)
	pdf.SetProducer("Peyk", true)
	pdf.SetCreator(d.Type, true)
	pdf.SetTitle(d.Title, true)
	pdf.SetSubject(d.GUID, true)
	pdf.SetKeywords(d.GUID, true)
	pdf.SetAuthor(d.Company, true)
	pdf.SetLang(d.Language.Tag)
	return &press{
		canvas: canvas{pdf: pdf, added: map[*inter.Set]bool{}},
		styles: s, doc: d, landscape: landscape, left: margin,
	}
}

// turnPage begins a page with its running head.
func (p *press) turnPage(headline string) {
	orientation := "P"
	if p.width, p.height = short, long; p.landscape {
		orientation, p.width, p.height = "L", long, short
	}
	p.right = p.width - margin
	p.pdf.AddPageFormat(orientation, fpdf.SizeType{Wd: short, Ht: long})
	p.page++
	p.widths = append(p.widths, p.width)
	p.forget()
	p.text(p.left, headText, p.company, p.company.fit(p.doc.Company, (p.right-p.left)*0.4))
	p.textRight(p.right, headText, p.head, p.head.fit(headline, (p.right-p.left)*0.55))
	p.rule(p.left, p.right, headRule, 0.75, ink)
	p.y = bodyTop
}

// need turns the page unless height points are left on it.
func (p *press) need(height float64) {
	if p.y+height > p.floor() {
		p.turnPage(p.doc.Title)
	}
}

func (p *press) floor() float64 { return p.height - bodyBottom }

// feet writes the foot of every page, now that their number is known. The PDF
// writer counts from the upper edge of the page it made last, whichever it is
// on: measured from below, all are alike.
func (p *press) feet() {
	for n := 1; n <= p.page; n++ {
		p.turn(n)
		right := p.widths[n-1] - margin
		p.rule(p.left, right, p.height-footRule, 0.5, faint)
		p.text(p.left, p.height-footText, p.foot, p.foot.fit(p.doc.GUID, (right-p.left)*0.7))
		p.textRight(right, p.height-footText, p.foot, fmt.Sprintf(p.doc.Language.Words.PageOf, n, p.page))
	}
}

func (p *press) bytes(d *deflater) (PDF, error) {
	c := compressing{deflater: d}
	if err := p.pdf.Output(&c); err != nil {
		return PDF{}, fmt.Errorf("write PDF of %s: %w", p.doc.GUID, err)
	}
	return PDF{Bytes: c.pdf, Pages: p.page}, nil
}
