package engine

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"peyk/internal/provider/engine/definition"
	"peyk/internal/provider/engine/gather"
	"peyk/internal/report"
)

// priced is an estimator that knows one answer.
type priced struct {
	rows int64
	err  error
}

func (p priced) Estimate(context.Context, gather.Job) (int64, error) {
	return p.rows, p.err
}

func TestAudit(t *testing.T) {
	t.Parallel()
	good := Job{
		GUID: "g", Type: "sales.v1", Parameters: map[string]json.RawMessage{}, Formats: []string{"pdf"},
		Locale: "tr", TimeZone: "Europe/Istanbul", AsOf: time.Unix(1_800_000_000, 0),
	}
	down := errors.New("connection refused")
	for what, c := range map[string]struct {
		estimator estimator
		change    func(*Job)
		code      string // of a refusal
		err       error  // that is none
	}{
		"no estimator":     {},
		"at the cap":       {estimator: priced{rows: 1_000}},
		"above the cap":    {estimator: priced{rows: 1_001}, code: "too-expensive"},
		"unknown cost":     {estimator: priced{err: down}, err: down},
		"unknown type":     {estimator: priced{}, change: func(j *Job) { j.Type = "x" }, code: "report-type-unknown"},
		"unknown format":   {change: func(j *Job) { j.Formats = []string{"doc"} }, code: "format-unsupported"},
		"unknown language": {change: func(j *Job) { j.Locale = "xx" }, code: "locale-unsupported"},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			e := &Engine{
				config: Config{CostCap: 1_000, RowCap: 7}, estimator: c.estimator,
				reports: map[string]*definition.Report{"sales.v1": {ID: "sales.v1"}},
			}
			job := good
			if c.change != nil {
				c.change(&job)
			}
			err := e.Audit(t.Context(), job)
			refused := new(report.Error)
			switch {
			case c.err != nil:
				if !errors.Is(err, c.err) || errors.As(err, &refused) {
					t.Errorf("Audit: %v, want %v, which refuses nothing", err, c.err)
				}
			case c.code == "":
				if err != nil {
					t.Errorf("Audit: %v", err)
				}
			case !errors.As(err, &refused) || refused.Class != report.Permanent || refused.Code != c.code || refused.Sentence == "":
				t.Errorf("Audit: %+v, want a refusal with %s", err, c.code)
			}
			if c.code == "too-expensive" && (!strings.Contains(refused.Sentence, "1001") || !strings.Contains(refused.Sentence, "1000")) {
				t.Errorf("the refusal says %q: not both numbers", refused.Sentence)
			}
		})
	}
}
