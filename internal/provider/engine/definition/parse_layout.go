package definition

import (
	"slices"

	"peyk/internal/provider/engine/lang"
	"peyk/internal/report"
	"peyk/internal/strictyaml"
)

func (r *Report) layout(n strictyaml.Node) {
	f := n.Fields("sentence", "table")
	r.Sentence = text(f.Get("sentence"))
	for _, s := range []string{r.Sentence.EN, r.Sentence.TR} {
		for _, name := range Slots(s) {
			if !slices.Contains(names(r.Parameters), name) {
				f.Get("sentence").Fail("{%s} names no parameter; %s", name, strictyaml.DidYouMean(name, names(r.Parameters)))
			}
		}
	}
	table := f.Need("table")
	t := table.Fields("title", "columns")
	r.Table = Table{Title: text(t.Get("title")), Columns: columns(t.Need("columns"))}
}

func columns(n strictyaml.Node) []Column {
	var all []Column
	for _, item := range n.Items() {
		c := column(item)
		if slices.ContainsFunc(all, func(other Column) bool { return other.Name == c.Name }) {
			item.Fail("the column %q is here twice", c.Name)
		}
		all = append(all, c)
	}
	if n.Present() && len(all) == 0 {
		n.Fail("a table needs columns")
	}
	return all
}

func column(n strictyaml.Node) Column {
	f := n.Fields("name", "title", "format", "digits", "currency", "total")
	c := Column{Name: f.Need("name").Text(), Title: text(f.Get("title")), Format: FormatText}
	if n.Present() && f.Get("name").Present() && c.Name == "" {
		f.Get("name").Fail("a column needs the name it has in the combined rows")
	}
	if c.Title == (report.Text{}) {
		c.Title.EN = inWords(c.Name)
	}
	if format := f.Get("format"); format.Present() {
		c.Format = Format(format.OneOf(string(FormatText), string(FormatInteger), string(FormatDecimal),
			string(FormatPercent), string(FormatMoney), string(FormatDate)))
	}
	c.digits(f.Get("digits"))
	c.money(n, f.Get("currency"))
	c.total(f.Get("total"))
	return c
}

func (c *Column) digits(n strictyaml.Node) {
	switch c.Format {
	case FormatDecimal, FormatMoney:
		c.Digits = 2
	case FormatPercent:
		c.Digits = 1
	default:
		if n.Present() {
			n.Fail("the format %s has no digits after a decimal sign", c.Format)
		}
		return
	}
	if n.Present() {
		if c.Digits = int(n.Int()); c.Digits < 0 || c.Digits > 12 {
			n.Fail("digits are from 0 to 12")
		}
	}
}

func (c *Column) money(column, n strictyaml.Node) {
	if c.Format == FormatMoney {
		if !n.Present() {
			column.Fail("a column of format money needs a currency: TRY, USD or EUR")
			return
		}
		c.Currency = lang.Currency(n.OneOf(string(lang.TRY), string(lang.USD), string(lang.EUR)))
		return
	}
	if n.Present() {
		n.Fail("a currency belongs to the format money")
	}
}

func (c *Column) total(n strictyaml.Node) {
	if !n.Present() {
		return
	}
	c.Total = Total(n.OneOf(string(Sum), string(Avg), string(Count)))
	if c.Total != Count && !c.Format.Numeric() {
		n.Fail("only numbers have a %s; the format is %s", c.Total, c.Format)
	}
}
