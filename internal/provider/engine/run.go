package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"peyk/internal/provider/engine/compose"
	"peyk/internal/provider/engine/definition"
	"peyk/internal/provider/engine/gather"
	"peyk/internal/provider/engine/lang"
	"peyk/internal/report"
)

// Job is one report to make.
type Job struct {
	GUID        string
	Generation  int
	Type        string
	Parameters  map[string]json.RawMessage
	Locale      string // of the document: tr or en
	TimeZone    string // IANA name; times in the document are of it
	RequestedBy string
	RequestedAt time.Time // also the document's creation date
	AsOf        time.Time // now: when the databases are read
	Formats     []string
	MaxBytes    int64 // of each document; 0: any
}

// Document is one finished file.
type Document struct {
	report.File
	Bytes []byte
}

// Result is a finished report.
type Result struct {
	Documents []Document
	Sources   []report.Source
}

// Stage says what is being done.
type Stage string

// The stages of a job, in their order.
const (
	Gathering Stage = "gathering"
	Combining Stage = "combining"
	Rendering Stage = "rendering"
	Finished  Stage = "finished"
)

// Progress is told how far a job is: done of total steps, which are its
// sources, their combining and the rendering. One call at a time, from any
// goroutine; it returns soon.
type Progress func(done, total int, stage string)

// Run makes the report. The error is a *report.Error, or wraps the context's.
func (e *Engine) Run(ctx context.Context, job Job, progress Progress) (Result, error) {
	order, err := e.check(job)
	if err != nil {
		return Result{}, err
	}
	read := len(order.Report.Sources)
	steps := read + 2
	progress(0, steps, string(Gathering))
	gathered, err := e.gather(ctx, job, order, func(done int) {
		if progress(done, steps, string(Gathering)); done == read {
			progress(done, steps, string(Combining))
		}
	})
	if err != nil {
		return Result{}, fmt.Errorf("make report %s: %w", job.GUID, err)
	}
	progress(read+1, steps, string(Rendering))
	documents, err := e.documents(ctx, job, order, gathered)
	if err != nil {
		return Result{}, fmt.Errorf("make report %s: %w", job.GUID, err)
	}
	progress(steps, steps, string(Finished))
	return Result{Documents: documents, Sources: gathered.Sources}, nil
}

// gather the rows of an order, or take those another request for the same just
// had gathered.
func (e *Engine) gather(ctx context.Context, job Job, o compose.Order, tell func(done int)) (gather.Result, error) {
	g, err := e.gathering(job, o)
	if err != nil {
		return gather.Result{}, err
	}
	return e.shelf.Do(ctx, keyOf(o), job.AsOf, o.Report.Cache, func(ctx context.Context, tell func(int)) (gather.Result, error) {
		own := g
		own.Progress = tell
		return e.places.Gather(ctx, own)
	}, tell)
}

func (e *Engine) gathering(job Job, o compose.Order) (gather.Job, error) {
	r, err := o.Report.Expand(o.Values)
	if err != nil {
		return gather.Job{}, fmt.Errorf("gather %s: %w", o.Report.ID, err)
	}
	return gather.Job{
		Sources: r.Sources, Combine: r.Combine, Queries: compose.Queries(r),
		Values: definition.Bindings(o.Report.Parameters, o.Values, o.Locale), Locale: o.Locale,
		AsOf: job.AsOf, RowCap: e.config.RowCap, TableCap: e.config.TableCap, TempDir: e.config.TempDir, Memory: e.config.Memory,
	}, nil
}

// keyOf is the same for orders whose rows are the same: of the same type in
// the same version, with the same values, for readers of the same language.
// All requests of a provider see the same rows: there are no scopes.
func keyOf(o compose.Order) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s %s", o.Report.ID, o.Report.Version, o.Locale)
	for _, p := range o.Report.Parameters {
		fmt.Fprintf(&b, " %s=%q", p.Name, fmt.Sprint(o.Values[p.Name]))
	}
	return b.String()
}

// check makes an order of a job that can be carried out.
func (e *Engine) check(job Job) (compose.Order, error) {
	r, err := e.reportType(job.Type)
	if err != nil {
		return compose.Order{}, err
	}
	vs, err := values(r, job.Parameters)
	if err != nil {
		return compose.Order{}, err
	}
	for i, f := range job.Formats {
		if slices.Contains(job.Formats[:i], f) {
			return compose.Order{}, refuse("format-unsupported", "The format %q is asked for twice.", f)
		}
		if !slices.Contains(r.Formats, f) {
			return compose.Order{}, refuse("format-unsupported", "The report cannot be had as %q, only as %s.", f, strings.Join(r.Formats, ", "))
		}
	}
	if !lang.Known(job.Locale) {
		return compose.Order{}, refuse("locale-unsupported", "Documents are written in tr or en, not in %q.", job.Locale)
	}
	location, err := time.LoadLocation(job.TimeZone)
	if err != nil || job.TimeZone == "" {
		return compose.Order{}, refuse("time-zone-unknown", "There is no time zone %q.", job.TimeZone)
	}
	formats := job.Formats
	if len(formats) == 0 {
		formats = r.Formats[:1]
	}
	return compose.Order{
		Report: r, Values: vs, GUID: job.GUID, Company: e.config.Company,
		RequestedBy: job.RequestedBy, RequestedAt: job.RequestedAt,
		Locale: job.Locale, Location: location, Formats: formats, PageRows: e.config.PageRows,
	}, nil
}

func refuse(code, format string, args ...any) error {
	return &report.Error{Class: report.Permanent, Code: code, Sentence: fmt.Sprintf(format, args...)}
}
