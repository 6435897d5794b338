package definition

import (
	"slices"

	"peyk/internal/provider/engine/lang"
	"peyk/internal/report"
	"peyk/internal/strictyaml"
)

func (r *Report) table(n strictyaml.Node) Table {
	f := n.Fields("title", "subtitle", "note", "sql", "columns", "subtotal", "shares", "page")
	t := Table{
		Title: text(f.Get("title")), Subtitle: text(f.Get("subtitle")), Note: text(f.Get("note")),
		Query: sqlOf(f.Get("sql"), r.Parameters), Columns: columns(f.Need("columns")),
		Subtotal: f.Get("subtotal").Text(), Shares: f.Get("shares").Text(), NewPage: f.Get("page").OneOf("new", "same") == "new",
	}
	t.checkNames(f)
	return t
}

// checkNames sees to it that subtotal and shares name columns fit for them.
func (t Table) checkNames(f strictyaml.Fields) {
	if n := f.Get("subtotal"); n.Present() {
		if _, ok := t.column(t.Subtotal); !ok {
			n.Fail("%q is no column of the table", t.Subtotal)
		} else if !slices.ContainsFunc(t.Columns, func(c Column) bool { return c.Total != NoTotal }) {
			n.Fail("a subtotal needs a column with a total")
		}
	}
	if n := f.Get("shares"); n.Present() {
		if c, ok := t.column(t.Shares); !ok || c.Total != Sum {
			n.Fail("%q is no column of the table with the total sum", t.Shares)
		}
	}
}

func (t Table) column(name string) (Column, bool) {
	i := slices.IndexFunc(t.Columns, func(c Column) bool { return c.Pivot == nil && c.Name == name })
	if i < 0 {
		return Column{}, false
	}
	return t.Columns[i], true
}

func columns(n strictyaml.Node) []Column {
	var all []Column
	for _, item := range n.Items() {
		c := column(item)
		if slices.ContainsFunc(all, func(other Column) bool { return other.Name == c.Name }) {
			item.Fail("the column %q is here twice", c.Name)
		}
		if c.Pivot != nil && slices.ContainsFunc(all, func(other Column) bool { return other.Pivot != nil }) {
			item.Fail("a table has one pivot")
		}
		all = append(all, c)
	}
	if n.Present() && len(all) == 0 {
		n.Fail("a table needs columns")
	}
	return all
}

func column(n strictyaml.Node) Column {
	if n.Fields("pivot", "value", "keep", "others", "name", "title", "format", "digits", "currency", "unit", "total", "weight", "strong").Get("pivot").Present() {
		return pivot(n)
	}
	f := n.Fields("name", "title", "format", "digits", "currency", "unit", "total", "weight", "strong")
	c := Column{
		Name: f.Need("name").Text(), Title: text(f.Get("title")), Look: look(n, f, FormatText),
		Weight: f.Get("weight").Text(), Strong: f.Get("strong").Bool(),
	}
	if n.Present() && f.Get("name").Present() && c.Name == "" {
		f.Get("name").Fail("a column needs the name it has in the rows")
	}
	if c.Title == (report.Text{}) {
		c.Title.EN = inWords(c.Name)
	}
	c.total(f.Get("total"))
	if c.Weight != "" && c.Total != Avg {
		f.Get("weight").Fail("only an average (total: avg) has weights")
	}
	return c
}

// pivot is a column that becomes as many as there are values.
func pivot(n strictyaml.Node) Column {
	f := n.Fields("pivot", "value", "keep", "others", "format", "digits", "currency", "unit", "total")
	c := Column{
		Name: f.Get("pivot").Text(), Look: look(n, f, FormatInteger),
		Pivot: &Pivot{Value: f.Need("value").Text(), Keep: defaultKeep, Others: text(f.Get("others"))},
	}
	if !c.Format.Numeric() && c.Format != "" {
		f.Get("format").Fail("the cells of a pivot are sums: numbers, not %s", c.Format)
	}
	if keep := f.Get("keep"); keep.Present() {
		if c.Pivot.Keep = int(keep.Int()); c.Pivot.Keep < 1 || c.Pivot.Keep > mostKept {
			keep.Fail("keep is from 1 to %d columns", mostKept)
		}
	}
	if c.Pivot.Others == (report.Text{}) {
		c.Pivot.Others = report.Text{EN: "{n} others", TR: "Diğer {n}"}
	}
	c.total(f.Get("total"))
	return c
}

const (
	defaultKeep = 5  // columns a pivot keeps without being told
	mostKept    = 40 // more no page can hold
)

func currency(owner, n strictyaml.Node, needed bool) lang.Currency {
	switch {
	case needed && !n.Present():
		owner.Fail("money needs a currency: TRY, USD or EUR")
	case needed:
		return lang.Currency(n.OneOf(string(lang.TRY), string(lang.USD), string(lang.EUR)))
	case n.Present():
		n.Fail("a currency belongs to money")
	}
	return ""
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
