package definition

import (
	"encoding/json"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"peyk/internal/report"
	"peyk/internal/strictyaml"
)

// defaultLength bounds a text parameter whose author set no max, in characters.
const defaultLength = 200

func parameters(n strictyaml.Node) []Parameter {
	var all []Parameter
	for _, e := range n.Entries() {
		all = append(all, parameter(e.Key, e.Value))
	}
	return all
}

func parameter(key, n strictyaml.Node) Parameter {
	name := identifier(key, plain, "small_letters_and_digits")
	keys := []string{"type", "title", "default"}
	p := Parameter{Name: name, Type: Type(n.Fields("type", "title", "default", "min", "max", "values").Need("type").
		OneOf(string(Integer), string(Text), string(Choice), string(Boolean), string(Date), string(DateRange)))}
	switch p.Type {
	case Integer:
		keys = append(keys, "min", "max")
	case Text:
		keys = append(keys, "max")
	case Choice:
		keys = append(keys, "values")
	}
	f := n.Fields(keys...)
	p.Title = text(f.Get("title"))
	if p.Title == (report.Text{}) {
		p.Title.EN = inWords(name)
	}
	p.limits(f)
	p.preset(f.Get("default"))
	return p
}

func (p *Parameter) limits(f strictyaml.Fields) {
	switch p.Type {
	case Integer:
		p.Min, p.Max = limit(f.Get("min")), limit(f.Get("max"))
		if p.Min != nil && p.Max != nil && *p.Min > *p.Max {
			f.Get("max").Fail("max is less than min")
		}
	case Text:
		p.MaxLength = defaultLength
		if n := f.Get("max"); n.Present() {
			if p.MaxLength = int(n.Int()); p.MaxLength < 1 || p.MaxLength > 10_000 {
				n.Fail("max, in characters, is from 1 to 10000")
			}
		}
	case Choice:
		p.Choices = choices(f.Need("values"))
	}
}

func limit(n strictyaml.Node) *int64 {
	if !n.Present() {
		return nil
	}
	v := n.Int()
	return &v
}

func choices(n strictyaml.Node) []Option {
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
	if n.Present() && len(all) == 0 {
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
	if _, err := p.Value(p.Default); err != nil {
		n.Fail("the default does not fit the parameter: %v", err)
	}
}

// inWords makes "Min reviews" of min_reviews.
func inWords(name string) string {
	first, size := utf8.DecodeRuneInString(name)
	return string(unicode.ToUpper(first)) + strings.ReplaceAll(name[min(size, len(name)):], "_", " ")
}
