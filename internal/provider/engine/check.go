package engine

import (
	"context"
	"fmt"
	"slices"
	"time"

	"peyk/internal/provider/engine/compose"
	"peyk/internal/provider/engine/definition"
)

// Check tries a report type without reading data: every query is run over no
// rows, so that a table or column that does not exist is found before anybody
// asks for the report. Files are read.
func (e *Engine) Check(ctx context.Context, id string) error {
	r, err := e.reportType(id)
	if err != nil {
		return err
	}
	values := map[string]definition.Value{}
	for _, p := range r.Parameters {
		values[p.Name] = p.Sample()
	}
	for _, locale := range []string{"en", "tr"} {
		o := compose.Order{Report: r, Values: values, Locale: locale, Location: time.UTC, PageRows: 1}
		job, err := e.gathering(Job{}, o)
		if err != nil {
			return err
		}
		job.Sources = slices.Clone(job.Sources)
		for i, s := range job.Sources {
			if s.File == "" {
				job.Sources[i].Query = s.Query.Empty()
			}
		}
		g, err := e.places.Gather(ctx, job)
		if err != nil {
			return fmt.Errorf("check %s: %w", id, err)
		}
		if err := o.Check(g); err != nil {
			return fmt.Errorf("check %s: %w", id, err)
		}
	}
	return nil
}
