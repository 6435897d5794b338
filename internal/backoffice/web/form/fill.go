package form

import (
	"encoding/json"
	"net/url"
	"strings"
	"time"

	"peyk/internal/protocol"
	"peyk/internal/report"
)

// Fresh is a form nobody has touched: every default in place. locale is the
// reader's, now is in their time zone.
func Fresh(t protocol.ReportType, locale string, now time.Time) url.Values {
	values := url.Values{}
	for _, p := range t.Parameters {
		fill(values, p, p.Default, now)
	}
	if len(t.Formats) > 0 {
		values.Set(Formats, t.Formats[0])
	}
	values.Set(Locale, locale)
	return values
}

// Again is a form filled in as an earlier request was.
func Again(t protocol.ReportType, asked report.Asked, recipients []string, now time.Time) url.Values {
	values := Fresh(t, asked.Locale, now)
	var params map[string]json.RawMessage
	if json.Unmarshal(asked.Parameters, &params) == nil {
		for _, p := range t.Parameters {
			if raw, ok := params[p.Name]; ok {
				fill(values, p, raw, now)
			}
		}
	}
	if len(asked.Formats) > 0 {
		values[Formats] = asked.Formats
	}
	values.Set(Note, asked.Note)
	values.Set(Recipients, strings.Join(recipients, ", "))
	return values
}

// fill puts a parameter's value, or a preset's name, into its fields.
func fill(values url.Values, p protocol.Parameter, raw json.RawMessage, now time.Time) {
	key := Key(p.Name)
	var text string
	isText := json.Unmarshal(raw, &text) == nil
	switch p.Type {
	case protocol.DateRange:
		fillRange(values, p, raw, text)
	case protocol.Date:
		if from, _, ok := protocol.Period(text, now); ok {
			text = from.Format(time.DateOnly)
		}
		values.Set(key, text)
	case protocol.Choices:
		var many []string
		if json.Unmarshal(raw, &many) == nil {
			values[key] = many
		}
	default:
		if !isText {
			text = string(raw)
		}
		values.Set(key, text)
	}
}

func fillRange(values url.Values, p protocol.Parameter, raw json.RawMessage, preset string) {
	key := Key(p.Name)
	var days protocol.DateRangeValue
	if preset != "" || json.Unmarshal(raw, &days) != nil {
		if preset == "" && len(p.Presets) > 0 {
			preset = p.Presets[0]
		}
		values.Set(key, preset)
		return
	}
	values.Set(key, Custom)
	values.Set(key+".from", days.From)
	if end, err := time.Parse(time.DateOnly, days.To); err == nil {
		values.Set(key+".to", end.AddDate(0, 0, -1).Format(time.DateOnly))
	}
}
