package compose

import (
	"fmt"
	"strings"

	"peyk/internal/provider/engine/definition"
	"peyk/internal/provider/engine/gather"
	"peyk/internal/provider/engine/lang"
	"peyk/internal/provider/engine/tabulate"
)

// fill writes the first row of rows into the slots of a text.
func fill(text string, rows gather.Table, l lang.Language, of string) (string, error) {
	var failed error
	filled := definition.FillSlots(text, func(s definition.Slot) string {
		at, err := place(rows.Columns, s.Column, of)
		if err != nil {
			failed = err
			return ""
		}
		if len(rows.Rows) == 0 {
			return tabulate.Absent
		}
		text, err := slotText(rows.Rows[0][at], s.Format, l)
		if err != nil {
			failed = fmt.Errorf("%s: slot %s: %w", of, s.Column, err)
		}
		return text
	})
	return filled, failed
}

// slotText writes a value as running text has it: a number that comes without
// a format is whole where it can be.
func slotText(v any, f definition.Format, l lang.Language) (string, error) {
	look := definition.Look{Format: f, Unit: 1}
	switch f {
	case definition.FormatDecimal:
		look.Digits = 2
	case definition.FormatPercent:
		look.Digits = 1
	}
	if _, whole := v.(int64); whole && f == "" {
		look.Format = definition.FormatInteger
	}
	if look.Format == "" {
		look.Format = definition.FormatText
	}
	cell, err := tabulate.Cell(look.Format, v)
	if err != nil {
		return "", err
	}
	return tabulate.Text(cell, look, l), nil
}

// axisLabel is a label of a chart as people read it: 2025-01-31 and 2025-01 are
// a day and a month.
func axisLabel(label string, l lang.Language) string {
	if text, ok := l.AxisDate(label); ok {
		return text
	}
	return strings.TrimSpace(label)
}
