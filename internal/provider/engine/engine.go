package engine

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"

	"peyk/internal/provider/engine/definition"
	"peyk/internal/provider/engine/gather"
	"peyk/internal/provider/engine/render"
	"peyk/internal/provider/engine/reuse"
)

// The caps that hold where the configuration has none.
const (
	DefaultRowCap   = 1_000_000
	DefaultTableCap = 1_000_000
	DefaultPageRows = 10_000
	shelfValues     = 2_000_000 // kept for reuse: some 64 MB
)

// Config is what an Engine is opened with.
type Config struct {
	ReportDirs  []string // every .yaml and .yml in them is a report type
	ReportFiles []string // and these are
	SourceFiles []string // name the databases and folders reports may read
	Company     string   // in the documents' head; may be empty
	RowCap      int      // most rows read of one source; 0: DefaultRowCap
	TableCap    int      // most combined rows; 0: DefaultTableCap
	PageRows    int      // most rows of a table in a PDF; 0: DefaultPageRows
	CostCap     int64    // most rows a report may be estimated to read; 0: DefaultCostCap
	TempDir     string   // workbenches lie here, leftovers of a crash too, until Open; "": the system's directory
	Memory      int64    // bytes of a workbench kept in memory, the rest lies in its file; 0: gather.DefaultMemory
	Logger      *slog.Logger
}

// Engine makes reports. It is safe for concurrent use.
type Engine struct {
	config   Config
	offer    atomic.Pointer[offer]
	places   *gather.Places
	renderer *render.Renderer
	shelf    reuse.Shelf
}

// Open reads all report and sources files and opens the sources. The error
// has every mistake found, one a line.
func Open(ctx context.Context, c Config) (*Engine, error) {
	if c.RowCap <= 0 {
		c.RowCap = DefaultRowCap
	}
	if c.TableCap <= 0 {
		c.TableCap = DefaultTableCap
	}
	if c.PageRows <= 0 {
		c.PageRows = DefaultPageRows
	}
	if c.CostCap <= 0 {
		c.CostCap = DefaultCostCap
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	renderer, err := render.New()
	if err != nil {
		return nil, err
	}
	if c.TempDir != "" {
		if err := gather.Tidy(c.TempDir); err != nil {
			return nil, err
		}
	}
	places, err := gather.Open(c.SourceFiles)
	if err != nil {
		return nil, err
	}
	e := &Engine{config: c, places: places, renderer: renderer, shelf: reuse.Shelf{Values: shelfValues}}
	if err := e.load(ctx); err != nil {
		return nil, errors.Join(err, places.Close())
	}
	return e, nil
}

// Close closes the sources.
func (e *Engine) Close() error { return e.places.Close() }

func (e *Engine) load(ctx context.Context) error {
	var errs []error
	files := map[string]string{}
	read := &offer{reports: map[string]*definition.Report{}}
	names := slices.Clone(e.config.ReportFiles)
	for _, dir := range e.config.ReportDirs {
		more, err := reportFiles(dir)
		names, errs = append(names, more...), append(errs, err)
	}
	for _, file := range names {
		r, err := e.loadReport(file)
		if err == nil && files[r.ID] != "" {
			err = fmt.Errorf("%s: the report %s is in %s already", file, r.ID, files[r.ID])
		}
		if errs = append(errs, err); err == nil {
			read.reports[r.ID], files[r.ID] = r, file
		}
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	e.offer.Store(read)
	if err := e.Refresh(ctx); err != nil {
		e.config.Logger.WarnContext(ctx, "some choices cannot be read; until they can, nothing can be chosen there", "error", err)
	}
	e.config.Logger.InfoContext(ctx, "reports loaded", "types", len(read.reports))
	return ctx.Err()
}

func (e *Engine) loadReport(file string) (*definition.Report, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read report file: %w", err)
	}
	return definition.Parse(file, data, e.places.Names())
}

// reportFiles lists the report files of dir, sorted by name.
func reportFiles(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("read report directory: %w", err)
	}
	var files []string
	for _, entry := range entries {
		if ext := filepath.Ext(entry.Name()); !entry.IsDir() && (ext == ".yaml" || ext == ".yml") {
			files = append(files, filepath.Join(dir, entry.Name()))
		}
	}
	return files, nil
}
