package gather

import (
	"context"
	"database/sql/driver"
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
	Queries  []query.Query // run after it, over the sources' tables and its rows, the table result
	Locale   string        // whose order `collate reader` sorts by: tr or en
	Values   map[query.Placeholder]any
	AsOf     time.Time      // when the reading began
	RowCap   int            // most rows of one source
	TableCap int            // most rows of the combined table, and of each answer
	TempDir  string         // where the workbench lies; "": the system's directory
	Memory   int64          // bytes of the workbench kept in memory; 0: DefaultMemory
	Progress func(done int) // told how many sources are read; one call at a time
}

// DefaultMemory is how many bytes of a workbench stay in memory, where the job
// says nothing. What is beyond lies in a file.
const DefaultMemory = 64 << 20

// Result is what was gathered.
type Result struct {
	Table   Table           // the combined rows
	Answers []Table         // one for each of the job's queries, in their order
	Sources []report.Source // in the order of the job
}

// Table is the result of one query over the workbench.
type Table struct {
	Columns []string
	Rows    [][]any // int64, float64, string, []byte or nil
}

// Gather reads all sources and combines them. Each is read to its end, or to
// its cap where it may be partial and then says so; on an error there is
// nothing.
func (p *Places) Gather(ctx context.Context, job Job) (_ Result, err error) {
	bench, err := openBench(ctx, p.language(job.Locale), job)
	if err != nil {
		return Result{}, interrupted(ctx, err)
	}
	defer func() { err = errors.Join(err, bench.close()) }()
	read, err := p.fill(ctx, job, bench)
	if err != nil {
		return Result{}, interrupted(ctx, err)
	}
	result, err := bench.answer(ctx, job)
	if err != nil {
		return Result{}, interrupted(ctx, err)
	}
	result.Sources = read
	return result, nil
}

// batch is some rows of one source on their way into the workbench.
type batch struct {
	source  int
	columns []column
	values  []driver.NamedValue      // row after row
	free    chan []driver.NamedValue // takes them back
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
				var err error
				if read[i], err = p.read(ctx, s, job, newReader(i, s, job, batches)); err == nil {
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

// read one source and say how much of it.
func (p *Places) read(ctx context.Context, s definition.Source, job Job, to *reader) (report.Source, error) {
	asOf, err := p.readAny(ctx, s, job, to)
	state := report.SourceComplete
	if to.cut {
		state = report.SourcePartial
	}
	return report.Source{Name: s.Name, State: state, Rows: to.rows, AsOf: asOf}, err
}

// readAny reads from wherever the source lies; asOf is the moment its content
// is of.
func (p *Places) readAny(ctx context.Context, s definition.Source, job Job, to *reader) (asOf time.Time, err error) {
	if s.File != "" {
		err = within(ctx, s, 0, to, func(context.Context) (err error) { asOf, err = p.readFile(s, to); return err })
		return asOf, err
	}
	db, ok := p.databases[s.Database]
	if !ok {
		return time.Time{}, fmt.Errorf("read source %s: no database %q", s.Name, s.Database)
	}
	return db.read(ctx, s, job, to)
}
