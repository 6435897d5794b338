package render

import (
	"bytes"
	"fmt"

	"codeberg.org/go-pdf/fpdf"

	"peyk/internal/provider/engine/render/inter"
)

// Renderer sets documents. It is safe for concurrent use; each document costs
// its own memory only.
type Renderer struct{ family *inter.Family }

// New loads the fonts.
func New() (*Renderer, error) {
	family, err := inter.Load()
	if err != nil {
		return nil, err
	}
	return &Renderer{family}, nil
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
	fitted := styles.layTable(d.Table, uprightFirst())
	p := newPress(d, styles, fitted.landscape)
	p.opening()
	if len(d.Table.Rows) == 0 {
		p.paragraph(styles.lead, d.Empty, 18)
	} else {
		p.table(fitted)
	}
	p.closing()
	p.feet()
	return p.bytes()
}

// styles are the kinds of text in a document.
type styles struct {
	title, lead, heading, label, value, note, head, cell, strong, small, company style
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
		small:   style{regular, 7.5, ink3, 0},
		company: style{semibold, 8.5, ink, 0},
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
	width, height float64
	left, right   float64
	y             float64 // the next thing begins here
}

func newPress(d Document, s styles, landscape bool) *press {
	orientation, width, height := "P", short, long
	if landscape {
		orientation, width, height = "L", long, short
	}
	pdf := fpdf.New(orientation, "pt", "A4", "")
	pdf.SetMargins(0, 0, 0)
	pdf.SetAutoPageBreak(false, 0)
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
		styles: s, doc: d, width: width, height: height, left: margin, right: width - margin,
	}
}

// turnPage begins a page with its running head.
func (p *press) turnPage(headline string) {
	p.pdf.AddPage()
	p.page++
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

// feet writes the foot of every page, now that their number is known.
func (p *press) feet() {
	for n := 1; n <= p.page; n++ {
		p.turn(n)
		p.rule(p.left, p.right, p.height-footRule, 0.5, faint)
		p.text(p.left, p.height-footText, p.small, p.small.fit(p.doc.GUID, (p.right-p.left)*0.7))
		p.textRight(p.right, p.height-footText, p.small, fmt.Sprintf(p.doc.Language.Words.PageOf, n, p.page))
	}
}

func (p *press) bytes() (PDF, error) {
	var b bytes.Buffer
	if err := p.pdf.Output(&b); err != nil {
		return PDF{}, fmt.Errorf("write PDF of %s: %w", p.doc.GUID, err)
	}
	return PDF{Bytes: b.Bytes(), Pages: p.page}, nil
}
