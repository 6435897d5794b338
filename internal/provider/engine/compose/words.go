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
			failed = unfit(of, fmt.Errorf("slot %s: %w", s.Column, err))
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

// axisLabels are the labels of a chart as people read them: 2025-01-31 and
// 2025-01 are a day and a month.
func axisLabels(labels []string, l lang.Language) []string {
	years := map[string]bool{}
	for _, label := range labels {
		if _, isDate := l.AxisDate(label, false); isDate {
			years[label[:4]] = true
		}
	}
	all := make([]string, len(labels))
	for i, label := range labels {
		text, isDate := l.AxisDate(label, len(years) > 1)
		if all[i] = text; !isDate {
			all[i] = strings.TrimSpace(label)
		}
	}
	return all
}
