package tabulate

import (
	"fmt"
	"math"
	"strconv"
	"time"

	"peyk/internal/provider/engine/definition"
	"peyk/internal/provider/engine/lang"
)

// Absent stands for a value that is not there.
const Absent = "–"

// Label is a value as a name: of a column, a bar, a choice.
func Label(v any) string {
	switch v := plain(v).(type) {
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case nil:
		return Absent
	default:
		return fmt.Sprint(v)
	}
}

// Text of every cell of the row, as a reader of the language reads it.
func (r Row) Text(columns []Column, l lang.Language) []string {
	all := make([]string, len(r.Cells))
	for i, v := range r.Cells {
		look := columns[i].Look
		switch {
		case v == nil && r.Kind == Body:
			all[i] = Absent
		case v == nil:
		case r.Kind == Count || r.Kind == Subtotal && columns[i].Total == definition.Count:
			all[i] = Text(v, definition.Look{Format: definition.FormatInteger}, l)
		case r.Kind == Shares:
			all[i] = Text(v, definition.Look{Format: definition.FormatPercent, Digits: 1, Unit: 1}, l)
		case columns[i].Total == definition.Avg && look.Format == definition.FormatInteger && r.Kind != Body:
			all[i] = average(v, look, l)
		default:
			all[i] = Text(v, look, l)
		}
	}
	return all
}

// average of whole numbers has a digit after the decimal sign, unless it is
// whole itself.
func average(v any, look definition.Look, l lang.Language) string {
	if _, fraction := v.(float64); fraction {
		look.Format, look.Digits = definition.FormatDecimal, 1
	}
	return Text(v, look, l)
}

// Text writes one value in the look of its column.
func Text(v any, look definition.Look, l lang.Language) string {
	switch v := v.(type) {
	case nil:
		return Absent
	case string:
		return v
	case time.Time:
		return l.ShortDate(v)
	case int64:
		if look.Unit <= 1 && look.Format == definition.FormatInteger {
			return l.Integer(v)
		}
		if !look.Format.Numeric() {
			return strconv.FormatInt(v, 10) // an id, perhaps: no grouping
		}
		return figure(float64(v), look, l)
	case float64:
		if !look.Format.Numeric() {
			return l.Decimal(v, decimals(v))
		}
		return figure(v, look, l)
	}
	return fmt.Sprint(v)
}

func figure(v float64, look definition.Look, l lang.Language) string {
	if look.Unit > 1 {
		v /= float64(look.Unit)
	}
	switch look.Format {
	case definition.FormatPercent:
		return l.Percent(v, look.Digits)
	case definition.FormatMoney:
		return l.Money(v, look.Currency, look.Digits)
	}
	return l.Decimal(v, look.Digits)
}

// decimals is how many digits v needs after the decimal sign, six at most.
func decimals(v float64) int {
	for digits, scale := 0, 1.0; digits < 6; digits, scale = digits+1, scale*10 {
		if scaled := v * scale; math.Abs(scaled-math.Round(scaled)) < 1e-9*math.Max(1, math.Abs(scaled)) {
			return digits
		}
	}
	return 6
}
