package compose

import (
	"errors"
	"fmt"

	"peyk/internal/provider/engine/definition"
	"peyk/internal/provider/engine/gather"
	"peyk/internal/provider/engine/tabulate"
)

// Check holds the layout against the columns its queries give, with or without
// rows. The error has every column that is missing.
func (o Order) Check(g gather.Result) error {
	a := answersOf(o.Report, g)
	var errs []error
	need := func(of string, rows gather.Table, names ...string) {
		for _, name := range names {
			if name != "" {
				_, err := place(rows.Columns, name, of)
				errs = append(errs, err)
			}
		}
	}
	for i, f := range o.Report.Figures {
		of := fmt.Sprintf("figure %q", f.Title.In(o.Locale))
		need(of, a.figures[i], columnsIn(f.Note)...)
	}
	for i, c := range o.Report.Charts {
		of := fmt.Sprintf("chart %q", c.Title.In(o.Locale))
		need(of, a.charts[i], c.Label, c.Value, c.Series)
		need(of+" (finding)", a.findings[i], columnsIn(c.Title)...)
	}
	for i, t := range o.Report.Tables {
		_, err := tabulate.Make(t, tabulate.Rows{Columns: a.tables[i].Columns}, tabulate.Options{Language: o.Language(), Locale: o.Locale})
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// columnsIn are the columns the slots of a text name.
func columnsIn(w definition.Words) (all []string) {
	for _, text := range []string{w.EN, w.TR} {
		for _, s := range definition.Slots(text) {
			all = append(all, definition.SlotOf(s).Column)
		}
	}
	return all
}
