package engine

import (
	"context"
	"fmt"
	"time"

	"peyk/internal/report"
)

// DefaultCostCap is the most rows a report may be estimated to read, where the
// configuration has none.
const DefaultCostCap = 100_000_000

// patience is how long a request waits for a source that is away, counted from
// when it was asked for: a server that restarts is back by then, and a person
// should hear of one that is not.
const patience = 15 * time.Minute

// Audit says whether a job may run, right before it would: it must still fit
// the report, and may not cost the sources more than the cap. A *report.Error of
// class Permanent refuses it; any other error means that the cost could not be
// had, for a source is away, and nothing may run. After 15 minutes of that it
// may, to fail with what is wrong.
func (e *Engine) Audit(ctx context.Context, job Job) error {
	order, err := e.check(job)
	if err != nil {
		return err
	}
	g, err := e.gathering(job, order)
	if err != nil {
		return err
	}
	rows, err := e.places.Estimate(ctx, g)
	switch {
	case err != nil && report.ClassOf(err) == report.Permanent:
		return nil // SQL that does not run is not the requester's fault: the run says so, and fails
	case err != nil && job.AsOf.Sub(job.RequestedAt) > patience:
		return nil
	case err != nil:
		return fmt.Errorf("estimate the cost of report %s: %w", job.GUID, err)
	case rows > e.config.CostCap:
		return refuse("too-expensive", "The report would read about %d rows; at most %d are allowed. Ask for less.", rows, e.config.CostCap)
	}
	return nil
}
