package compose

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"peyk/internal/provider/engine/definition"
	"peyk/internal/provider/engine/gather"
	"peyk/internal/provider/engine/lang"
	"peyk/internal/provider/engine/render"
	"peyk/internal/provider/engine/tabulate"
	"peyk/internal/report"
)

const (
	mostSeries = 6     // a chart can tell apart; beyond them the smallest are one
	mostLabels = 2_000 // of one chart
	mostNames  = 500   // of series, before the smallest are one
	mostDrawn  = 1e100 // values beyond it no axis can hold
)

func (o Order) charts(rows, findings []gather.Table) ([]render.Chart, error) {
	var all []render.Chart
	for i, c := range o.Report.Charts {
		chart, err := o.chart(c, rows[i], findings[i])
		if err != nil {
			return nil, err
		}
		if len(chart.Labels) > 0 {
			all = append(all, chart)
		}
	}
	return all, nil
}

func (o Order) chart(c definition.Chart, rows, finding gather.Table) (render.Chart, error) {
	l := o.Language()
	of := fmt.Sprintf("chart %q", c.Title.In(o.Locale))
	title, err := fill(c.Title.In(o.Locale), finding, l, of)
	if err != nil {
		return render.Chart{}, err
	}
	s, err := seriesOf(c, rows, of)
	if err != nil {
		return render.Chart{}, err
	}
	s.limit(l)
	sum, shares := s.sum(), s.shares(c.Shares)
	w := writerOf(c.Look, s.series, l)
	chart := render.Chart{
		Kind: kindOf(c.Type), Title: title, Subtitle: join(c.Subtitle.In(o.Locale), w.unit),
		Series: s.series, Tick: w.tick, Value: w.value,
	}
	chart.Labels = axisLabels(s.labels, l)
	if c.Shares && sum != 0 {
		chart.Aside = l.Words.ShareOfAll
		for _, v := range shares {
			chart.Shares = append(chart.Shares, l.Percent(v, 1))
		}
	}
	return chart, nil
}

func kindOf(t definition.ChartType) render.ChartKind {
	switch t {
	case definition.Stacked:
		return render.Stacked
	case definition.Line:
		return render.Line
	}
	return render.Bars
}

func join(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + ", " + b
}

// plotted are the values of a chart, by series and label.
type plotted struct {
	labels []string
	series []render.Series
}

// seriesOf reads the rows of a chart: labels as they come first, values of the
// same label and series added up.
func seriesOf(c definition.Chart, rows gather.Table, of string) (plotted, error) {
	var at [3]int
	for i, name := range []string{c.Label, c.Value, cmp.Or(c.Series, c.Label)} {
		var err error
		if at[i], err = place(rows.Columns, name, of); err != nil {
			return plotted{}, err
		}
	}
	var p plotted
	labels, series := map[string]int{}, map[string]int{}
	for _, row := range rows.Rows {
		name := ""
		if c.Series != "" {
			name = tabulate.Label(row[at[2]])
		}
		v, err := tabulate.Cell(c.Format, row[at[1]])
		if err != nil {
			return plotted{}, unfit(of, fmt.Errorf("value of %s: %w", tabulate.Label(row[at[0]]), err))
		}
		label, line := indexOf(labels, tabulate.Label(row[at[0]]), &p.labels), p.seriesAt(series, name)
		if len(p.labels) > mostLabels || len(p.series) > mostNames {
			return plotted{}, unfit(of, fmt.Errorf("%d labels and %d series; at most %d and %d can be drawn", len(p.labels), len(p.series), mostLabels, mostNames))
		}
		p.pad()
		if n, ok := float(v); ok {
			p.add(label, line, n)
		}
	}
	return p, p.check(of)
}

func indexOf(known map[string]int, name string, all *[]string) int {
	i, ok := known[name]
	if !ok {
		i = len(*all)
		known[name], *all = i, append(*all, name)
	}
	return i
}

func (p *plotted) seriesAt(known map[string]int, name string) int {
	i, ok := known[name]
	if !ok {
		i = len(p.series)
		known[name], p.series = i, append(p.series, render.Series{Name: name})
	}
	return i
}

