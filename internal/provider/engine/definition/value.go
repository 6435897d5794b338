package definition

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"peyk/internal/provider/engine/expression"
	"peyk/internal/provider/engine/query"
)

// Value is a checked value of a parameter. Which field holds it depends on the
// parameter's type.
type Value struct {
	Integer int64
	Decimal float64 // of a decimal or money
	// Condition of an expression; Text is what was typed.
	Condition expression.Condition
	Text      string // of a text; the value of a choice
	Truth     bool
	From, To  time.Time // of a date range, To exclusive; of a date, From. Midnight UTC
}

// Value checks raw, JSON as it came over the wire, against the type and the
// limits of p. The error is a sentence for who filled in the form.
func (p Parameter) Value(raw json.RawMessage) (Value, error) {
	switch p.Type {
	case Integer:
		return p.integer(raw)
	case Decimal, Money:
		return p.decimal(raw)
	case Boolean:
		var v Value
		return v, decode(raw, &v.Truth, "true or false is needed")
	case Date:
		var s string
		if err := decode(raw, &s, `a date like "2025-12-31" is needed`); err != nil {
			return Value{}, err
		}
		day, err := date(s)
		return Value{From: day}, err
	case DateRange:
		return dateRange(raw)
	case Expression:
		return p.condition(raw)
	}
	return p.text(raw)
}

func (p Parameter) integer(raw json.RawMessage) (Value, error) {
	var v Value
	if err := decode(raw, &v.Integer, "a whole number is needed"); err != nil {
		return Value{}, err
	}
	return v, p.within(float64(v.Integer))
}

// decimal takes a number with no more digits than the parameter has: what
// people see on the form is what the query gets.
func (p Parameter) decimal(raw json.RawMessage) (Value, error) {
	var n json.Number
	if err := decode(raw, &n, "a number is needed"); err != nil || raw[0] == '"' {
		return Value{}, errors.New("a number is needed")
	}
	v, err := n.Float64()
	if err != nil {
		return Value{}, errors.New("a number of reasonable size is needed")
	}
	if _, fraction, _ := strings.Cut(strconv.FormatFloat(v, 'f', -1, 64), "."); len(fraction) > p.Digits {
		return Value{}, fmt.Errorf("has more than %d digits after the decimal point", p.Digits)
	}
	return Value{Decimal: v}, p.within(v)
}

func (p Parameter) within(v float64) error {
	if p.Min != nil && v < *p.Min {
		return fmt.Errorf("must be at least %v", plainNumber(*p.Min))
	}
	if p.Max != nil && v > *p.Max {
		return fmt.Errorf("must be at most %v", plainNumber(*p.Max))
	}
	return nil
}

func plainNumber(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

func (p Parameter) text(raw json.RawMessage) (Value, error) {
	var v Value
	if err := decode(raw, &v.Text, "text is needed"); err != nil {
		return Value{}, err
	}
	if p.Type == Choice {
		if !slices.ContainsFunc(p.Choices, func(o Option) bool { return o.Value == v.Text }) {
			return Value{}, fmt.Errorf("%q is not one of the choices", v.Text)
		}
		return v, nil
	}
	if n := utf8.RuneCountInString(v.Text); n > p.MaxLength {
		return Value{}, fmt.Errorf("has %d characters; at most %d are allowed", n, p.MaxLength)
	}
	if i := bytes.IndexFunc([]byte(v.Text), unicode.IsControl); i >= 0 {
		return Value{}, errors.New("control characters are not allowed")
	}
	return v, nil
}

func (p Parameter) condition(raw json.RawMessage) (Value, error) {
	var v Value
	if err := decode(raw, &v.Text, "a condition is needed, as text"); err != nil {
		return Value{}, err
	}
	var err error
	v.Condition, err = expression.Parse(v.Text, p.Fields)
	return v, err
}

func dateRange(raw json.RawMessage) (Value, error) {
	var ends struct{ From, To *string }
	const like = `a range like {"from":"2025-01-01","to":"2026-01-01"} is needed, to being the first day after it`
	if err := decode(raw, &ends, like); err != nil {
		return Value{}, err
	}
	if ends.From == nil || ends.To == nil {
		return Value{}, errors.New(like)
	}
	from, err := date(*ends.From)
	if err != nil {
		return Value{}, fmt.Errorf("from: %w", err)
	}
	to, err := date(*ends.To)
	if err != nil {
		return Value{}, fmt.Errorf("to: %w", err)
	}
	if !from.Before(to) {
		return Value{}, errors.New("from must lie before to")
	}
	return Value{From: from, To: to}, nil
}

func date(s string) (time.Time, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil || t.Year() < 1 {
		return time.Time{}, fmt.Errorf("%q is not a date like 2025-12-31", s)
	}
	return t, nil
}

// decode is strict: no null, no unknown key, nothing after the value.
func decode(raw json.RawMessage, into any, need string) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if bytes.Equal(bytes.TrimSpace(raw), []byte("null")) || d.Decode(into) != nil {
		return errors.New(need)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New(need)
	}
	return nil
}

// Locale is the name every query knows the reader's language by, tr or en.
const Locale = "locale"

// Bindings are the values of all parameters as queries bind them: dates as
// text YYYY-MM-DD, truth as 0 and 1.
func Bindings(params []Parameter, values map[string]Value, locale string) map[query.Placeholder]any {
	all := make(map[query.Placeholder]any, len(params)+2)
	all[query.Placeholder{Name: Locale}] = locale
	for _, p := range params {
		v, at := values[p.Name], query.Placeholder{Name: p.Name}
		switch p.Type {
		case Integer:
			all[at] = v.Integer
		case Decimal, Money:
			all[at] = v.Decimal
		case Boolean:
			all[at] = v.Truth
		case Date:
			all[at] = v.From.Format(time.DateOnly)
		case DateRange:
			all[query.Placeholder{Name: p.Name, Field: "from"}] = v.From.Format(time.DateOnly)
			all[query.Placeholder{Name: p.Name, Field: "to"}] = v.To.Format(time.DateOnly)
		case Expression:
			for i, value := range v.Condition.Values() {
				all[query.Placeholder{Name: p.Name, Field: "v" + strconv.Itoa(i+1)}] = value
			}
		default:
			all[at] = v.Text
		}
	}
	return all
}

// Sample is a value p accepts, to try queries with.
func (p Parameter) Sample() Value {
	day := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
	v := Value{From: day, To: day.AddDate(0, 0, 1)}
	for _, limit := range []*float64{p.Max, p.Min} {
		if limit != nil {
			v.Integer, v.Decimal = int64(*limit), *limit
		}
	}
	if len(p.Choices) > 0 {
		v.Text = p.Choices[0].Value
	}
	if p.Type == Expression {
		v.Condition = p.everyField()
	}
	return v
}

// everyField is a condition that names all fields, so that a column that does
// not exist is found.
func (p Parameter) everyField() expression.Condition {
	all := make([]string, len(p.Fields))
	for i, f := range p.Fields {
		all[i] = f.Name + " is empty"
	}
	c, err := expression.Parse(strings.Join(all, " or "), p.Fields)
	if err != nil { // more fields than a condition may name
		return expression.Condition{}
	}
	return c
}
