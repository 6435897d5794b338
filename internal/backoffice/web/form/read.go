package form

import (
	"encoding/json"
	"errors"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"peyk/internal/backoffice/web/words"
	"peyk/internal/protocol"
	"peyk/internal/report"
)

// Read turns what was filled in into the parameters of a request. A field left
// empty is left out: the type's default stands. With problems there are no
// parameters.
func Read(t protocol.ReportType, w *words.Words, values url.Values) (map[string]json.RawMessage, Problems) {
	params, problems := map[string]json.RawMessage{}, Problems{}
	for _, p := range t.Parameters {
		v, err := readOne(p, w, values)
		switch {
		case err != nil:
			problems[Key(p.Name)] = err.Error()
		case v != nil:
			raw, err := json.Marshal(v)
			if err != nil {
				problems[Key(p.Name)] = err.Error()
			}
			params[p.Name] = raw
		case p.Required && len(p.Default) == 0:
			problems[Key(p.Name)] = w.Say("problem.needed")
		}
	}
	if utf8.RuneCountInString(values.Get(Note)) > report.MaxNote {
		problems[Note] = w.Count("problem.too-long", report.MaxNote)
	}
	if len(t.Formats) > 0 && len(values[Formats]) == 0 {
		problems[Formats] = w.Say("problem.format")
	}
	if len(problems) > 0 {
		return nil, problems
	}
	return params, nil
}

// readOne gives a field's value, or nil if it was left empty.
func readOne(p protocol.Parameter, w *words.Words, values url.Values) (any, error) {
	key := Key(p.Name)
	text := strings.TrimSpace(values.Get(key))
	switch p.Type {
	case protocol.DateRange:
		return readRange(p, w, values)
	case protocol.Boolean:
		return text == "true", nil
	case protocol.Choices:
		return values[key], nil
	}
	if text == "" {
		return nil, nil
	}
	switch p.Type {
	case protocol.Integer:
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return nil, errors.New(w.Say("problem.integer"))
		}
		return n, within(p, w, float64(n))
	case protocol.Number:
		n, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return nil, errors.New(w.Say("problem.number"))
		}
		return n, within(p, w, n)
	case protocol.Date:
		if _, err := time.Parse(time.DateOnly, text); err != nil {
			return nil, errors.New(w.Say("problem.date"))
		}
		return text, nil
	}
	if p.MaxLength > 0 && len([]rune(text)) > p.MaxLength {
		return nil, errors.New(w.Count("problem.too-long", p.MaxLength))
	}
	return text, nil
}

func within(p protocol.Parameter, w *words.Words, n float64) error {
	if p.Min != nil && n < *p.Min || p.Max != nil && n > *p.Max {
		_, _, hint := limits(p, w)
		if hint == "" {
			hint = w.Say("form.at-least", "Min", w.Decimal(*p.Min, 6))
		}
		return errors.New(hint)
	}
	return nil
}

func readRange(p protocol.Parameter, w *words.Words, values url.Values) (any, error) {
	key := Key(p.Name)
	preset, first, last := values.Get(key), values.Get(key+".from"), values.Get(key+".to")
	if preset != "" && preset != Custom {
		return map[string]string{"preset": preset}, nil
	}
	if first == "" && last == "" && preset != Custom {
		return nil, nil
	}
	from, err1 := time.Parse(time.DateOnly, first)
	to, err2 := time.Parse(time.DateOnly, last)
	switch {
	case err1 != nil || err2 != nil:
		return nil, errors.New(w.Say("problem.two-days"))
	case to.Before(from):
		return nil, errors.New(w.Say("problem.days-order"))
	}
	return protocol.DateRangeValue{From: first, To: to.AddDate(0, 0, 1).Format(time.DateOnly)}, nil
}

// plain writes a number the way an input element reads it.
func plain(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }
