package render

import (
	"math"
	"slices"
)

const (
	lineHeight = 170.0
	nameSpace  = 0.28 // most of the width the names at the ends take
	nameLine   = 10.0
)

// field is where lines are drawn.
type field struct {
	axis           scale
	x1, x2, y1, y2 float64 // y1 is the upper edge
	labels         int
}

func (f field) x(i int) float64 {
	if f.labels == 1 {
		return (f.x1 + f.x2) / 2
	}
	return f.x1 + float64(i)/float64(f.labels-1)*(f.x2-f.x1)
}

func (f field) y(v float64) float64 { return f.axis.at(v, f.y2, f.y1) }

// line sets one line for each series, its name and last value at its end.
func (p *press) line(c Chart) {
	need := p.headHeight(c) + lineHeight + axisSpace
	p.need(need)
	p.chartHead(c)
	least, most := 0.0, 0.0
	for _, s := range c.Series {
		for _, v := range s.Values {
			if !math.IsNaN(v) {
				least, most = math.Min(least, v), math.Max(most, v)
			}
		}
	}
	f := field{axis: scaleOf(least, most, 5), y1: p.y, y2: p.y + lineHeight, labels: len(c.Labels)}
	ends := p.ends(c)
	number, name := 0.0, 0.0
	for _, v := range f.axis.ticks() {
		number = max(number, p.axisText.width(c.Tick(v, f.axis.digits)))
	}
	for _, e := range ends {
		name = max(name, p.mark.width(e.text))
	}
	f.x1, f.x2 = p.left+number+8, p.right-name-10
	for _, v := range f.axis.ticks() {
		p.rule(f.x1, f.x2, f.y(v), 0.5, faint)
		p.textRight(f.x1-6, f.y(v)+2.6, p.axisText, c.Tick(v, f.axis.digits))
	}
	p.rule(f.x1, f.x2, f.y(0), 0.75, ink)
	p.lineLabels(c, f)
	for i := len(c.Series) - 1; i >= 0; i-- { // the first on top
		p.curve(c.Series[i], f, shade(i))
	}
	p.names(ends, f)
	p.y = f.y2 + axisSpace - 4
}

// curve joins the values that follow each other; one without neighbours is a
// dot.
func (p *press) curve(s Series, f field, in color) {
	p.pen(1.4, in)
	p.pdf.SetLineJoinStyle("round")
	for i := 0; i < len(s.Values); i++ {
		if math.IsNaN(s.Values[i]) {
			continue
		}
		from := i
		p.pdf.MoveTo(f.x(i), f.y(s.Values[i]))
		for i+1 < len(s.Values) && !math.IsNaN(s.Values[i+1]) {
			i++
			p.pdf.LineTo(f.x(i), f.y(s.Values[i]))
		}
		if i > from {
			p.pdf.DrawPath("D")
		}
		if i == from || i+1 == len(s.Values) {
			p.paint(in)
			p.pdf.Circle(f.x(i), f.y(s.Values[i]), 2, "F")
		}
	}
}

// lineLabels under the axis, as many as do not touch: the first, and from there
// each n-th.
func (p *press) lineLabels(c Chart, f field) {
	widest := 0.0
	for _, l := range c.Labels {
		widest = max(widest, p.axisText.width(l))
	}
	widest = min(widest, (f.x2-f.x1)/2)
	every := 1
	if f.labels > 1 {
		every = max(1, int(math.Ceil((widest+8)/((f.x2-f.x1)/float64(f.labels-1)))))
	}
	free := math.Inf(1)
	for i := (f.labels - 1) / every * every; i >= 0; i -= every {
		text := p.axisText.fit(c.Labels[i], widest)
		w := p.axisText.width(text)
		x := min(max(f.x(i)-w/2, p.left), p.right-w)
		if x+w+4 > free {
			continue
		}
		p.text(x, f.y2+12, p.axisText, text)
		free = x
	}
}

// end of a line: where its name would stand best.
type end struct {
	text  string
	value float64
	y     float64
	shade color
}

func (p *press) ends(c Chart) []end {
	var all []end
	for i, s := range c.Series {
		last := len(s.Values) - 1
		for last >= 0 && math.IsNaN(s.Values[last]) {
			last--
		}
		if last < 0 {
			continue
		}
		text := c.Value(s.Values[last])
		if s.Name != "" {
			text = p.mark.fit(s.Name, (p.right-p.left)*nameSpace-p.mark.width(text)) + " " + text
		}
		all = append(all, end{text: text, value: s.Values[last], shade: shade(i)})
	}
	return all
}

// names pushes those apart that would touch.
func (p *press) names(ends []end, f field) {
	for i := range ends {
		ends[i].y = f.y(ends[i].value) + 2.8
	}
	slices.SortStableFunc(ends, func(a, b end) int {
		if a.y < b.y {
			return -1
		}
		return 1
	})
	for i := 1; i < len(ends); i++ {
		ends[i].y = max(ends[i].y, ends[i-1].y+nameLine)
	}
	if n := len(ends); n > 0 && ends[n-1].y > f.y2+3 {
		ends[n-1].y = f.y2 + 3
		for i := n - 2; i >= 0; i-- {
			ends[i].y = min(ends[i].y, ends[i+1].y-nameLine)
		}
	}
	for _, e := range ends {
		s := p.mark
		s.color = e.shade
		p.text(f.x2+8, e.y, s, e.text)
	}
}
