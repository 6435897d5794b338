package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"peyk/internal/provider/author"
	"peyk/internal/provider/engine"
)

type reportCommand struct {
	New     reportNewCommand     `cmd:"" help:"Write a first report file that runs, to change."`
	Check   reportCheckCommand   `cmd:"" help:"Say what is wrong with report files; no database is read."`
	Preview reportPreviewCommand `cmd:"" help:"Make the document on this machine."`
	Schema  reportSchemaCommand  `cmd:"" help:"Print the JSON Schema of report files, for editors."`
}

type reportNewCommand struct {
	File string `arg:"" help:"The file to write, e.g. reports/monthly-sales.yaml." type:"path"`
}

func (c *reportNewCommand) Run(out output) error {
	written, err := author.New(c.File)
	if err != nil {
		return err
	}
	for _, path := range written {
		fmt.Fprintln(out, "written", path)
	}
	_, err = fmt.Fprintf(out, "now: peyk report preview %s --watch\n", c.File)
	return err
}

// reportSources is where report files find their data.
type reportSources struct {
	Sources []string `help:"Sources files; else sources.yaml beside the report or in the folder above." placeholder:"FILE" type:"path"`
}

type reportCheckCommand struct {
	reportSources
	Files []string `arg:"" help:"Report files." type:"path"`
}

func (c *reportCheckCommand) Run(ctx context.Context, out output) error {
	bad := 0
	for _, path := range c.Files {
		id, err := author.File{Path: path, Sources: c.Sources}.Check(ctx)
		if err != nil {
			bad++
			fmt.Fprintln(out, err)
			continue
		}
		fmt.Fprintf(out, "%s: %s is sound\n", path, id)
	}
	if bad > 0 {
		return fmt.Errorf("%d of %d report files have mistakes", bad, len(c.Files))
	}
	return nil
}

type reportPreviewCommand struct {
	reportSources
	File      string            `arg:"" help:"The report file." type:"path"`
	Parameter map[string]string `short:"p" help:"A parameter; dates as 2026-01-31, periods as 2026-01-01..2026-01-31 or a preset such as last-year." placeholder:"k=v" mapsep:"none"`
	Locale    string            `help:"Language of the document: tr or en." default:"en" enum:"tr,en"`
	Format    []string          `help:"pdf, xlsx, csv; else the first of the file." placeholder:"FORMAT"`
	Out       string            `short:"o" help:"Write the document here (several: their folder); else beside the report." placeholder:"PATH" type:"path"`
	Watch     bool              `help:"Make it again whenever the file, or its sources file, is saved."`
	Open      bool              `help:"Show it in the program this machine opens documents with." negatable:"" default:"true"`
}

func (c *reportPreviewCommand) Run(ctx context.Context, out output) error {
	before := c.stamps()
	path, err := c.preview(ctx, out)
	if err == nil && c.Open {
		open(ctx, path)
	}
	if !c.Watch {
		return err
	}
	for {
		if err != nil {
			fmt.Fprintln(out, err)
		}
		if before, err = c.saved(ctx, before); err != nil {
			return nil //nolint:nilerr // told to stop
		}
		_, err = c.preview(ctx, out)
	}
}

// preview makes the documents once and gives the first one's place.
func (c *reportPreviewCommand) preview(ctx context.Context, out output) (string, error) {
	began := time.Now()
	documents, err := author.File{Path: c.File, Sources: c.Sources}.Preview(ctx, author.Question{
		Parameters: c.Parameter, Locale: c.Locale, Formats: c.Format, Now: began, Progress: bar(os.Stderr),
	})
	if err != nil {
		return "", err
	}
	first := ""
	for _, d := range documents {
		path := c.place(d, len(documents))
		if err := makeParent(path); err != nil {
			return "", err
		}
		if err := os.WriteFile(path, d.Bytes, 0o600); err != nil {
			return "", fmt.Errorf("write the preview: %w", err)
		}
		if first == "" {
			first = path
		}
		fmt.Fprintf(out, "%s: %d rows, %d pages, %d KB, %s\n", path, d.Rows, d.Pages, (len(d.Bytes)+1023)/1024, time.Since(began).Round(time.Millisecond))
	}
	return first, nil
}

func (c *reportPreviewCommand) place(d engine.Document, of int) string {
	ending := filepath.Ext(d.Name)
	switch {
	case c.Out == "":
		return strings.TrimSuffix(c.File, filepath.Ext(c.File)) + ".preview" + ending // beside data, perhaps, of the report's name
	case of > 1:
		return filepath.Join(c.Out, d.Name)
	}
	return c.Out
}

// lookEvery is how often a watched file is looked at. Editors replace files
// rather than write them, which a look survives.
const lookEvery = 300 * time.Millisecond

// saved waits until one of the files read is no more as it was, and says how
// they are now.
func (c *reportPreviewCommand) saved(ctx context.Context, before string) (now string, err error) {
	for {
		if err := pause(ctx, lookEvery); err != nil {
			return before, err
		}
		if now := c.stamps(); now != before {
			return now, nil
		}
	}
}

func (c *reportPreviewCommand) stamps() string {
	var b strings.Builder
	dir := filepath.Dir(c.File)
	for _, path := range append([]string{c.File, filepath.Join(dir, "sources.yaml"), filepath.Join(dir, "..", "sources.yaml")}, c.Sources...) {
		if info, err := os.Stat(path); err == nil {
			fmt.Fprintln(&b, path, info.ModTime().UnixNano(), info.Size())
		}
	}
	return b.String()
}

// bar shows on a terminal how far the report is.
func bar(to *os.File) engine.Progress {
	if !terminal(to) {
		return func(int, int, string) {}
	}
	return func(done, total int, stage string) {
		const width = 24
		full := width * done / max(total, 1)
		fmt.Fprintf(to, "\r\033[K%s%s %s", strings.Repeat("█", full), strings.Repeat("░", width-full), stage)
		if done == total {
			fmt.Fprint(to, "\r\033[K")
		}
	}
}

// open shows a file where there is somebody to show it to; that there is not is
// no failure.
func open(ctx context.Context, path string) {
	program, args := "xdg-open", []string{path}
	switch runtime.GOOS {
	case "darwin":
		program = "open"
	case "windows":
		program, args = "rundll32", []string{"url.dll,FileProtocolHandler", path}
	default:
		if os.Getenv("DISPLAY")+os.Getenv("WAYLAND_DISPLAY") == "" {
			return
		}
	}
	if found, err := exec.LookPath(program); err == nil {
		_ = exec.CommandContext(context.WithoutCancel(ctx), found, args...).Start()
	}
}

type reportSchemaCommand struct{}

func (*reportSchemaCommand) Run(out output) error {
	_, err := out.Write(author.Schema())
	return err
}
