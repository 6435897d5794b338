package compose

import (
	"fmt"

	"peyk/internal/provider/engine/definition"
	"peyk/internal/provider/engine/gather"
	"peyk/internal/provider/engine/lang"
	"peyk/internal/provider/engine/render"
	"peyk/internal/provider/engine/tabulate"
)

func (o Order) figures(rows []gather.Table) ([]render.Figure, error) {
	l := o.Language()
	var all []render.Figure
	for i, f := range o.Report.Figures {
		title := f.Title.In(o.Locale)
		note, err := fill(f.Note.In(o.Locale), rows[i], l, fmt.Sprintf("figure %q", title))
		if err != nil {
			return nil, err
		}
		figure := render.Figure{Label: title, Number: tabulate.Absent, Note: note}
		if len(rows[i].Rows) > 0 && len(rows[i].Columns) > 0 {
			v, err := tabulate.Cell(f.Format, rows[i].Rows[0][0])
			if err != nil {
				return nil, unfit(fmt.Sprintf("figure %q", title), err)
			}
			figure.Number, figure.Unit = large(v, f.Look, l)
		}
		all = append(all, figure)
	}
	return all, nil
}

// large writes a value as one of the large figures: from a million on in
// millions, with one digit.
func large(v any, look definition.Look, l lang.Language) (number, unit string) {
	f, numeric := float(v)
	if !numeric || look.Format == definition.FormatPercent {
		return tabulate.Text(v, look, l), ""
	}
	if scale := lang.ScaleOf(f, lang.Million); scale > lang.One {
		look.Unit, look.Digits = int(scale), 1
		if look.Format == definition.FormatInteger {
			look.Format = definition.FormatDecimal
		}
		return tabulate.Text(v, look, l), l.Scale(scale)
	}
	return tabulate.Text(v, look, l), ""
}

func float(v any) (float64, bool) {
	switch v := v.(type) {
	case int64:
		return float64(v), true
	case float64:
		return v, true
	}
	return 0, false
}
