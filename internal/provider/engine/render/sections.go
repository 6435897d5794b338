package render

// opening is the first page down to what the report says.
func (p *press) opening() {
	p.turnPage(p.doc.Language.Words.Internal)
	width := p.right - p.left
	p.y = headRule + 66
	for _, line := range p.title.wrap(p.doc.Title, width*0.86) {
		p.need(0)
		p.text(p.left, p.y, p.title, line)
		p.y += 31.5
	}
	p.y -= 1
	if p.doc.Sentence != "" {
		p.paragraph(p.lead, p.doc.Sentence, 18)
		p.y += 6
	}
	p.facts()
	p.rule(p.left, p.right, p.y, 0.75, faint)
	p.y += 30
}

// paragraph is running text in the wide left part of the page.
func (p *press) paragraph(s style, text string, leading float64) {
	for _, line := range s.wrap(text, (p.right-p.left)*0.86) {
		p.need(0)
		p.text(p.left, p.y, s, line)
		p.y += leading
	}
}

const (
	factColumns = 4
	factLines   = 3 // a longer value is shortened
	factLeading = 13
)

// facts are the small figures, side by side.
func (p *press) facts() {
	if len(p.doc.Facts) == 0 {
		return
	}
	width := (p.right - p.left) / factColumns
	p.y += 12
	p.need(4 * factLeading)
	deepest := p.y
	for i, f := range p.doc.Facts[:min(len(p.doc.Facts), factColumns)] {
		x, y := p.left+float64(i)*width, p.y
		p.text(x, y, p.label, p.label.fit(f.Label, width-12))
		y += 1
		for _, line := range p.value.shorten(f.Value, width-12, factLines) {
			y += factLeading
			p.text(x, y, p.value, line)
		}
		if f.Note != "" {
			y += factLeading
			p.text(x, y, p.note, p.note.fit(f.Note, width-12))
		}
		deepest = max(deepest, y)
	}
	p.y = deepest + 24
}

// figures are the large ones, side by side; the first, which is the answer, in
// the accent.
func (p *press) figures() {
	if len(p.doc.Figures) == 0 {
		return
	}
	width := (p.right - p.left) / factColumns
	p.need(60)
	p.y -= 7
	for i, f := range p.doc.Figures[:min(len(p.doc.Figures), factColumns)] {
		x, number, unit := p.left+float64(i)*width, p.figure, p.unit
		if i == 0 {
			number.color, unit.color = accent, accent
		}
		p.text(x, p.y, p.label, p.label.fit(f.Label, width-12))
		room := width - 20
		if f.Unit != "" {
			room -= unit.width(f.Unit) + 4
		}
		for number.size > 12 && number.width(f.Number) > room { // a long number is set smaller, never cut
			number.size--
		}
		text := number.fit(f.Number, max(room, 40))
		p.text(x, p.y+29.5, number, text)
		if f.Unit != "" {
			p.text(x+number.width(text)+4, p.y+29.5, unit, unit.fit(f.Unit, width-16-number.width(text)))
		}
		p.text(x, p.y+45, p.label, p.label.fit(f.Note, width-12))
	}
	p.y += 45 + 42
}

// closing is where the figures come from, and what to name when asking.
func (p *press) closing() {
	heading := p.doc.Sources.Title
	p.doc.Sources.Title = ""
	sources := p.layTable(p.doc.Sources, []way{{p.landscape, tableSize, 12}, {p.landscape, 6.5, 6}})
	p.y += 34
	p.need(112)
	p.text(p.left, p.y, p.heading, heading)
	p.y += 14
	p.text(p.left, p.y, p.label, p.label.fit(p.doc.SourcesNote, p.right-p.left))
	p.y += 8
	p.table(sources)
	p.y += 26
	p.need(16*float64(len(p.doc.Closing)) + 16)
	p.rule(p.left, p.right, p.y, 0.75, ink)
	for _, f := range p.doc.Closing {
		p.y += 16
		p.text(p.left, p.y, p.label, p.label.fit(f.Label, 90))
		p.text(p.left+96, p.y, p.cell, p.cell.fit(f.Value, p.right-p.left-96))
	}
}
