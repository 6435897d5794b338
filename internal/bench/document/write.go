package document

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"peyk/internal/bench/machine"
)

// Head is what is said of a run.
type Head struct {
	At      time.Time
	Command string
	Version string
	Machine machine.Line
}

// The marks between which the figures stand in a file.
const (
	begin = "<!-- documents: written by peyk bench -->"
	end   = "<!-- documents: end -->"
)

// Markdown writes the figures, between their marks.
func (f Figures) Markdown(w io.Writer, h Head) {
	fmt.Fprintf(w, "%s\n## Documents\n\nWritten by `%s` on %s, version %s.\n\n%s\n\n", begin, h.Command, h.At.UTC().Format("2 January 2006"), h.Version, h.Machine)
	fmt.Fprint(w, `From the content to the bytes of the document, everything loaded and warm: median (least–most) of the rounds. Peak is
the most resident memory a process has ever had (VmHWM), when it has made its first document and when it has made all;
what it had at rest, the program itself, is in it. Chromium's is the sum over its processes, which share some. A factor
is the median of the pairs, which take turns. On a busy machine times stretch; CPU times hardly do.
`)
	if f.Chromium != "" {
		fmt.Fprintf(w, `
Chromium is %s, headless, driven over its pipe: a browser that runs already, with one tab, prints the same texts, table,
chart (SVG) and embedded typeface on A4 (internal/bench/document). Its cold start took %.0f ms.
`, f.Chromium, f.Cold)
	}
	if f.Missing != "" {
		fmt.Fprintf(w, "\nNot measured: %s\n", strings.TrimSpace(f.Missing))
	}
	for _, c := range f.Cases {
		c.markdown(w)
	}
	fmt.Fprintf(w, "%s\n", end)
}

func (c Case) markdown(w io.Writer) {
	fmt.Fprintf(w, "\n### %s\n\nAim: %s.\n\n| | ms | CPU ms | at rest MB | peak MB, one | peak MB, all | made |\n|---|---|---|---|---|---|---|\n", c.Title, c.Aim)
	for _, m := range c.Makers {
		fmt.Fprintf(w, "| %s | %s |\n", m.Name, strings.Join(m.cells(), " | "))
	}
	if c.Times != nil {
		fmt.Fprintf(w, "\n%s\n", c.Times)
	}
}

// cells are the columns of a maker.
func (m Maker) cells() []string {
	of := fmt.Sprintf("%d KB", m.Bytes/1000)
	switch {
	case m.Pages > 0:
		of += fmt.Sprintf(", %d pages", m.Pages)
	case m.Rows > 0:
		of = fmt.Sprintf("%d rows read", m.Rows)
	}
	return []string{m.Wall.String(), m.CPU.String(), megabytes(m.Rest), megabytes(m.First), megabytes(m.Peak), of}
}

func megabytes(n int64) string { return fmt.Sprintf("%.0f", float64(n)/1e6) }

// String is the middle with the outermost.
func (s Spread) String() string {
	digits := 0
	if s.Median < 100 {
		digits = 1
	}
	return fmt.Sprintf("%.*f (%.*f–%.*f)", digits, s.Median, digits, s.Least, digits, s.Most)
}

// String is a sentence.
func (f Faster) String() string {
	return fmt.Sprintf("Peyk is %s times faster, and takes %s times less CPU.", f.Wall, f.CPU)
}

// Print writes the figures for people at a terminal.
func (f Figures) Print(w io.Writer) {
	if f.Chromium != "" {
		fmt.Fprintf(w, "\n%s, cold start %.0f ms\n", f.Chromium, f.Cold)
	}
	if f.Missing != "" {
		fmt.Fprintf(w, "\nNot measured: %s\n", strings.TrimSpace(f.Missing))
	}
	for _, c := range f.Cases {
		fmt.Fprintf(w, "\n%s (aim: %s)\n", c.Title, c.Aim)
		for _, m := range c.Makers {
			cells := m.cells()
			fmt.Fprintf(w, "%9s: %s ms, CPU %s ms, %s MB at rest, %s at the peak of one document, %s of all; %s\n",
				m.Name, cells[0], cells[1], cells[2], cells[3], cells[4], cells[5])
		}
		if c.Times != nil {
			fmt.Fprintln(w, c.Times)
		}
	}
}

// Put writes the figures into a file, in the place of those it has, or at its
// end.
func (f Figures) Put(file string, h Head) error {
	old, err := os.ReadFile(file)
	if err != nil && !os.IsNotExist(err) {
		return fmt.Errorf("read the figures there are: %w", err)
	}
	var b bytes.Buffer
	f.Markdown(&b, h)
	if err := os.WriteFile(file, replace(old, b.Bytes()), 0o644); err != nil {
		return fmt.Errorf("write the figures to %s: %w", file, err)
	}
	return nil
}

// replace what stands between the marks, marks included.
func replace(old, by []byte) []byte {
	before, rest, found := bytes.Cut(old, []byte(begin))
	switch {
	case len(old) == 0:
		return by
	case !found:
		return append(append(bytes.TrimRight(old, "\n"), "\n\n"...), by...)
	}
	_, after, found := bytes.Cut(rest, []byte(end+"\n"))
	if !found {
		after = nil
	}
	return append(append(bytes.Clone(before), by...), after...)
}
