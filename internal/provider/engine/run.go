package engine

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"peyk/internal/provider/engine/definition"
	"peyk/internal/provider/engine/gather"
	"peyk/internal/provider/engine/lang"
	"peyk/internal/provider/engine/tabulate"
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
	read := len(order.report.Sources)
	steps := read + 2
	progress(0, steps, string(Gathering))
	gathered, err := e.places.Gather(ctx, gather.Job{
		Sources: order.report.Sources, Combine: order.report.Combine,
		Values: definition.Bindings(order.report.Parameters, order.values), Locale: job.Locale,
		AsOf: job.AsOf, RowCap: e.config.RowCap, TableCap: e.config.TableCap, TempDir: e.config.TempDir, Memory: e.config.Memory,
		Progress: func(done int) {
			if progress(done, steps, string(Gathering)); done == read {
				progress(done, steps, string(Combining))
			}
		},
	})
	if err != nil {
		return Result{}, fmt.Errorf("make report %s: %w", job.GUID, err)
	}
	progress(read+1, steps, string(Rendering))
	doc, err := e.document(order, gathered.Table, gathered.Sources)
	if err != nil {
		return Result{}, fmt.Errorf("make report %s: %w", job.GUID, err)
	}
	progress(steps, steps, string(Finished))
	return Result{Documents: []Document{doc}, Sources: gathered.Sources}, nil
}

// order is a job that has been checked.
type order struct {
	Job
	report   *definition.Report
	values   map[string]definition.Value
	language lang.Language
	location *time.Location
}

func (e *Engine) check(job Job) (order, error) {
	r, err := e.reportType(job.Type)
	if err != nil {
		return order{}, err
	}
	vs, err := values(r, job.Parameters)
	if err != nil {
		return order{}, err
	}
	for _, f := range job.Formats {
		if f != "pdf" {
			return order{}, refuse("format-unsupported", "The report cannot be had as %q, only as pdf.", f)
		}
	}
	if !lang.Known(job.Locale) {
		return order{}, refuse("locale-unsupported", "Documents are written in tr or en, not in %q.", job.Locale)
	}
	location, err := time.LoadLocation(job.TimeZone)
	if err != nil || job.TimeZone == "" {
		return order{}, refuse("time-zone-unknown", "There is no time zone %q.", job.TimeZone)
	}
	return order{job, r, vs, lang.Of(job.Locale), location}, nil
}

func refuse(code, format string, args ...any) error {
	return &report.Error{Class: report.Permanent, Code: code, Sentence: fmt.Sprintf(format, args...)}
}

// document tabulates and sets the one document of an order.
func (e *Engine) document(o order, table gather.Table, sources []report.Source) (Document, error) {
	cells, err := tabulate.Make(o.report.Table.Columns, table.Columns, table.Rows, o.language)
	if err != nil {
		return Document{}, err
	}
	pdf, err := e.renderer.PDF(layout(e.config.Company, o, cells, sources))
	if err != nil {
		return Document{}, err
	}
	if o.MaxBytes > 0 && int64(len(pdf.Bytes)) > o.MaxBytes {
		return Document{}, refuse("document-too-large", "The document has %d bytes; at most %d are wanted. Ask for less.", len(pdf.Bytes), o.MaxBytes)
	}
	sum := sha256.Sum256(pdf.Bytes)
	return Document{Bytes: pdf.Bytes, File: report.File{
		Name: fileName(o), MediaType: "application/pdf", Size: int64(len(pdf.Bytes)),
		SHA256: hex.EncodeToString(sum[:]), Pages: pdf.Pages, Rows: len(cells.Rows),
	}}, nil
}
