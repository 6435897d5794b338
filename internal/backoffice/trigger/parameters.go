package trigger

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"peyk/internal/protocol"
)

// day is how a date travels (ISO 8601).
const day = time.DateOnly

// resolveParameters turns the answers of a form into what will run: defaults
// filled in, presets made dates, strings of a command line made numbers.
func resolveParameters(kind protocol.ReportType, given map[string]json.RawMessage, now time.Time) (map[string]json.RawMessage, []protocol.ProblemDetail) {
	values := make(map[string]json.RawMessage, len(kind.Parameters))
	var bad []protocol.ProblemDetail
	refuse := func(name, detail string) {
		bad = append(bad, protocol.ProblemDetail{Pointer: "/parameters/" + name, Detail: detail})
	}
	for _, p := range kind.Parameters {
		raw, found := given[p.Name]
		if !found || string(raw) == "null" || string(raw) == `""` && p.Type != protocol.Text {
			raw = p.Default
		}
		if len(raw) == 0 {
			if p.Required {
				refuse(p.Name, "is needed")
			}
			continue
		}
		v, err := resolveOne(p, raw, now)
		if err != nil {
			refuse(p.Name, err.Error())
			continue
		}
		values[p.Name] = v
	}
	for name := range given {
		if _, known := kind.Find(name); !known {
			refuse(name, "is no parameter of this report")
		}
	}
	slices.SortFunc(bad, func(a, b protocol.ProblemDetail) int { return strings.Compare(a.Pointer, b.Pointer) })
	return values, bad
}

func resolveOne(p protocol.Parameter, raw json.RawMessage, now time.Time) (json.RawMessage, error) {
	text, isText := asText(raw)
	switch p.Type {
	case protocol.DateRange:
		return resolveRange(p, raw, text, now)
	case protocol.Date:
		return resolveDate(text, now)
	case protocol.Integer, protocol.Number:
		if !isText {
			text = string(raw)
		}
		return resolveNumber(p, text)
	case protocol.Boolean:
		if !isText {
			text = string(raw)
		}
		b, err := strconv.ParseBool(text)
		if err != nil {
			return nil, errors.New("is true or false")
		}
		return json.Marshal(b)
	case protocol.Choice:
		return resolveChoice(p, text)
	case protocol.Choices:
		return resolveChoices(p, raw, text)
	}
	return resolveText(p, text, isText)
}

// asText unwraps a JSON string.
func asText(raw json.RawMessage) (string, bool) {
	var s string
	if err := json.Unmarshal(raw, &s); err != nil {
		return "", false
	}
	return strings.TrimSpace(s), true
}

func resolveText(p protocol.Parameter, text string, isText bool) (json.RawMessage, error) {
	if !isText {
		return nil, errors.New("is a text")
	}
	if p.Required && text == "" {
		return nil, errors.New("is needed")
	}
	if most := p.MaxLength; most > 0 && len([]rune(text)) > most {
		return nil, fmt.Errorf("may have %d characters", most)
	}
	return json.Marshal(text)
}

func resolveNumber(p protocol.Parameter, text string) (json.RawMessage, error) {
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
		return nil, errors.New("is a number")
	}
	if p.Type == protocol.Integer {
		if _, err := strconv.ParseInt(text, 10, 64); err != nil {
			return nil, errors.New("is a whole number")
		}
	}
	if p.Min != nil && v < *p.Min || p.Max != nil && v > *p.Max {
		return nil, errors.New(limits(p))
	}
	if p.Type == protocol.Integer {
		n, _ := strconv.ParseInt(text, 10, 64) // parsed above
		return json.Marshal(n)
	}
	return json.Marshal(v)
}

func limits(p protocol.Parameter) string {
	number := func(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }
	switch {
	case p.Max == nil:
		return "is at least " + number(*p.Min)
	case p.Min == nil:
		return "is at most " + number(*p.Max)
	}
	return fmt.Sprintf("is between %s and %s", number(*p.Min), number(*p.Max))
}

func resolveChoice(p protocol.Parameter, text string) (json.RawMessage, error) {
	for _, c := range p.Choices {
		if c.Value == text {
			return json.Marshal(text)
		}
	}
	return nil, errors.New("is none of the choices")
}

func resolveChoices(p protocol.Parameter, raw json.RawMessage, text string) (json.RawMessage, error) {
	var many []string
	if err := json.Unmarshal(raw, &many); err != nil {
		many = strings.Split(text, ",")
	}
	if p.Required && len(many) == 0 {
		return nil, errors.New("is needed")
	}
	for i := range many {
		many[i] = strings.TrimSpace(many[i])
		if _, err := resolveChoice(p, many[i]); err != nil {
			return nil, err
		}
	}
	return json.Marshal(many)
}

func resolveDate(text string, now time.Time) (json.RawMessage, error) {
	if from, _, ok := protocol.Period(text, now); ok {
		return json.Marshal(from.Format(day))
	}
	d, err := time.Parse(day, text)
	if err != nil {
		return nil, errors.New("is a day like 2026-01-31")
	}
	return json.Marshal(d.Format(day))
}

// resolveRange understands a preset's name, {"preset": …}, {"from", "to"} with
// to exclusive, and a command line's 2026-01-01..2026-01-31, both days in.
func resolveRange(p protocol.Parameter, raw json.RawMessage, text string, now time.Time) (json.RawMessage, error) {
	var in struct{ Preset, From, To string }
	if text == "" && json.Unmarshal(raw, &in) != nil {
		return nil, errors.New("is a preset or two days")
	}
	if name := cmp.Or(in.Preset, text); name != "" && !strings.Contains(name, "..") {
		if len(p.Presets) > 0 && !slices.Contains(p.Presets, name) {
			return nil, fmt.Errorf("is one of %s, or two days like 2026-01-01..2026-01-31", strings.Join(p.Presets, ", "))
		}
		from, to, known := protocol.Period(name, now)
		if !known {
			return nil, fmt.Errorf("%q is no period we know", name)
		}
		return marshalRange(from, to)
	}
	if first, last, found := strings.Cut(text, ".."); found {
		end, err := time.Parse(day, last)
		if err != nil {
			return nil, errors.New("is two days like 2026-01-01..2026-01-31")
		}
		in.From, in.To = first, end.AddDate(0, 0, 1).Format(day)
	}
	from, err1 := time.Parse(day, in.From)
	to, err2 := time.Parse(day, in.To)
	if err1 != nil || err2 != nil {
		return nil, errors.New("is two days like 2026-01-01..2026-01-31")
	}
	if !from.Before(to) {
		return nil, errors.New("ends before it begins")
	}
	return marshalRange(from, to)
}

func marshalRange(from, to time.Time) (json.RawMessage, error) {
	return json.Marshal(protocol.DateRangeValue{From: from.Format(day), To: to.Format(day)})
}
