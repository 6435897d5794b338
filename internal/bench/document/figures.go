package document

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// Figures are what was measured.
type Figures struct {
	Chromium string  `json:"chromium,omitempty"` // its version; "": it is not installed
	Cold     float64 `json:"chromium_cold_start_ms,omitempty"`
	Cases    []Case  `json:"cases"`
	Missing  string  `json:"missing,omitempty"` // what was not measured, and why
}

// Case is one kind of document.
type Case struct {
	Title  string   `json:"title"`
	Aim    string   `json:"aim"`
	Makers []Maker  `json:"makers"`
	Times  *Faster  `json:"faster,omitempty"` // Peyk than Chromium
	Aside  []string `json:"aside,omitempty"`
}

// Faster is by how many times one is faster, pair by pair.
type Faster struct {
	Wall Spread `json:"wall"`
	CPU  Spread `json:"cpu"`
}

// Maker is what one of the two took.
type Maker struct {
	Name  string `json:"name"`
	Wall  Spread `json:"wall_ms"`
	CPU   Spread `json:"cpu_ms"`
	First int64  `json:"first_peak_bytes"` // when it had made one document
	Peak  int64  `json:"peak_bytes"`       // when it had made all
	Rest  int64  `json:"rest_bytes"`       // before the first document
	Bytes int    `json:"bytes,omitempty"`
	Pages int    `json:"pages,omitempty"`
	Rows  int    `json:"rows,omitempty"`
}

// Spread is the values of the rounds: the middle one and the outermost.
type Spread struct {
	Median float64   `json:"median"`
	Least  float64   `json:"least"`
	Most   float64   `json:"most"`
	All    []float64 `json:"all"` // in the order they were measured
}

func spreadOf(all []float64) Spread {
	sorted := slices.Sorted(slices.Values(all))
	n := len(sorted)
	return Spread{Median: (sorted[(n-1)/2] + sorted[n/2]) / 2, Least: sorted[0], Most: sorted[n-1], All: all}
}

// Options of a measurement.
type Options struct {
	Worker   func(k Kind, database string) []string // the command line of a process that calls Work
	Postgres string                                 // its address; "": a million rows are not gathered
	Rounds   int                                    // of each kind
}

// plan is how one kind is measured.
type plan struct {
	kind             Kind
	title, aim       string
	each             int // documents of ours in a round
	theirs           int // and of Chromium's; 0: it cannot make them
	rounds, fewPairs int // fewPairs: at most so many rounds have Chromium in them
}

func plans(rounds int) []plan {
	return []plan{
		{ChartPDF, "PDF of 50 rows and a chart", "8 ms of CPU; 60 times faster than Chromium", 20, 2, rounds, rounds},
		{LongPDF, "PDF of 10,000 rows of 6 columns", "300 ms; 60 MB", 1, 1, rounds, 2},
		{Workbook, "XLSX of 100,000 rows of 8 columns", "1 s; 100 MB", 1, 0, rounds, 0},
	}
}

// Measure everything.
func Measure(ctx context.Context, o Options) (f Figures, err error) {
	browser, err := StartChromium(ctx)
	switch {
	case errors.Is(err, ErrNoChromium):
		f.Missing = "The comparison: " + err.Error() + "."
	case err != nil:
		return f, err
	default:
		defer func() { err = errors.Join(err, browser.Close()) }()
		f.Chromium, f.Cold = browser.Version, millis(browser.Cold)
	}
	for _, p := range plans(o.Rounds) {
		c, err := p.measure(ctx, o.Worker(p.kind, ""), browser)
		if err != nil {
			return f, fmt.Errorf("measure %s: %w", p.title, err)
		}
		f.Cases = append(f.Cases, c)
	}
	if o.Postgres == "" {
		f.Missing += " A million rows: they need a PostgreSQL (--postgres)."
		return f, nil
	}
	c, err := measureMillion(ctx, o)
	f.Cases = append(f.Cases, c)
	return f, err
}

