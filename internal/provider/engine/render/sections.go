package render

// opening is the first page down to the line above the table.
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

// closing is where the figures come from, and what to name when asking.
func (p *press) closing() {
	heading := p.doc.Sources.Title
	p.doc.Sources.Title = ""
	sources := p.layTable(p.doc.Sources, fits{{p.width == long, tableSize, 12}, {p.width == long, 6.5, 6}})
	p.y += 34
	p.need(112)
	p.text(p.left, p.y, p.heading, heading)
	p.y += 14
	p.text(p.left, p.y, p.label, p.doc.SourcesNote)
	p.y += 8
	p.table(sources)
	p.y += 26
	p.need(64)
	p.rule(p.left, p.right, p.y, 0.75, ink)
	words := p.doc.Language.Words
	for _, row := range [][2]string{
		{words.ReportNumber, p.doc.GUID},
		{words.ReportType, p.doc.Type},
		{words.Prepared, p.doc.Language.DateTime(p.doc.RequestedAt)},
	} {
		p.y += 16
		p.text(p.left, p.y, p.label, row[0])
		p.text(p.left+96, p.y, p.cell, p.cell.fit(row[1], p.right-p.left-96))
	}
}