// pad gives every series a place for every label: no value, until there is one.
func (p *plotted) pad() {
	for i := range p.series {
		for len(p.series[i].Values) < len(p.labels) {
			p.series[i].Values = append(p.series[i].Values, math.NaN())
		}
	}
}

func (p *plotted) add(label, series int, v float64) {
	values := p.series[series].Values
	values[label] = orZero(values[label]) + v
}

// check refuses sums no axis can hold.
func (p *plotted) check(of string) error {
	for _, s := range p.series {
		for _, v := range s.Values {
			if math.Abs(v) > mostDrawn {
				return unfit(of, fmt.Errorf("%g is beyond what can be drawn", v))
			}
		}
	}
	return nil
}

// unfit is the author's mistake, or of the data: trying again would not help.
func unfit(of string, cause error) error {
	return &report.Error{
		Class: report.Permanent, Code: "value-unfit", Cause: fmt.Errorf("%s: %w", of, cause),
		Sentence: fmt.Sprintf("The rows do not fit the %s. The author of the report has to look at it.", of),
	}
}

func orZero(v float64) float64 {
	if math.IsNaN(v) {
		return 0
	}
	return v
}

func (p *plotted) sum() (sum float64) {
	for _, s := range p.series {
		sum += sumOf(s)
	}
	return sum
}

// shares of the first series in all, in the order of the labels.
func (p *plotted) shares(wanted bool) []float64 {
	if !wanted || len(p.series) == 0 {
		return nil
	}
	sum, all := p.sum(), make([]float64, len(p.labels))
	for i, v := range p.series[0].Values {
		all[i] = orZero(v) / sum
	}
	return all
}

func sumOf(s render.Series) (sum float64) {
	for _, v := range s.Values {
		sum += orZero(v)
	}
	return sum
}

// limit puts the largest series first, and more than can be told apart into
// one.
func (p *plotted) limit(l lang.Language) {
	slices.SortStableFunc(p.series, func(a, b render.Series) int { return cmp.Compare(sumOf(b), sumOf(a)) })
	if len(p.series) <= mostSeries {
		return
	}
	rest := p.series[mostSeries-1:]
	others := render.Series{Name: fmt.Sprintf(l.Words.Others, len(rest)), Values: make([]float64, len(p.labels))}
	for _, s := range rest {
		for i, v := range s.Values {
			others.Values[i] += orZero(v)
		}
	}
	p.series = append(p.series[:mostSeries-1:mostSeries-1], others)
}

// writer writes the numbers of one chart, all in the same unit.
type writer struct {
	unit  string // said once, under the title
	tick  func(v float64, digits int) string
	value func(v float64) string
}

// writerOf brings the series to their unit and writes them in it.
func writerOf(look definition.Look, series []render.Series, l lang.Language) writer {
	if look.Format == definition.FormatPercent {
		return writer{
			tick:  func(v float64, digits int) string { return l.Percent(v, max(0, digits-2)) },
			value: func(v float64) string { return l.Percent(v, look.Digits) },
		}
	}
	most := 0.0
	for _, s := range series {
		for _, v := range s.Values {
			most = max(most, math.Abs(orZero(v)))
		}
	}
	scale := chartScale(look, most)
	for _, s := range series {
		for i := range s.Values {
			s.Values[i] /= float64(scale)
		}
	}
	digits := look.Digits
	switch {
	case scale > lang.One && most/float64(scale) < 100:
		digits = 1
	case scale > lang.One, look.Format == definition.FormatInteger:
		digits = 0
	}
	w := writer{
		unit:  l.Scale(scale),
		tick:  l.Decimal,
		value: func(v float64) string { return l.Decimal(v, digits) },
	}
	if look.Format == definition.FormatMoney {
		w.unit = strings.TrimSpace(w.unit + " " + strings.TrimSpace(look.Currency.Symbol()))
	}
	return w
}

// chartScale: counts of up to six figures are read as they are; of money,
// which has more of them, only five.
func chartScale(look definition.Look, most float64) lang.Magnitude {
	if most < 100_000 && look.Format != definition.FormatMoney || most < 10_000 {
		return lang.One
	}
	return lang.ScaleOf(most, lang.Thousand)
}
