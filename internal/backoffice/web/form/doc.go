// Package form draws the form of a report type from its parameters, and reads
// back what was filled in.
//
// Promise: every field a type can declare has a control and a default, so that
// the untouched form can be sent. What was typed comes back as it was typed,
// however wrong. Reading what was drawn from a request's parameters gives those
// parameters again. Ranges show both days inclusive, as people count; on the
// wire the end is the day after.
//
// Limits: it checks what would only confuse the person to learn a second later
// (numbers, limits, days in order, names); the trigger has the last word.
//
// Failure: Problems, keyed by field; "" holds what belongs to no field.
package form

import (
	"net/url"
	"strings"

	"peyk/internal/backoffice/web/words"
	"peyk/internal/protocol"
)

// The names of the fields that every form has.
const (
	GUID       = "guid"
	DrawnAt    = "drawn"
	Formats    = "formats"
	Locale     = "locale"
	Recipients = "recipients"
	Note       = "note"
)

// Custom is the choice of days instead of a preset.
const Custom = "custom"

// Key is the name of a parameter's field.
func Key(parameter string) string { return "p." + parameter }

// Problems are sentences about fields.
type Problems map[string]string

// FromPointers turns an API's JSON Pointers (RFC 6901) into fields.
func FromPointers(details []protocol.ProblemDetail) Problems {
	p := Problems{}
	for _, d := range details {
		parts := strings.Split(strings.TrimPrefix(d.Pointer, "/"), "/")
		key := ""
		switch {
		case parts[0] == "parameters" && len(parts) > 1:
			key = Key(strings.NewReplacer("~1", "/", "~0", "~").Replace(parts[1]))
		case parts[0] == Formats, parts[0] == Locale, parts[0] == Recipients, parts[0] == Note:
			key = parts[0]
		}
		if p[key] == "" {
			p[key] = d.Detail
		}
	}
	return p
}

// Option is one choice of a field.
type Option struct {
	Value, Label string
	Hint         string // the days a preset means
	Chosen       bool
}

// Field is one parameter as it is drawn.
type Field struct {
	Key, Label string
	Type       protocol.ParameterType
	Value      string
	From, To   string // of a range, both days in
	Options    []Option
	Min, Max   string
	MaxLength  int
	Required   bool
	Chosen     bool // of a boolean
	Hint       string
	Problem    string
}

// Draw makes the fields of a type as they stand with these values.
func Draw(t protocol.ReportType, w *words.Words, values url.Values, problems Problems) []Field {
	fields := make([]Field, 0, len(t.Parameters))
	for _, p := range t.Parameters {
		fields = append(fields, drawOne(p, w, values, problems[Key(p.Name)]))
	}
	return fields
}

func drawOne(p protocol.Parameter, w *words.Words, values url.Values, problem string) Field {
	key := Key(p.Name)
	f := Field{
		Key: key, Label: p.Title.In(w.Locale), Type: p.Type, Value: values.Get(key),
		MaxLength: p.MaxLength, Required: p.Required, Problem: problem,
	}
	if f.Label == "" {
		f.Label = p.Name
	}
	switch p.Type {
	case protocol.DateRange:
		f.From, f.To = values.Get(key+".from"), values.Get(key+".to")
		f.Options, f.Hint = drawPresets(p, w, f)
		if days := customDays(w, f); days != "" {
			f.Hint = days
		}
	case protocol.Integer, protocol.Number:
		f.Min, f.Max, f.Hint = limits(p, w)
	case protocol.Boolean:
		f.Chosen = f.Value == "true"
	case protocol.Choice, protocol.Choices:
		f.Options = drawChoices(p, w, values[key])
	case protocol.Text:
		if p.MaxLength > 0 {
			f.Hint = w.Count("form.max-length", p.MaxLength)
		}
	}
	return f
}

func drawPresets(p protocol.Parameter, w *words.Words, f Field) (options []Option, hint string) {
	for _, name := range p.Presets {
		o := Option{Value: name, Label: name, Chosen: f.Value == name}
		if id := "preset." + name; w.Has(id) {
			o.Label = w.Say(id)
		}
		if from, to, ok := protocol.Period(name, w.Now()); ok {
			o.Hint = daysInWords(w, from, to)
		}
		if o.Chosen {
			hint = o.Hint
		}
		options = append(options, o)
	}
	if len(options) > 0 {
		options = append(options, Option{Value: Custom, Label: w.Say("preset.custom"), Chosen: f.Value == Custom})
	}
	return options, hint
}

func drawChoices(p protocol.Parameter, w *words.Words, chosen []string) []Option {
	var options []Option
	for _, c := range p.Choices {
		o := Option{Value: c.Value, Label: c.Title.In(w.Locale)}
		if o.Label == "" {
			o.Label = c.Value
		}
		for _, v := range chosen {
			o.Chosen = o.Chosen || v == c.Value
		}
		options = append(options, o)
	}
	return options
}

func limits(p protocol.Parameter, w *words.Words) (low, high, hint string) {
	if p.Min != nil {
		low = plain(*p.Min)
	}
	if p.Max != nil {
		high = plain(*p.Max)
	}
	switch {
	case p.Min != nil && p.Max != nil:
		hint = w.Say("form.between", "Min", w.Decimal(*p.Min, 6), "Max", w.Decimal(*p.Max, 6))
	case p.Min != nil && *p.Min != 0:
		hint = w.Say("form.at-least", "Min", w.Decimal(*p.Min, 6))
	case p.Max != nil:
		hint = w.Say("form.at-most", "Max", w.Decimal(*p.Max, 6))
	}
	return low, high, hint
}
