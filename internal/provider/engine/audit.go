package engine

import (
	"context"
	"fmt"

	"peyk/internal/report"
)

// DefaultCostCap is the most rows a report may be estimated to read, where the
// configuration has none.
const DefaultCostCap = 100_000_000

// Audit says whether a job may run, right before it would: it must still fit
// the report, and may not cost the sources more than the cap. A *report.Error of
// class Permanent refuses it; any other error means that the cost could not be
// had, for a source is away, and nothing may run.
func (e *Engine) Audit(ctx context.Context, job Job) error {
	order, err := e.check(job)
	if err != nil {
		return err
	}
	g, err := e.gathering(job, order)
	if err != nil {
		return &report.Error{Class: report.Permanent, Code: "expression-rejected", Cause: err, Sentence: "The conditions do not fit the report."}
	}
	rows, err := e.places.Estimate(ctx, g)
	switch {
	case err != nil && report.ClassOf(err) == report.Permanent:
		return nil // SQL that does not run is not the requester's fault: the run says so, and fails
	case err != nil:
		return fmt.Errorf("estimate the cost of report %s: %w", job.GUID, err)
	case rows > e.config.CostCap:
		return refuse("too-expensive", "By the estimate of its sources the report goes through about %d rows; at most %d are allowed. Ask for less.", rows, e.config.CostCap)
	}
	return nil
}
