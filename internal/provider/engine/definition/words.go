package definition

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"peyk/internal/provider/engine/lang"
)

// InWords writes a value of p as a sentence would have it.
func (p Parameter) InWords(v Value, l lang.Language, locale string) string {
	switch p.Type {
	case Integer:
		return plainInteger(l, v.Integer)
	case Decimal:
		return l.Decimal(v.Decimal, p.Digits)
	case Money:
		return l.Money(v.Decimal, p.Currency, p.Digits)
	case Boolean:
		if v.Truth {
			return l.Words.Yes
		}
		return l.Words.No
	case Date:
		return l.Date(v.From)
	case DateRange:
		return l.Range(v.From, v.To)
	case Choice:
		i := slices.IndexFunc(p.Choices, func(o Option) bool { return o.Value == v.Text })
		if i >= 0 {
			return p.Choices[i].Title.In(locale)
		}
	}
	return v.Text
}

// InWords writes all parameters as one text: the author's sentence, or where
// there is none "Title: value, …".
func (r *Report) InWords(values map[string]Value, l lang.Language, locale string) string {
	words := make(map[string]string, len(r.Parameters))
	listed := make([]string, 0, len(r.Parameters))
	for _, p := range r.Parameters {
		words[p.Name] = p.InWords(values[p.Name], l, locale)
		listed = append(listed, p.Title.In(locale)+": "+words[p.Name])
	}
	if sentence := r.Sentence.In(locale); sentence != "" {
		return slot.ReplaceAllStringFunc(sentence, func(s string) string { return words[strings.Trim(s, "{}")] })
	}
	return strings.Join(listed, ", ")
}

// slot is where a sentence takes a parameter's value.
var slot = regexp.MustCompile(`\{[^{}]*\}`)

// Slots are the names between braces in a sentence, in their order.
func Slots(sentence string) []string {
	all := slot.FindAllString(sentence, -1)
	for i, s := range all {
		all[i] = strings.Trim(s, "{}")
	}
	return all
}

// plainInteger groups digits from five on: in a sentence a number of four may
// be a year.
func plainInteger(l lang.Language, n int64) string {
	if n > -10_000 && n < 10_000 {
		return strconv.FormatInt(n, 10)
	}
	return l.Integer(n)
}
