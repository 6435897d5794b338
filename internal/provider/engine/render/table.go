package render

import "fmt"

// table sets t from here on, over as many pages as it takes.
func (p *press) table(t *laid) {
	if t.def.Title != "" {
		p.need(90)
		p.paragraph(p.heading, t.def.Title, 17)
		p.y -= 7
	}
	p.tableHead(t)
	for i, row := range t.def.Rows {
		p.tableRow(t, t.cell, fmt.Sprint(i+1), row)
		p.rule(p.left, p.right, p.y, 0.5, faint)
	}
	for i, row := range t.def.Totals {
		if i == 0 {
			p.rule(p.left, p.right, p.y, 0.75, ink)
		}
		p.tableRow(t, t.bold, "", row)
		p.rule(p.left, p.right, p.y, 0.75, ink)
	}
}

// tableHead sets the titles of the columns, standing on their line.
func (p *press) tableHead(t *laid) {
	titles, deepest := make([][]string, len(t.def.Columns)), 1
	for i, c := range t.def.Columns {
		titles[i] = t.head.shorten(c.Title, t.widths[i], headLines)
		deepest = max(deepest, len(titles[i]))
	}
	line := t.head.size * 1.3
	for i, lines := range titles {
		top := p.y + line*float64(deepest-len(lines))
		p.cellLines(t, t.head, i, lines, top+line, line)
	}
	p.y += line*float64(deepest) + 6
	p.rule(p.left, p.right, p.y, 0.75, ink)
}

// tableRow sets a row, on the next page if this one has no room for it. A row
// longer than a page is cut between its lines.
func (p *press) tableRow(t *laid, s style, number string, cells []string) {
	lines, deepest := make([][]string, len(cells)), 1
	for i, cell := range cells {
		lines[i] = s.wrap(cell, t.widths[i])
		deepest = max(deepest, len(lines[i]))
	}
	line, pad := s.size*leading, s.size*padding
	if p.y+line*float64(deepest)+2*pad > p.floor() {
		p.goOn(t)
	}
	for from := 0; from < deepest; {
		fits := max(1, int((p.floor()-p.y-2*pad)/line))
		upTo := min(deepest, from+fits)
		base := p.y + pad + line*0.76
		if from == 0 {
			p.text(p.left, base, style{s.face, s.size, ink3, 0}, number)
		}
		for i := range lines {
			p.cellLines(t, s, i, lines[i][min(from, len(lines[i])):min(upTo, len(lines[i]))], base, line)
		}
		p.y += line*float64(upTo-from) + 2*pad
		if from = upTo; from < deepest {
			p.goOn(t)
		}
	}
}

// goOn repeats the head on a new page.
func (p *press) goOn(t *laid) {
	p.turnPage(p.doc.Title)
	p.y -= 12
	p.tableHead(t)
}

// cellLines sets the lines of one cell, the first with its baseline at base.
func (p *press) cellLines(t *laid, s style, column int, lines []string, base, leading float64) {
	x := p.left + t.gutter
	for _, w := range t.widths[:column] {
		x += w + t.gap
	}
	for i, line := range lines {
		y := base + float64(i)*leading
		if t.def.Columns[column].Figure {
			p.textRight(x+t.widths[column], y, s, line)
		} else {
			p.text(x, y, s, line)
		}
	}
}
