package definition

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"peyk/internal/provider/engine/expression"
	"peyk/internal/report"
	"peyk/internal/strictyaml"
)

// defaultLength bounds a text parameter whose author set no max, in characters.
const defaultLength = 200

// columnName is one an expression may stand for: nothing to compute, nothing to
// call.
var columnName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)?$`)

func parameters(n strictyaml.Node, places Places) []Parameter {
	var all []Parameter
	for _, e := range n.Entries() {
		all = append(all, parameter(e.Key, e.Value, places))
	}
	return all
}

// parameterKeys are the keys of a type beside those all have.
func parameterKeys(t Type) []string {
	switch t {
	case Integer:
		return []string{"min", "max"}
	case Decimal:
		return []string{"min", "max", "digits"}
	case Money:
		return []string{"min", "max", "digits", "currency"}
	case Text:
		return []string{"max"}
	case Choice:
		return []string{"values", "from"}
	case Expression:
		return []string{"fields"}
	}
	return nil
}

func parameter(key, n strictyaml.Node, places Places) Parameter {
	name := identifier(key, plain, "small_letters_and_digits")
	if name == Locale {
		key.Fail("the name %q is taken: :%s is the language of the reader, tr or en", name, name)
	}
	all := n.Fields("type", "title", "default", "min", "max", "digits", "currency", "values", "from", "fields")
	p := Parameter{Name: name, Type: Type(all.Need("type").OneOf(string(Integer), string(Decimal), string(Money),
		string(Text), string(Choice), string(Boolean), string(Date), string(DateRange), string(Expression)))}
	f := n.Fields(append([]string{"type", "title", "default"}, parameterKeys(p.Type)...)...)
	p.Title = text(f.Get("title"))
	if p.Title == (report.Text{}) {
		p.Title.EN = inWords(name)
	}
	p.limits(n, f, places)
	p.preset(f.Get("default"))
	return p
}

func (p *Parameter) limits(n strictyaml.Node, f strictyaml.Fields, places Places) {
	switch p.Type {
	case Integer:
		p.Min, p.Max = limit(f.Get("min"), wholeLimit), limit(f.Get("max"), wholeLimit)
	case Decimal, Money:
		p.decimalLimits(n, f)
	case Text:
		p.MaxLength = defaultLength
		if n := f.Get("max"); n.Present() {
			if p.MaxLength = int(n.Int()); p.MaxLength < 1 || p.MaxLength > 10_000 {
				n.Fail("max, in characters, is from 1 to 10000")
			}
		}
	case Choice:
		p.choices(n, f, places)
	case Expression:
		p.MaxLength, p.Fields = expression.MaxLength, fields(f.Need("fields"))
	}
	if p.Min != nil && p.Max != nil && *p.Min > *p.Max {
		f.Get("max").Fail("max is less than min")
	}
}

func (p *Parameter) decimalLimits(n strictyaml.Node, f strictyaml.Fields) {
	p.Min, p.Max, p.Digits = limit(f.Get("min"), strictyaml.Node.Decimal), limit(f.Get("max"), strictyaml.Node.Decimal), 2
	if d := f.Get("digits"); d.Present() {
		if p.Digits = int(d.Int()); p.Digits < 0 || p.Digits > mostDigits {
			d.Fail("digits are from 0 to %d", mostDigits)
		}
	}
	p.Currency = currency(n, f.Get("currency"), p.Type == Money)
}

func limit(n strictyaml.Node, read func(strictyaml.Node) float64) *float64 {
	if !n.Present() {
		return nil
	}
	v := read(n)
	return &v
}

func wholeLimit(n strictyaml.Node) float64 { return float64(n.Int()) }

// choices come from the file, or from a query.
func (p *Parameter) choices(n strictyaml.Node, f strictyaml.Fields, places Places) {
	values, from := f.Get("values"), f.Get("from")
	switch {
	case values.Present() && from.Present():
		from.Fail("the choices come from values or from a query, not both")
	case from.Present():
		q := from.Fields("database", "sql")
		p.From = &Lookup{Database: place(q.Need("database"), "database", places.Databases)}
		p.From.Query = sqlFor(places.Dialects[p.From.Database], q.Need("sql"), nil)
		if len(p.From.Query.Placeholders) > 0 {
			q.Get("sql").Fail("choices depend on nothing: %s has no value here; columns en and tr are their titles", p.From.Query.Placeholders[0])
		}
	case values.Present():
		p.Choices = options(values)
	default:
		n.Fail("a choice needs values: [{value: …, title: {en: …, tr: …}}], or from: {database: …, sql: …}")
	}
}

func options(n strictyaml.Node) []Option {
	var all []Option
	for _, item := range n.Items() {
		f := item.Fields("value", "title")
		o := Option{Value: f.Need("value").Text(), Title: text(f.Get("title"))}
		if o.Title == (report.Text{}) {
			o.Title.EN = o.Value
		}
		if slices.ContainsFunc(all, func(other Option) bool { return other.Value == o.Value }) {
			item.Fail("the value %q is here twice", o.Value)
		}
		all = append(all, o)
	}
	if len(all) == 0 {
		n.Fail("a choice needs values: [{value: …, title: {en: …, tr: …}}]")
	}
	return all
}

// preset sets the default: the name of a preset, or a value the parameter
// itself accepts.
func (p *Parameter) preset(n strictyaml.Node) {
	if !n.Present() || p.Type == "" {
		return
	}
	p.Default = json.RawMessage(n.Canonical())
	if p.Type == DateRange {
		p.Preset = true
		n.OneOf(p.Presets()...)
		return
	}
	if p.Type == Date && slices.Contains(p.Presets(), n.Text()) {
		p.Preset = true
		return
	}
	if p.From != nil {
		n.Text() // whether it is among the choices is known when they are read
		return
	}
	if _, err := p.Value(p.Default); err != nil {
		n.Fail("the default does not fit the parameter: %v", err)
	}
}

// fields of an expression: each a name people type, with the column it is.
func fields(n strictyaml.Node) []expression.Field {
	var all []expression.Field
	for _, e := range n.Entries() {
		f := e.Value.Fields("type", "sql")
		field := expression.Field{
			Name: identifier(e.Key, plain, "small_letters_and_digits"),
			Kind: expression.Kind(f.Need("type").OneOf(string(expression.Number), string(expression.Text), string(expression.Day))),
			SQL:  f.Need("sql").Text(),
		}
		if field.SQL != "" && !columnName.MatchString(field.SQL) {
			f.Get("sql").Fail("%q is not a column: name or table.name", field.SQL)
		}
		if slices.Contains([]string{"and", "or", "not", "in", "is", "between", "empty"}, field.Name) {
			e.Key.Fail("%q is a word of conditions; the field needs another name", field.Name)
		}
		all = append(all, field)
	}
	if n.Present() && len(all) == 0 {
		n.Fail("an expression needs fields: {rating: {type: number, sql: g.rating}}")
	}
	return all
}

// inWords makes "Min reviews" of min_reviews.
func inWords(name string) string {
	first, size := utf8.DecodeRuneInString(name)
	return string(unicode.ToUpper(first)) + strings.ReplaceAll(name[min(size, len(name)):], "_", " ")
}