func measureMillion(ctx context.Context, o Options) (c Case, err error) {
	d, err := fillDatabase(ctx, o.Postgres)
	if err != nil {
		return c, err
	}
	defer func() { err = errors.Join(err, d.drop(ctx)) }()
	p := plan{
		kind: Million, title: "1,000,000 rows of PostgreSQL, joined with 50,000 of a second source and added up",
		aim: "5 s; 400 MB", each: 1, rounds: min(o.Rounds, 3),
	}
	return p.measure(ctx, o.Worker(Million, d.url), nil)
}

// measure one kind, in rounds of both who can make it; which begins changes
// from round to round.
func (p plan) measure(ctx context.Context, command []string, browser *Chromium) (c Case, err error) {
	ours, err := startWorker(ctx, command)
	if err != nil {
		return c, err
	}
	defer func() { err = errors.Join(err, ours.close()) }()
	makers := []func(int) (made, error){ours.make}
	each := []int{p.each}
	if browser != nil && p.theirs > 0 {
		theirs, err := browser.printer(p.kind)
		if err != nil {
			return c, err
		}
		makers, each = append(makers, theirs), append(each, p.theirs)
	}
	took := make([][]made, len(makers))
	first := make([]made, len(makers)) // it warms, too
	for i := range makers {
		if first[i], err = makers[i](1); err != nil {
			return c, err
		}
	}
	for round := range p.rounds {
		for i := range makers {
			at := (round + i) % len(makers)
			if at == 1 && round >= p.fewPairs {
				continue
			}
			m, err := makers[at](each[at])
			if err != nil {
				return c, err
			}
			took[at] = append(took[at], m)
		}
	}
	return p.sumUp(first, took), nil
}

func (p plan) sumUp(first []made, took [][]made) Case {
	c := Case{Title: p.title, Aim: p.aim}
	for i, all := range took {
		m := makerOf([]string{"peyk", "chromium"}[i], all)
		m.First = first[i].Peak
		c.Makers = append(c.Makers, m)
	}
	if len(took) == 2 {
		var wall, cpu []float64
		for i, theirs := range took[1] {
			wall = append(wall, float64(theirs.Wall)/float64(took[0][i].Wall))
			cpu = append(cpu, float64(theirs.CPU)/float64(took[0][i].CPU))
		}
		c.Times = &Faster{Wall: spreadOf(wall), CPU: spreadOf(cpu)}
	}
	return c
}

func makerOf(name string, all []made) Maker {
	var wall, cpu []float64
	for _, m := range all {
		wall, cpu = append(wall, millis(m.Wall)), append(cpu, millis(m.CPU))
	}
	last := all[len(all)-1]
	return Maker{
		Name: name, Wall: spreadOf(wall), CPU: spreadOf(cpu), Rest: last.Rest, Bytes: last.Bytes, Pages: last.Pages, Rows: last.Rows,
		Peak: slices.MaxFunc(all, func(a, b made) int { return cmp.Compare(a.Peak, b.Peak) }).Peak,
	}
}

func millis(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// printer prints the same as our worker makes.
func (c *Chromium) printer(k Kind) (func(int) (made, error), error) {
	fonts, err := LoadFonts()
	if err != nil {
		return nil, err
	}
	d := Games()
	if k == LongPDF {
		d = Sales(longRows)
	}
	html := HTML(d, fonts)
	rest, err := c.usage()
	if err != nil {
		return nil, err
	}
	return func(n int) (made, error) {
		before, err := c.usage()
		if err != nil {
			return made{}, err
		}
		began, size := time.Now(), 0
		for range n {
			pdf, err := c.PDF(html)
			if err != nil {
				return made{}, err
			}
			size = len(pdf)
		}
		wall := time.Since(began)
		after, err := c.usage()
		return made{
			Wall: wall / time.Duration(n), CPU: (after.CPU - before.CPU) / time.Duration(n), Bytes: size,
			Peak: after.MaxRSS, Rest: rest.RSS,
		}, err
	}, nil
}
