package gather

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"peyk/internal/provider/engine/definition"
	"peyk/internal/provider/engine/query"
	"peyk/internal/report"
)

// Job is what to gather.
type Job struct {
	Sources  []definition.Source
	Combine  query.Query
	Values   map[query.Placeholder]any
	AsOf     time.Time      // when the reading began
	RowCap   int            // most rows of one source
	TableCap int            // most rows of the combined table
	TempDir  string         // where the workbench lies; "": in memory
	Progress func(done int) // told how many sources are read; one call at a time
}

// Table is the combined result.
type Table struct {
	Columns []string
	Rows    [][]any // int64, float64, string, []byte or nil
}

// Gather reads all sources and combines them. The sources come back in the
// order of the job, read to their end; on an error there is nothing.
func (p *Places) Gather(ctx context.Context, job Job) (_ Table, _ []report.Source, err error) {
	bench, err := openBench(ctx, job.TempDir)
	if err != nil {
		return Table{}, nil, err
	}
	defer func() { err = errors.Join(err, bench.close()) }()
	read, err := p.fill(ctx, job, bench)
	if err != nil {
		return Table{}, nil, interrupted(ctx, err)
	}
	table, err := bench.combine(ctx, job)
	return table, read, interrupted(ctx, err)
}

// batch is some rows of one source on their way into the workbench.
type batch struct {
	source  int
	columns []column
	values  []any // row after row
}

// fill has every source read by a goroutine of its own, and written by one.
func (p *Places) fill(ctx context.Context, job Job, bench *bench) ([]report.Source, error) {
	all, ctx := errgroup.WithContext(ctx)
	batches := make(chan batch, len(job.Sources))
	read := make([]report.Source, len(job.Sources))
	tell := counter(job.Progress)
	all.Go(func() error {
		defer close(batches)
		readers, ctx := errgroup.WithContext(ctx)
		for i, s := range job.Sources {
			readers.Go(func() error {
				r := &reader{source: i, name: s.Name, cap: job.RowCap, to: batches, done: ctx.Done()}
				asOf, err := p.read(ctx, s, job, r)
				read[i] = report.Source{Name: s.Name, State: report.SourceComplete, Rows: r.rows, AsOf: asOf}
				if err == nil {
					tell()
				}
				return err
			})
		}
		return readers.Wait()
	})
	all.Go(func() error { return bench.load(ctx, job, batches) })
	return read, all.Wait()
}

// counter calls progress with 1, 2, 3, …
func counter(progress func(done int)) func() {
	var mu sync.Mutex
	done := 0
	return func() {
		mu.Lock()
		defer mu.Unlock()
		if done++; progress != nil {
			progress(done)
		}
	}
}

// read one source; asOf is the moment its content is of.
func (p *Places) read(ctx context.Context, s definition.Source, job Job, to *reader) (asOf time.Time, err error) {
	if s.File != "" {
		return p.readFile(s, to)
	}
	db, ok := p.databases[s.Database]
	if !ok {
		return time.Time{}, fmt.Errorf("read source %s: no database %q", s.Name, s.Database)
	}
	return job.AsOf, readDatabase(ctx, db, s, job.Values, to)
}
