package render

import "fmt"

// table sets a table, in one part or several, from here on, over as many pages
// as it takes.
func (p *press) table(parts []*laid) {
	for i, t := range parts {
		if t.way.landscape != p.landscape || i > 0 {
			p.landscape = t.way.landscape
			p.turnPage(p.doc.Title)
			p.y += 8
		}
		p.tableTitle(t)
		p.tableHead(t)
		p.tableRows(t)
	}
	if note := parts[0].def.Note; note != "" {
		p.y += 20
		p.paragraph(p.small, note, 12)
		p.y -= 12
	}
}

func (p *press) tableTitle(t *laid) {
	title := t.def.Title
	if t.of > 0 {
		title = fmt.Sprintf("%s (%d / %d)", title, t.part, t.of)
	}
	p.need(96)
	if title == "" && t.def.Subtitle == "" {
		return
	}
	p.paragraph(p.heading, title, 17)
	p.y -= 3
	if t.def.Subtitle != "" {
		p.paragraph(p.small, t.def.Subtitle, 12)
	}
	p.y -= 4
}

func (p *press) tableRows(t *laid) {
	number := 0
	for i, row := range t.def.Rows {
		style, label := t.cell, ""
		switch row.Weight {
		case Plain:
			number++
			label = fmt.Sprint(number)
		case Strong:
			style = t.bold
			p.rule(p.left, p.right, p.y, 0.75, ink)
		case Light:
			style.color = ink3
		}
		p.tableRow(t, style, label, row)
		last := i+1 == len(t.def.Rows)
		switch {
		case row.Weight == Plain && (last || t.def.Rows[i+1].Weight == Plain):
			p.rule(p.left, p.right, p.y, 0.5, faint)
		case row.Weight == Strong && (last || t.def.Rows[i+1].Weight != Strong):
			p.rule(p.left, p.right, p.y, 0.75, ink)
		}
	}
}

// tableHead sets the titles of the columns, standing on their line.
func (p *press) tableHead(t *laid) {
	titles, deepest := make([][]string, len(t.columns)), 1
	for i, c := range t.columns {
		titles[i] = t.head.shorten(t.def.Columns[c].Title, t.widths[i], headLines)
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
func (p *press) tableRow(t *laid, s style, number string, row Row) {
	lines, deepest := make([][]string, len(t.columns)), 1
	for i, c := range t.columns {
		lines[i] = t.styleOf(c, s).wrap(row.Cells[c], t.widths[i])
		deepest = max(deepest, len(lines[i]))
	}
	line, pad := s.size*leading, t.pad
	if p.y+line*float64(deepest)+2*pad > p.floor() {
		p.goOn(t)
	}
	for from := 0; from < deepest; {
		fits := max(1, int((p.floor()-p.y-2*pad)/line))
		upTo := min(deepest, from+fits)
		base := p.y + pad + line*0.76
		if from == 0 && number != "" {
			p.text(p.left, base, style{s.face, s.size, ink3, 0}, number)
		}
		for i, c := range t.columns {
			p.cellLines(t, t.styleOf(c, s), i, lines[i][min(from, len(lines[i])):min(upTo, len(lines[i]))], base, line)
		}
		p.y += line*float64(upTo-from) + 2*pad
		if from = upTo; from < deepest {
			p.goOn(t)
		}
	}
}

// styleOf the cells of column c in a row of style s.
func (l *laid) styleOf(c int, s style) style {
	if l.def.Columns[c].Strong && s.color == ink {
		s.face = l.bold.face
	}
	return s
}

// goOn repeats the head on a new page.
func (p *press) goOn(t *laid) {
	p.turnPage(p.doc.Title)
	p.y -= 12
	p.tableHead(t)
}

// cellLines sets the lines of one cell, the first with its baseline at base.
func (p *press) cellLines(t *laid, s style, at int, lines []string, base, leading float64) {
	x := p.left + t.gutter
	for _, w := range t.widths[:at] {
		x += w + t.way.gap
	}
	for i, line := range lines {
		y := base + float64(i)*leading
		if t.def.Columns[t.columns[at]].Figure {
			p.textRight(x+t.widths[at], y, s, line)
		} else {
			p.text(x, y, s, line)
		}
	}
}
