package render

import (
	"math"
	"slices"
)

// ChartKind says how a chart is drawn.
type ChartKind int

// The kinds of charts.
const (
	Bars    ChartKind = iota // lying, one for each label
	Stacked                  // lying, parts for the series
	Line                     // one for each series, labels from left to right
)

// Chart is drawn as vectors. Its axis begins at zero and every label has its
// mark.
type Chart struct {
	Kind                   ChartKind
	Title, Subtitle, Aside string // Aside: over the shares
	Labels                 []string
	Series                 []Series
	Shares                 []string                           // beside bars, one for each label; may be none
	Tick                   func(v float64, digits int) string // writes a number of the axis
	Value                  func(v float64) string             // writes a value
}

// Series are the values of the labels; NaN where there is none.
type Series struct {
	Name   string
	Values []float64
}

func (c Chart) clean() Chart {
	cleanAll(&c.Title, &c.Subtitle, &c.Aside)
	c.Labels, c.Shares, c.Series = slices.Clone(c.Labels), slices.Clone(c.Shares), slices.Clone(c.Series)
	for i := range c.Labels {
		cleanAll(&c.Labels[i])
	}
	for i := range c.Shares {
		cleanAll(&c.Shares[i])
	}
	for i := range c.Series {
		cleanAll(&c.Series[i].Name)
	}
	return c
}

// chart sets one chart; without labels, nothing.
func (p *press) chart(c Chart) {
	if len(c.Labels) == 0 || len(c.Series) == 0 {
		return
	}
	switch c.Kind {
	case Line:
		p.line(c)
	default:
		p.bars(c)
	}
	p.y += 42
}

// chartHead is the finding and what is drawn.
func (p *press) chartHead(c Chart) {
	for _, line := range p.findingLines(c) {
		p.text(p.left, p.y, p.heading, line)
		p.y += 17
	}
	p.y -= 17 - 13.5
	aside := p.small.width(c.Aside)
	p.text(p.left, p.y, p.small, p.small.fit(c.Subtitle, p.right-p.left-aside-12))
	p.textRight(p.right, p.y, p.small, c.Aside)
	p.y += 17
}

// headHeight is what chartHead takes.
func (p *press) headHeight(c Chart) float64 {
	return 17*float64(len(p.findingLines(c))) + 14
}

// findingLines are those of the title: it is filled from rows, and may be long.
func (p *press) findingLines(c Chart) []string {
	const most = 4
	return p.heading.shorten(c.Title, (p.right-p.left)*0.86, most)
}

// scale is an axis with round numbers that holds zero and all values.
type scale struct {
	from, to, step float64
	digits         int // after the decimal sign that its numbers need
}

// scaleOf an axis of about so many steps.
func scaleOf(least, most float64, steps int) scale {
	least, most = math.Min(0, least), math.Max(0, most)
	if least == most {
		most = 1
	}
	raw := (most - least) / float64(steps)
	power := math.Pow(10, math.Floor(math.Log10(raw)))
	step := 10 * power
	for _, round := range []float64{1, 2, 3, 5} {
		if raw <= round*power*(1+1e-9) {
			step = round * power
			break
		}
	}
	s := scale{step: step, digits: max(0, int(-math.Floor(math.Log10(step)+1e-9)))}
	s.from, s.to = math.Floor(least/step+1e-9)*step, math.Ceil(most/step-1e-9)*step
	return s
}

// ticks are the numbers of the axis. Zero is exactly zero.
func (s scale) ticks() []float64 {
	var all []float64
	for i := math.Round(s.from / s.step); i <= math.Round(s.to/s.step); i++ {
		all = append(all, i*s.step)
	}
	return all
}

// at is the place of v between a and b.
func (s scale) at(v, a, b float64) float64 { return a + (v-s.from)/(s.to-s.from)*(b-a) }

// shades of the series: the first in the accent, the last for the rest.
func shades() []color {
	return []color{accent, second, 0x4a4d54, 0xb8c3e0, 0x9a9ca3, 0xd6d6d2}
}

// shade of series i.
func shade(i int) color {
	all := shades()
	return all[min(i, len(all)-1)]
}

// caption of a legend, where it stands: on which line, from 0, and how far right.
type caption struct {
	name string
	line int
	x    float64
}

// captions of a legend, side by side, on as many lines as it takes.
func (p *press) captions(series []Series) []caption {
	const mark, after = 11, 14
	all, x, line := make([]caption, len(series)), p.left, 0
	for i, s := range series {
		name := p.small.fit(s.Name, (p.right-p.left)/2)
		w := mark + p.small.width(name) + after
		if x+w > p.right+after && x > p.left {
			x, line = p.left, line+1
		}
		all[i] = caption{name, line, x}
		x += w
	}
	return all
}

const legendLeading = 13

// legend names the series.
func (p *press) legend(series []Series) {
	all := p.captions(series)
	for i, e := range all {
		y := p.y + float64(e.line)*legendLeading
		p.box(e.x, y-6.5, 7, 7, shade(i), "1234")
		p.text(e.x+11, y, p.small, e.name)
	}
	p.y += float64(all[len(all)-1].line)*legendLeading + 14
}

// legendLines is how many legend takes.
func (p *press) legendLines(series []Series) int {
	all := p.captions(series)
	return all[len(all)-1].line + 1
}
