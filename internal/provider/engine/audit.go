package engine

import (
	"context"
	"fmt"

	"peyk/internal/provider/engine/definition"
	"peyk/internal/provider/engine/gather"
)

// DefaultCostCap is the most rows a report may be estimated to read, where the
// configuration has none.
const DefaultCostCap = 100_000_000

// estimator tells how many rows a job would make its sources read, without
// reading them.
type estimator interface {
	Estimate(ctx context.Context, job gather.Job) (rows int64, err error)
}

// Audit says whether a job may run, right before it would: it must still fit
// the report, and may not cost the sources more than the cap. A *report.Error of
// class Permanent refuses it; any other error means that the cost could not be
// had, and nothing may run.
func (e *Engine) Audit(ctx context.Context, job Job) error {
	order, err := e.check(job)
	if err != nil || e.estimator == nil {
		return err
	}
	rows, err := e.estimator.Estimate(ctx, gather.Job{
		Sources: order.report.Sources, Combine: order.report.Combine,
		Values: definition.Bindings(order.report.Parameters, order.values),
		AsOf:   job.AsOf, RowCap: e.config.RowCap, TableCap: e.config.TableCap, TempDir: e.config.TempDir,
		Progress: func(int) {},
	})
	if err != nil {
		return fmt.Errorf("estimate the cost of report %s: %w", job.GUID, err)
	}
	if rows > e.config.CostCap {
		return refuse("too-expensive", "The report would read about %d rows; at most %d are allowed. Ask for less.", rows, e.config.CostCap)
	}
	return nil
}
