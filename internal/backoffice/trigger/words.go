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

// inWords says the parameters as a person would: the type's own sentence with
// the values in it, or "Title: value" for each.
func inWords(kind protocol.ReportType, values map[string]json.RawMessage) report.Text {
	say := func(locale string) string {
		if s := kind.Sentence.In(locale); s != "" {
			return fill(s, kind, values, locale)
		}
		var parts []string
		for _, p := range kind.Parameters {
			if v, ok := values[p.Name]; ok {
				parts = append(parts, p.Title.In(locale)+": "+valueInWords(p, v, locale))
			}
		}
		return strings.Join(parts, "; ")
	}
	return report.Text{EN: say("en"), TR: say("tr")}
}

// fill puts each value where the sentence names its parameter.
func fill(sentence string, kind protocol.ReportType, values map[string]json.RawMessage, locale string) string {
	var pairs []string
	for _, p := range kind.Parameters {
		pairs = append(pairs, "{"+p.Name+"}", valueInWords(p, values[p.Name], locale))
	}
	return strings.NewReplacer(pairs...).Replace(sentence)
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

// rangeInWords says whole years as the year, all else as first and last day.
func rangeInWords(r protocol.DateRangeValue, locale string) string {
	from, err1 := time.Parse(day, r.From)
	to, err2 := time.Parse(day, r.To)
	if err1 != nil || err2 != nil {
		return r.From + " – " + r.To
	}
	last := to.AddDate(0, 0, -1)
	switch {
	case from.YearDay() == 1 && to.Equal(from.AddDate(1, 0, 0)):
		return from.Format("2006")
	case from.Equal(last):
		return dateInWords(from, locale)
	}
	return dateInWords(from, locale) + " – " + dateInWords(last, locale)
}

func dateInWords(d time.Time, locale string) string {
	if locale == "tr" {
		return d.Format("2 ") + turkishMonth(d.Month()) + d.Format(" 2006")
	}
	return d.Format("2 January 2006")
}

func turkishMonth(m time.Month) string {
	return [...]string{
		"Ocak", "Şubat", "Mart", "Nisan", "Mayıs", "Haziran",
		"Temmuz", "Ağustos", "Eylül", "Ekim", "Kasım", "Aralık",
	}[m-1]
}
