package render

import (
	"fmt"
	"strconv"
	"unicode/utf8"

	"codeberg.org/go-pdf/fpdf"

	"peyk/internal/provider/engine/render/inter"
)

// color is 0xRRGGBB.
type color uint32

// The colours of the page (white paper): ink and its two lighter steps, and
// the hairline.
const (
	ink     color = 0x17181b
	ink2    color = 0x4a4d54
	ink3    color = 0x62656d
	faint   color = 0xd6d6d2
	paper   color = 0xffffff
	accent  color = 0x1e45a3
	second  color = 0x7b90c4
	unknown color = 1 << 24
)

// rgb as the PDF writer wants it.
func (c color) rgb() (r, g, b int) { return int(c >> 16 & 0xff), int(c >> 8 & 0xff), int(c & 0xff) }

// style of a text. Tracking is added after each letter, in parts of the size.
type style struct {
	face     *inter.Face
	size     float64 // points
	color    color
	tracking float64
}

// width of s, which is clean, in points.
func (s style) width(text string) float64 {
	w := float64(s.face.Width(text)) / 1000
	if s.tracking != 0 {
		w += s.tracking * float64(utf8.RuneCountInString(text))
	}
	return w * s.size
}

// canvas draws on the pages of a PDF. Lengths are points, from the top left.
type canvas struct {
	pdf   *fpdf.Fpdf
	added map[*inter.Set]bool
	page  int
	set   *inter.Set
	size  float64
	color color

	stroke color // of lines, and how thick
	thick  float64

	codes, out []byte // used again by every text
}

// text at x with its baseline at y. It is clean.
func (c *canvas) text(x, y float64, s style, text string) {
	c.paint(s.color)
	if s.tracking != 0 {
		c.pdf.RawWriteStr(fmt.Sprintf("%.3f Tc", s.tracking*s.size))
		defer c.pdf.RawWriteStr("0 Tc")
	}
	for text != "" {
		var set *inter.Set
		var width int
		c.codes, set, width, text = s.face.Run(c.codes[:0], text)
		c.use(set, s.size)
		c.show(x, y)
		x += (float64(width)/1000 + s.tracking*float64(len(c.codes))) * s.size
	}
}

// show writes c.codes as the PDF writer's Text does, without the seven strings
// it makes for each: most of a document is this.
func (c *canvas) show(x, y float64) {
	_, height := c.pdf.GetPageSize()
	out := append(c.out[:0], "BT "...)
	out = strconv.AppendFloat(out, x, 'f', 2, 64)
	out = append(out, ' ')
	out = strconv.AppendFloat(out, height-y, 'f', 2, 64)
	out = append(out, " Td ("...)
	for _, code := range c.codes {
		if code == '\\' || code == '(' || code == ')' {
			out = append(out, '\\')
		}
		out = append(out, code)
	}
	c.out = append(out, ") Tj ET"...)
	c.pdf.RawWriteStr(string(c.out))
}

// textRight ends at x.
func (c *canvas) textRight(x, y float64, s style, text string) {
	c.text(x-s.width(text), y, s, text)
}

// use selects the font; each is added to the document when it is first needed.
func (c *canvas) use(set *inter.Set, size float64) {
	if !c.added[set] {
		c.pdf.AddFontFromBytes(set.Family, "", set.Definition, set.Compressed)
		c.added[set] = true
	}
	if c.set != set || c.size != size {
		c.pdf.SetFont(set.Family, "", size)
		c.set, c.size = set, size
	}
}

// paint sets the colour of texts. The writer sets it anew for every text
// unless the colour for filling is the same.
func (c *canvas) paint(to color) {
	if c.color != to {
		c.pdf.SetFillColor(to.rgb())
		c.pdf.SetTextColor(to.rgb())
		c.color = to
	}
}

// pen sets the width and the colour of lines, where they are others than now: a
// table has the same line under each row.
func (c *canvas) pen(width float64, in color) {
	if c.stroke != in || c.thick != width {
		c.pdf.SetDrawColor(in.rgb())
		c.pdf.SetLineWidth(width)
		c.stroke, c.thick = in, width
	}
}

// rule is a horizontal line.
func (c *canvas) rule(x1, x2, y, width float64, in color) {
	c.pen(width, in)
	c.pdf.Line(x1, y, x2, y)
}

// box is a filled rectangle; round are the corners (1 top left, then clockwise)
// that are a little rounded.
func (c *canvas) box(x, y, w, h float64, in color, round string) {
	c.paint(in)
	if r := min(1.2, w/2, h/2); r > 0.1 && round != "" {
		c.pdf.RoundedRect(x, y, w, h, r, round, "F")
		return
	}
	c.pdf.Rect(x, y, w, h, "F")
}

// upright is a vertical line.
func (c *canvas) upright(x, y1, y2, width float64, in color) {
	c.pen(width, in)
	c.pdf.Line(x, y1, x, y2)
}

// turn to page n, from 1. Nothing is known of the state it was left in.
func (c *canvas) turn(n int) {
	c.pdf.SetPage(n)
	c.forget()
}

// forget what font, colours and line are set, so that the next text and the
// next line set their own.
func (c *canvas) forget() {
	c.set, c.color, c.stroke = nil, unknown, unknown
}
