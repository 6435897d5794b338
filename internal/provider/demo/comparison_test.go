package demo_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"peyk/internal/provider/demo/demotest"
	"peyk/internal/provider/engine/definition"
)

// raw is the company as its tables have it, read once.
var raw = sync.OnceValues(func() (*demotest.Company, error) {
	dir, err := shared()
	if err != nil {
		return nil, err
	}
	return demotest.ReadCompany(context.Background(), dir)
})

func rawCompany(t *testing.T) *demotest.Company {
	t.Helper()
	c, err := raw()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// question is one set of parameters, in JSON's terms.
type question struct {
	Parameters demotest.Record
	Locale     string
}

// comparison holds one report type against an independent computation.
type comparison struct {
	reporter
	draw    func(t *rapid.T) demotest.Record
	compute func(t failer, p demotest.Record, locale string, whole bool) demotest.Document
	seen    struct{ empty, one, more, ties int }
}

// agree compares over twice as many questions as rapid checks, 200 unless told
// otherwise, after those of which it is known what they are cases of.
func (c *comparison) agree(t *testing.T, always ...demotest.Record) {
	t.Helper()
	for _, p := range always {
		for _, locale := range []string{"tr", "en"} {
			c.compare(t, question{p, locale})
		}
	}
	for range 2 {
		rapid.Check(t, func(t *rapid.T) {
			c.compare(t, question{c.draw(t), rapid.SampledFrom([]string{"tr", "en"}).Draw(t, "locale")})
		})
	}
}

// everyCase must have come up: no rows, one, more, and rows only a later rule
// puts in order.
func (c *comparison) everyCase(t *testing.T) {
	t.Helper()
	if s := c.seen; s.empty == 0 || s.one == 0 || s.more == 0 || s.ties == 0 {
		t.Errorf("%s: not every case came up: %+v", c.report.ID, s)
	}
	t.Logf("%s: %+v", c.report.ID, c.seen)
}

func (c *comparison) compare(t failer, q question) {
	t.Helper()
	g := c.run(t, q.Parameters, q.Locale)
	forms := []bool{false}
	if c.pivots() {
		forms = []bool{false, true}
	}
	for i, whole := range forms {
		want := c.compute(t, q.Parameters, q.Locale, whole)
		if d := g.differs(want, q.Locale, whole); d != "" {
			t.Fatalf("%s of seed 1 as of %s with %+v, whole: %v: %s", c.report.ID, day.Format(time.DateOnly), q, whole, d)
		}
		if i == 0 {
			c.count(want)
		}
	}
}

// pivots reports whether a document for reckoning has other columns.
func (c *comparison) pivots() bool {
	return slices.ContainsFunc(c.report.Tables[0].Columns, func(c definition.Column) bool { return c.Pivot != nil })
}

func (c *comparison) count(d demotest.Document) {
	rows := 0
	for _, l := range d.Table.Lines {
		if l.Kind == demotest.Body {
			rows++
		}
	}
	switch rows {
	case 0:
		c.seen.empty++
	case 1:
		c.seen.one++
	default:
		c.seen.more++
	}
	if d.Ties > 0 {
		c.seen.ties++
	}
}

func days(from, to string) map[string]string { return map[string]string{"from": from, "to": to} }

// someDays are a period of at most so many days; one in ten lies before the
// data.
func someDays(t *rapid.T, most int) map[string]string {
	first := day.AddDate(0, 0, -rapid.IntRange(0, 1200).Draw(t, "days ago"))
	return days(first.Format(time.DateOnly), first.AddDate(0, 0, rapid.IntRange(1, most).Draw(t, "days")).Format(time.DateOnly))
}

func periodOf(p demotest.Record) demotest.Period {
	d := p["period"].(map[string]string)
	return demotest.Period{From: d["from"], To: d["to"]}
}

// Before any data; the last day; a month; a year.
var (
	noDays   = days("2020-01-01", "2021-01-01")
	lastDay  = days("2026-11-22", "2026-11-23")
	october  = days("2026-10-01", "2026-11-01")
	yearPast = days("2025-01-01", "2026-01-01")
)
