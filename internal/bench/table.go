package bench

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"peyk/internal/bench/profile"
)

// Print writes a document for people at a terminal.
func (d Document) Print(out io.Writer) error {
	fmt.Fprintf(out, "%s\n", d.Machine)
	if len(d.Journeys)+len(d.Accept)+len(d.Idle) > 0 {
		fmt.Fprintln(out, "Load and relay run in the bench's own process on the same machine.")
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	for _, j := range d.Journeys {
		fmt.Fprintf(w, "\n%s\n", j.Title)
		fmt.Fprintln(w, "\tjourneys/s\tp50 ms\tp90\tp99\tmax\tflushes\tCPU ms\t")
		for _, r := range j.Rounds {
			fmt.Fprintf(w, "%s\t%s\t\n", r.World, strings.Join(r.cells(), "\t"))
		}
		if j.Pair != nil {
			fmt.Fprintf(w, "%s over %s: %.2f (%s)\n", j.Pair.Over, j.Pair.Under, j.Pair.Median, ratios(j.Pair.Ratios))
		}
		for _, name := range slices.Sorted(maps.Keys(j.Profile)) {
			fmt.Fprintf(w, "\nwhere the time of the %s goes\n", name)
			for _, s := range j.Profile[name] {
				fmt.Fprintf(w, "%s\t%.1f %%\t\n", s.Part, 100*s.Of)
			}
		}
	}
	for _, a := range d.Accept {
		fmt.Fprintf(w, "\n%d requests/s for %.0f s: p50 %.1f ms, p90 %.1f, p99 %.1f, max %.1f; load late by %.1f ms at most; %.0f letters/s meanwhile\n",
			a.Rate, a.Seconds, a.Latency.P50, a.Latency.P90, a.Latency.P99, a.Latency.Max, a.Behind, a.Letters)
	}
	for _, i := range d.Idle {
		fmt.Fprintf(w, "\nidle for %.0f s, ready in %.0f ms: %s\n", i.Seconds, i.Ready, i.costs())
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if d.Documents != nil {
		d.Documents.Print(out)
	}
	return nil
}

// cells are the columns of a round.
func (r Round) cells() []string {
	flushes := "not known"
	if r.Flushes != nil {
		flushes = fmt.Sprintf("%.1f", *r.Flushes)
	}
	var cpu []string
	for _, name := range slices.Sorted(maps.Keys(r.CPU)) {
		cpu = append(cpu, fmt.Sprintf("%s %.2f", name, r.CPU[name]))
	}
	out := []string{fmt.Sprintf("%.0f", r.Rate)}
	for _, v := range []float64{r.Latency.P50, r.Latency.P90, r.Latency.P99, r.Latency.Max} {
		if r.Latency.Max == 0 {
			out = append(out, "–")
		} else {
			out = append(out, fmt.Sprintf("%.1f", v))
		}
	}
	return append(out, flushes, strings.Join(cpu, ", "))
}

func ratios(all []float64) string {
	var out []string
	for _, r := range all {
		out = append(out, fmt.Sprintf("%.2f", r))
	}
	return strings.Join(out, ", ")
}

func (i IdleReport) costs() string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(i.CPU)) {
		out = append(out, fmt.Sprintf("%s %.1f %% of a core, %d MB", name, i.CPU[name], i.RSS[name]>>20))
	}
	return strings.Join(out, "; ")
}

// Markdown writes a document as docs/PERFORMANCE.md is kept.
func (d Document) Markdown(out io.Writer) {
	fmt.Fprintf(out, `# How fast Peyk is

Written by `+"`%s`"+` on %s, version %s; no number here is typed by hand. Measure your own machine with `+"`make bench`"+`.

%s

Whole journeys of a report type that costs nothing (a constant page of 1 KB), over the real API and into a real SMTP
dialogue; everything durable. Load and relay run in the bench's own process **on the same machine**, whose cores they
share with what they measure. *ideal* is the least program that does the same: as many durable commits of rows as
large, the same synced files, HTTP calls, digests, signature and letter, and nothing else (internal/bench/ideal). What is
compared runs in turn, round by round, and the ratio is the median of the pairs.
`, d.Command, d.At.UTC().Format("2 January 2006"), d.Version, d.Machine)
	for _, j := range d.Journeys {
		j.markdown(out)
	}
	if len(d.Accept) > 0 {
		fmt.Fprint(out, "\n## Accepting\n\nRequests sent by the clock; a latency counts from the time one was meant to be sent to its 202, which is durable.\n\n")
		fmt.Fprint(out, "| requests/s | for | p50 ms | p90 | p99 | max | load late by at most | letters/s meanwhile |\n|---|---|---|---|---|---|---|---|\n")
		for _, a := range d.Accept {
			fmt.Fprintf(out, "| %d | %.0f s | %.1f | %.1f | %.1f | %.1f | %.1f ms | %.0f |\n", a.Rate, a.Seconds,
				a.Latency.P50, a.Latency.P90, a.Latency.P99, a.Latency.Max, a.Behind, a.Letters)
		}
	}
	if len(d.Idle) > 0 {
		fmt.Fprint(out, "\n## Idle\n\n")
		for _, i := range d.Idle {
			fmt.Fprintf(out, "Ready %.0f ms after its start; then, in %.0f s: %s.\n", i.Ready, i.Seconds, i.costs())
		}
	}
	if d.Documents != nil {
		fmt.Fprintln(out)
		d.Documents.Markdown(out, d.Head())
	}
}

func (j JourneyReport) markdown(out io.Writer) {
	fmt.Fprintf(out, "\n## %s\n\n| | journeys/s | p50 ms | p90 | p99 | max | flushes each | CPU ms each |\n|---|---|---|---|---|---|---|---|\n", j.Title)
	for _, r := range j.Rounds {
		fmt.Fprintf(out, "| %s | %s |\n", r.World, strings.Join(r.cells(), " | "))
	}
	if j.Pair != nil {
		fmt.Fprintf(out, "\n%s does %.2f of %s (%s).\n", j.Pair.Over, j.Pair.Median, j.Pair.Under, ratios(j.Pair.Ratios))
	}
	for _, name := range slices.Sorted(maps.Keys(j.Profile)) {
		fmt.Fprintf(out, "\nWhere the CPU time of the %s goes:\n\n| part | share |\n|---|---|\n%s", name, shares(j.Profile[name]))
	}
}

func shares(all []profile.Share) string {
	var b strings.Builder
	for _, s := range all {
		fmt.Fprintf(&b, "| %s | %.1f %% |\n", s.Part, 100*s.Of)
	}
	return b.String()
}
