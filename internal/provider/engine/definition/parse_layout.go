package definition

import (
	"slices"

	"peyk/internal/report"
	"peyk/internal/strictyaml"
)

func (r *Report) layout(n strictyaml.Node) {
	f := n.Fields("sentence", "short", "figures", "charts", "table", "tables")
	r.Sentence = r.sentence(f.Get("sentence"))
	r.Short = r.sentence(f.Get("short"))
	for _, item := range f.Get("figures").Items() {
		r.Figures = append(r.Figures, r.figure(item))
	}
	if len(r.Figures) > mostFigures {
		f.Get("figures").Fail("%d figures are too many for one row; at most %d", len(r.Figures), mostFigures)
	}
	for _, item := range f.Get("charts").Items() {
		r.Charts = append(r.Charts, r.chart(item))
	}
	r.tables(n, f)
}

// mostFigures stand side by side.
const mostFigures = 4

func (r *Report) sentence(n strictyaml.Node) report.Text {
	t := text(n)
	for _, s := range []string{t.EN, t.TR} {
		for _, name := range Slots(s) {
			if !slices.Contains(names(r.Parameters), name) {
				n.Fail("{%s} names no parameter; %s", name, strictyaml.DidYouMean(name, names(r.Parameters)))
			}
		}
	}
	return t
}

func (r *Report) figure(n strictyaml.Node) Figure {
	f := n.Fields("title", "sql", "format", "digits", "currency", "note")
	return Figure{
		Title: neededText(f.Need("title")), Query: sqlOf(f.Need("sql"), r.Parameters),
		Look: look(n, f, FormatInteger), Note: words(f.Get("note")),
	}
}

func (r *Report) chart(n strictyaml.Node) Chart {
	f := n.Fields("type", "title", "subtitle", "sql", "finding", "label", "value", "series", "format", "digits", "currency", "shares")
	c := Chart{
		Type:  ChartType(f.Need("type").OneOf(string(Bars), string(Stacked), string(Line))),
		Title: words(f.Need("title")), Subtitle: text(f.Get("subtitle")),
		Query: sqlOf(f.Need("sql"), r.Parameters), Finding: sqlOf(f.Get("finding"), r.Parameters),
		Label: f.Need("label").Text(), Value: f.Need("value").Text(), Series: f.Get("series").Text(),
		Look: look(n, f, FormatInteger), Shares: f.Get("shares").Bool(),
	}
	if n.Present() && !c.Format.Numeric() && c.Format != "" {
		f.Get("format").Fail("a chart draws numbers, not %s", c.Format)
	}
	if c.Type == Bars && c.Series != "" {
		f.Get("series").Fail("bars have no series; use the type stacked")
	}
	if c.Type == Stacked && f.Get("type").Present() && c.Series == "" {
		n.Fail("a stacked chart needs the column that names the parts: series")
	}
	if c.Shares && c.Type != Bars {
		f.Get("shares").Fail("shares stand beside bars only")
	}
	if c.Finding.Text == "" && hasSlots(c.Title) {
		f.Get("title").Fail("the slots in the title take their values from the query finding, which is missing")
	}
	return c
}

// tables reads either table, one, or tables, several.
func (r *Report) tables(layout strictyaml.Node, f strictyaml.Fields) {
	one, several := f.Get("table"), f.Get("tables")
	switch {
	case one.Present() && several.Present():
		several.Fail("a layout has a table or tables, not both")
	case several.Present():
		for _, item := range several.Items() {
			r.Tables = append(r.Tables, r.table(item))
		}
		if len(r.Tables) == 0 {
			several.Fail("at least one table is needed")
		}
	case one.Present():
		r.Tables = []Table{r.table(one)}
	case layout.Present():
		f.Need("table")
	}
}

// look reads format, digits and currency; without a format it is fallback.
func look(n strictyaml.Node, f strictyaml.Fields, fallback Format) Look {
	l := Look{Format: fallback, Unit: 1}
	if format := f.Get("format"); format.Present() {
		l.Format = Format(format.OneOf(string(FormatText), string(FormatInteger), string(FormatDecimal),
			string(FormatPercent), string(FormatMoney), string(FormatDate)))
	}
	l.digits(f.Get("digits"))
	l.unit(f.Get("unit"))
	l.Currency = currency(n, f.Get("currency"), l.Format == FormatMoney)
	return l
}

func (l *Look) digits(n strictyaml.Node) {
	switch l.Format {
	case FormatDecimal, FormatMoney:
		l.Digits = 2
	case FormatPercent:
		l.Digits = 1
	case "": // a mistake told already
		return
	default:
		if n.Present() {
			n.Fail("the format %s has no digits after a decimal sign", l.Format)
		}
		return
	}
	if n.Present() {
		if l.Digits = int(n.Int()); l.Digits < 0 || l.Digits > mostDigits {
			n.Fail("digits are from 0 to %d", mostDigits)
		}
	}
}

func (l *Look) unit(n strictyaml.Node) {
	switch n.OneOf("one", "thousand", "million") {
	case "thousand":
		l.Unit = 1_000
	case "million":
		l.Unit = 1_000_000
	}
	if l.Unit != 1 && !l.Format.Numeric() {
		n.Fail("the format %s has no unit", l.Format)
	}
}

// mostDigits after a decimal sign: a float has no more worth writing.
const mostDigits = 12
