package trigger

import (
	"encoding/json"
	"math"
	"strings"
	"time"

	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"golang.org/x/text/number"

	"peyk/internal/protocol"
	"peyk/internal/report"
)

// Part is a piece of a sentence: a value somebody chose, or the words around it.
type Part struct {
	Text  string `json:"text"`
	Value bool   `json:"value,omitempty"`
}

// inWords says the parameters as a person would.
func inWords(kind protocol.ReportType, values map[string]json.RawMessage) report.Text {
	say := func(locale string) string { return join(sentence(kind, values, locale)) }
	return report.Text{EN: say("en"), TR: say("tr")}
}

// sentence is the type's own sentence with the values in it, or "Title: value"
// for each.
func sentence(kind protocol.ReportType, values map[string]json.RawMessage, locale string) []Part {
	if s := kind.Sentence.In(locale); s != "" {
		return fill(s, kind, values, locale)
	}
	var parts []Part
	for _, p := range kind.Parameters {
		if v, ok := values[p.Name]; ok {
			title := p.Title.In(locale) + ": "
			if len(parts) > 0 {
				title = "; " + title
			}
			parts = append(parts, Part{Text: title}, Part{Text: valueInWords(p, v, locale), Value: true})
		}
	}
	return parts
}

func join(parts []Part) string {
	var b strings.Builder
	for _, p := range parts {
		b.WriteString(p.Text)
	}
	return b.String()
}

// inShort says the values alone, for lists and letters.
func inShort(kind protocol.ReportType, values map[string]json.RawMessage) report.Text {
	say := func(locale string) string {
		if s := kind.Short.In(locale); s != "" {
			return join(fill(s, kind, values, locale))
		}
		return listed(kind, values, locale)
	}
	return report.Text{EN: say("en"), TR: say("tr")}
}

// listed are the values one after another. A number says nothing without its
// title, and of a yes the title is enough.
func listed(kind protocol.ReportType, values map[string]json.RawMessage, locale string) string {
	var all []string
	for _, p := range kind.Parameters {
		v, title := valueInWords(p, values[p.Name], locale), p.Title.In(locale)
		switch {
		case v == "" || p.Type == protocol.Boolean && string(values[p.Name]) != "true":
			continue
		case p.Type == protocol.Boolean && title != "":
			v = title
		case (p.Type == protocol.Integer || p.Type == protocol.Number) && title != "":
			v = title + ": " + v
		}
		all = append(all, v)
	}
	return strings.Join(all, ", ")
}

// fill puts each value where the template names its parameter.
func fill(template string, kind protocol.ReportType, values map[string]json.RawMessage, locale string) []Part {
	var parts []Part
	for template != "" {
		at, p := firstSlot(template, kind)
		if at < 0 {
			return append(parts, Part{Text: template})
		}
		if at > 0 {
			parts = append(parts, Part{Text: template[:at]})
		}
		if v := valueInWords(p, values[p.Name], locale); v != "" {
			parts = append(parts, Part{Text: v, Value: true})
		}
		template = template[at+len(p.Name)+len("{}"):]
	}
	return parts
}

// firstSlot finds the first {name} of a parameter; -1: there is none.
func firstSlot(template string, kind protocol.ReportType) (at int, first protocol.Parameter) {
	at = -1
	for _, p := range kind.Parameters {
		if i := strings.Index(template, "{"+p.Name+"}"); i >= 0 && (at < 0 || i < at) {
			at, first = i, p
		}
	}
	return at, first
}

func valueInWords(p protocol.Parameter, raw json.RawMessage, locale string) string {
	switch p.Type {
	case protocol.DateRange:
		var r protocol.DateRangeValue
		if json.Unmarshal(raw, &r) == nil {
			return rangeInWords(r, locale)
		}
	case protocol.Date:
		if text, ok := asText(raw); ok {
			if d, err := time.Parse(day, text); err == nil {
				return dateInWords(d, locale)
			}
		}
	case protocol.Integer, protocol.Number:
		var f float64
		if json.Unmarshal(raw, &f) == nil {
			return numberInWords(f, locale)
		}
	case protocol.Boolean:
		return yesNo(string(raw) == "true", locale)
	case protocol.Choice:
		text, _ := asText(raw)
		return choiceInWords(p, text, locale)
	case protocol.Choices:
		var many []string
		if json.Unmarshal(raw, &many) == nil {
			for i := range many {
				many[i] = choiceInWords(p, many[i], locale)
			}
			return strings.Join(many, ", ")
		}
	}
	if text, ok := asText(raw); ok {
		return text
	}
	return string(raw)
}

func choiceInWords(p protocol.Parameter, value, locale string) string {
	for _, c := range p.Choices {
		if c.Value == value {
			return c.Title.In(locale)
		}
	}
	return value
}

// numberInWords groups digits from five on: a number of four may be a year.
func numberInWords(f float64, locale string) string {
	p := message.NewPrinter(language.Make(locale))
	if math.Abs(f) < 10_000 {
		return p.Sprint(number.Decimal(f, number.NoSeparator()))
	}
	return p.Sprint(number.Decimal(f))
}

func yesNo(b bool, locale string) string {
	switch {
	case locale == "tr" && b:
		return "evet"
	case locale == "tr":
		return "hayır"
	case b:
		return "yes"
	}
	return "no"
}

// rangeInWords says whole years and months as such, all else as first and last
// day, without what both days share: as the document's own words do.
func rangeInWords(r protocol.DateRangeValue, locale string) string {
	from, err1 := time.Parse(day, r.From)
	to, err2 := time.Parse(day, r.To)
	if err1 != nil || err2 != nil {
		return r.From + dash + r.To
	}
	last := to.AddDate(0, 0, -1)
	sameYear := from.Year() == last.Year()
	switch {
	case from.YearDay() == 1 && to.YearDay() == 1 && sameYear:
		return from.Format("2006")
	case from.YearDay() == 1 && to.YearDay() == 1:
		return from.Format("2006") + dash + last.Format("2006")
	case from.Day() == 1 && to.Equal(from.AddDate(0, 1, 0)):
		return month(from, locale) + from.Format(" 2006")
	case !from.Before(last):
		return dateInWords(from, locale)
	case sameYear && from.Month() == last.Month():
		return from.Format("2") + dash + dateInWords(last, locale)
	case sameYear:
		return from.Format("2 ") + month(from, locale) + dash + dateInWords(last, locale)
	}
	return dateInWords(from, locale) + dash + dateInWords(last, locale)
}

// dash stays with what it follows: a no-break space, then an en dash.
const dash = "\u00a0– "

func dateInWords(d time.Time, locale string) string {
	return d.Format("2 ") + month(d, locale) + d.Format(" 2006")
}

func month(d time.Time, locale string) string {
	if locale != "tr" {
		return d.Format("January")
	}
	return [...]string{
		"Ocak", "Şubat", "Mart", "Nisan", "Mayıs", "Haziran",
		"Temmuz", "Ağustos", "Eylül", "Ekim", "Kasım", "Aralık",
	}[d.Month()-1]
}
