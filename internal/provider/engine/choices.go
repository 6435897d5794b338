package engine

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"peyk/internal/provider/engine/definition"
	"peyk/internal/provider/engine/gather"
	"peyk/internal/provider/engine/query"
	"peyk/internal/provider/engine/tabulate"
	"peyk/internal/report"
)

// mostChoices of a query: more no form can show.
const mostChoices = 2_000

// offer is what can be asked for at a moment: the types, with the choices their
// queries gave.
type offer struct {
	reports map[string]*definition.Report
	catalog Catalog
}

// Refresh reads the choices that come from queries anew. Where one cannot be
// read the old choices stay; the error has all of them. A type's version does
// not change with its choices.
func (e *Engine) Refresh(ctx context.Context) error {
	var errs []error
	old := e.offer.Load()
	fresh := &offer{reports: maps.Clone(old.reports)}
	for id, r := range old.reports {
		with := *r
		with.Parameters = slices.Clone(r.Parameters)
		for i, p := range with.Parameters {
			if p.From == nil {
				continue
			}
			choices, err := e.choices(ctx, p)
			if errs = append(errs, err); err == nil {
				with.Parameters[i].Choices = choices
			}
		}
		fresh.reports[id] = &with
	}
	var err error
	if fresh.catalog, err = catalogOf(fresh.reports); err != nil {
		return errors.Join(append(errs, err)...)
	}
	e.offer.Store(fresh)
	return errors.Join(errs...)
}

// choices runs the query of a parameter.
func (e *Engine) choices(ctx context.Context, p definition.Parameter) ([]definition.Option, error) {
	all, err := query.Parse("select * from choices")
	if err != nil {
		return nil, err
	}
	g, err := e.places.Gather(ctx, gather.Job{
		Sources: []definition.Source{{Name: "choices", Title: p.Title, Database: p.From.Database, Query: p.From.Query}},
		Combine: all, RowCap: mostChoices, TableCap: mostChoices, TempDir: e.config.TempDir,
	})
	if err != nil {
		return nil, fmt.Errorf("read the choices of %s: %w", p.Name, err)
	}
	options := make([]definition.Option, 0, len(g.Table.Rows))
	for _, row := range g.Table.Rows {
		if row[0] == nil {
			continue
		}
		o := definition.Option{Value: tabulate.Label(row[0])}
		o.Title = report.Text{EN: titleIn(g.Table, row, "en"), TR: titleIn(g.Table, row, "tr")}
		if o.Title == (report.Text{}) {
			o.Title.EN = o.Value
		}
		if !slices.ContainsFunc(options, func(other definition.Option) bool { return other.Value == o.Value }) {
			options = append(options, o)
		}
	}
	return options, nil
}

func titleIn(t gather.Table, row []any, locale string) string {
	if i := slices.Index(t.Columns, locale); i >= 0 && row[i] != nil {
		return tabulate.Label(row[i])
	}
	return ""
}
