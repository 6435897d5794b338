package render

import "math"

const (
	barPitch    = 19.3 // from bar to bar, where there is room
	easyPitch   = 14.0 // below it a chart rather begins a page
	leastPitch  = 11.5
	barLabel    = 0.3 // most of the width a label takes
	mostBars    = 45  // on one page
	axisSpace   = 22.0
	valueGap    = 4.0
	sharesSpace = 46.0
)

// bars sets lying bars, whole or stacked of parts. More than a page holds are
// set as several charts, each with its axis on the same scale.
func (p *press) bars(c Chart) {
	least, most := c.extent()
	axis := scaleOf(least, most, 6)
	for from := 0; from < len(c.Labels); from += mostBars {
		to := min(len(c.Labels), from+mostBars)
		p.barBlock(c, axis, from, to)
		if to < len(c.Labels) {
			p.turnPage(p.doc.Title)
			p.y += 8
		}
	}
}

// extent of the bars: for stacked ones, of the sums of their parts on each side
// of zero.
func (c Chart) extent() (least, most float64) {
	for i := range c.Labels {
		low, high := 0.0, 0.0
		for _, s := range c.Series {
			if v := s.Values[i]; v > 0 {
				high += v
			} else if v < 0 {
				low += v
			}
		}
		least, most = math.Min(least, low), math.Max(most, high)
	}
	return least, most
}

// plot is the ground bars stand on.
type plot struct {
	axis          scale
	labels        float64 // their right edge
	x1, x2, right float64 // of the axis, and of everything
	top, pitch    float64
}

func (p *press) barBlock(c Chart, axis scale, from, to int) {
	n := float64(to - from)
	head := p.headHeight(c) + axisSpace
	if len(c.Series) > 1 {
		head += 14 * float64(p.legendLines(c.Series))
	}
	if pitch := (p.floor() - p.y - head) / n; pitch < leastPitch || p.y > bodyTop+8 && pitch < easyPitch {
		p.turnPage(p.doc.Title)
		p.y += 8
	}
	pitch := math.Min(barPitch, (p.floor()-p.y-head)/n)
	p.chartHead(c)
	if len(c.Series) > 1 {
		p.legend(c.Series)
	}
	g := p.ground(c, axis, from, to, pitch)
	p.grid(c, g, n)
	for i := from; i < to; i++ {
		p.bar(c, g, i, g.top+float64(i-from)*pitch)
	}
	p.upright(axis.at(0, g.x1, g.x2), g.top, g.top+n*pitch, 0.75, ink)
	p.y = g.top + n*pitch + axisSpace - 4
}

// ground leaves room for the labels on the left, the values beside the longest
// bars and the shares on the right.
func (p *press) ground(c Chart, axis scale, from, to int, pitch float64) plot {
	label, value := 0.0, 0.0
	for i := from; i < to; i++ {
		label = max(label, p.tick.width(c.Labels[i]))
		value = max(value, p.mark.width(c.Value(c.sum(i))))
	}
	g := plot{axis: axis, right: p.right, top: p.y, pitch: pitch}
	if len(c.Shares) > 0 {
		g.right -= sharesSpace
	}
	g.labels = p.left + max(74, min(label+4, (p.right-p.left)*barLabel))
	g.x1, g.x2 = g.labels+10, g.right-24
	least, most := c.extent()
	if least < 0 { // values stand left of negative bars
		g.x1 += value + valueGap
	}
	if long := (most - axis.from) / (axis.to - axis.from); long > 0 {
		g.x2 = min(g.x2, g.x1+(g.right-valueGap-value-g.x1)/long)
	}
	return g
}

// sum of the parts of bar i.
func (c Chart) sum(i int) float64 {
	sum := 0.0
	for _, s := range c.Series {
		if !math.IsNaN(s.Values[i]) {
			sum += s.Values[i]
		}
	}
	return sum
}

// grid draws the lines and numbers of the axis; numbers that would touch the
// one before are left out.
func (p *press) grid(c Chart, g plot, n float64) {
	bottom, free := g.top+n*g.pitch, math.Inf(-1)
	for _, v := range g.axis.ticks() {
		x := g.axis.at(v, g.x1, g.x2)
		if v != 0 {
			p.upright(x, g.top-4, bottom+2, 0.5, faint)
		}
		text := c.Tick(v, g.axis.digits)
		if w := p.axisText.width(text); x-w/2 > free && x-w/2 >= p.left && x+w/2 <= p.right {
			p.text(x-w/2, bottom+12, p.axisText, text)
			free = x + w/2 + 4
		}
	}
}

// bar i with its label, value and share, in the middle of its row.
func (p *press) bar(c Chart, g plot, i int, top float64) {
	thick := math.Min(11, g.pitch*0.62)
	base := top + g.pitch/2 + 2.9
	p.text(p.left, base, p.tick, p.tick.fit(c.Labels[i], g.labels-p.left))
	zero := g.axis.at(0, g.x1, g.x2)
	left, right := zero, zero
	for s, series := range c.Series {
		v := series.Values[i]
		if math.IsNaN(v) || v == 0 {
			continue
		}
		w := math.Abs(v) / (g.axis.to - g.axis.from) * (g.x2 - g.x1)
		fill, round := shade(s), ""
		if len(c.Series) == 1 {
			if fill = second; c.greatest(i) {
				fill = accent
			}
			round = "23"
		}
		if v > 0 {
			p.box(right, top+(g.pitch-thick)/2, w, thick, fill, round)
			right += w
		} else {
			p.box(left-w, top+(g.pitch-thick)/2, w, thick, fill, "")
			left -= w
		}
	}
	p.barValue(left, right, zero, base, c.Value(c.sum(i)))
	if len(c.Shares) > 0 {
		p.textRight(p.right, base, p.tick3, c.Shares[i])
	}
}

// barValue stands at the end of a bar, on ground cleared of the grid.
func (p *press) barValue(left, right, zero, base float64, text string) {
	w := p.mark.width(text)
	x := right + valueGap
	if left < zero && right == zero {
		x = left - valueGap - w
	}
	p.box(x-1.5, base-7, w+3, 9, paper, "")
	p.text(x, base, p.mark, text)
}

// greatest reports whether no bar is longer than i.
func (c Chart) greatest(i int) bool {
	for j := range c.Labels {
		if c.sum(j) > c.sum(i) {
			return false
		}
	}
	return c.sum(i) > 0
}
