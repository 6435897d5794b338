package main

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"
)

// pack is a package to mutate.
type pack struct {
	label, dir string
	rapid      bool // its tests take the flags of pgregory.net/rapid
}

func packages() []pack {
	return []pack{
		{"gateway", "internal/backoffice/gateway", true},
		{"trace", "internal/backoffice/trace", true},
		{"trigger", "internal/backoffice/trigger", true},
	}
}

type options struct {
	packs   []pack
	noSim   bool
	part    bool   // held to no score
	reasons string // file, from the module's root
	only    *regexp.Regexp
	seed    uint64
	sample  int
	least   float64
	workers int
	out     string
	listing bool
	verbose bool
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	only := flag.String("only", "", "run the mutants whose name matches, and hold them to no score")
	o := options{packs: packages(), reasons: "internal/sim/mutate/survivors.txt"}
	flag.Uint64Var(&o.seed, "seed", 20261201, "of the random tests and the simulation")
	flag.IntVar(&o.sample, "sample", 0, "run so many mutants, chosen by the seed, and hold them to no score (0: all)")
	flag.Float64Var(&o.least, "least", 90, "per cent that must be caught")
	flag.IntVar(&o.workers, "workers", runtime.NumCPU(), "how many mutants run at once")
	flag.StringVar(&o.out, "out", "bin/mutation.txt", "file for the verdict on each mutant")
	flag.BoolVar(&o.noSim, "own", false, "leave the simulation out, and hold the mutants to no score")
	flag.BoolVar(&o.listing, "list", false, "print the mutants and run nothing")
	flag.BoolVar(&o.verbose, "v", false, "print each verdict, and what cannot be mutated")
	flag.Parse()
	o.part = *only != "" || o.noSim || o.sample > 0
	var err error
	if o.only, err = regexp.Compile(*only); err == nil {
		err = run(ctx, o, os.Stdout)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "mutate:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options, w io.Writer) error {
	root, err := moduleRoot()
	if err != nil {
		return err
	}
	work, err := os.MkdirTemp("", "peyk-mutate-")
	if err != nil {
		return fmt.Errorf("make a directory: %w", err)
	}
	defer os.RemoveAll(work)
	p, err := prepare(root, work, o.packs)
	if err != nil {
		return err
	}
	chosen := o.choose(p.mutants)
	fmt.Fprintf(w, "%d mutants, %d of them chosen\n", len(p.mutants), len(chosen))
	if o.verbose || o.listing {
		for _, why := range slices.Sorted(maps.Keys(p.leftOut)) {
			fmt.Fprintf(w, "left out: %d × %s\n", p.leftOut[why], why)
		}
	}
	if o.listing {
		for _, m := range chosen {
			fmt.Fprintf(w, "%s\t%d\t%s\n", m.name(), m.line, m.after)
		}
		return nil
	}
	e := &exam{options: o, w: w, began: time.Now()}
	if err := e.suites(ctx, p, root, work); err != nil {
		return err
	}
	verdicts, err := e.all(ctx, root, chosen)
	if err != nil {
		return err
	}
	return e.report(root, verdicts)
}

// under is path as seen from root.
func under(root, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(root, filepath.FromSlash(path))
}

// choose gives the mutants to run: those of the name that is asked for, and of
// these a sample.
func (o options) choose(all []*mutant) []*mutant {
	chosen := slices.DeleteFunc(slices.Clone(all), func(m *mutant) bool { return !o.only.MatchString(m.name()) })
	if o.sample == 0 || o.sample >= len(chosen) {
		return chosen
	}
	rand.New(rand.NewPCG(o.seed, 0)).Shuffle(len(chosen), func(i, j int) { chosen[i], chosen[j] = chosen[j], chosen[i] })
	chosen = chosen[:o.sample]
	slices.SortFunc(chosen, func(a, b *mutant) int { return a.number - b.number })
	return chosen
}

func moduleRoot() (string, error) {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}").Output()
	if err != nil {
		return "", fmt.Errorf("find the module: %w", err)
	}
	return strings.TrimSpace(string(out)), nil
}

// exam runs the mutants.
type exam struct {
	options
	w     io.Writer
	own   map[string]*suite // by package label
	sim   *suite
	began time.Time

	mu   sync.Mutex
	done int // of the stage
}

// verdict is what became of a mutant.
type verdict struct {
	*mutant
	stage   string // "own tests", "simulation", or "" if it survived
	by      string
	reached int // by how many tests of either stage
}

// suites compiles the tests and measures the healthy code.
func (e *exam) suites(ctx context.Context, p *plan, root, work string) error {
	e.own = map[string]*suite{}
	for _, pk := range e.packs {
		s := &suite{label: pk.label, dir: filepath.Join(root, pk.dir)}
		if pk.rapid {
			s.flags = []string{fmt.Sprintf("-rapid.seed=%d", e.seed), "-rapid.nofailfile"}
		}
		if err := e.ready(ctx, s, p, root, work); err != nil {
			return err
		}
		e.own[pk.label] = s
	}
	if e.noSim {
		return nil
	}
	e.sim = &suite{label: "simulation", dir: filepath.Join(root, "internal/sim"), proofs: []*proof{
		{name: "TestNothingWaitsForATimer", flags: []string{fmt.Sprintf("-first=%d", e.seed)}},
		{name: "TestErrorSweep"},
		{name: "TestSeeds", flags: []string{fmt.Sprintf("-first=%d", e.seed), "-seeds=60"}},
	}}
	return e.ready(ctx, e.sim, p, root, work)
}

func (e *exam) ready(ctx context.Context, s *suite, p *plan, root, work string) (err error) {
	dir, err := filepath.Rel(root, s.dir)
	if err != nil {
		return err
	}
	if s.binary, err = p.compile(root, work, dir); err != nil {
		return err
	}
	if s.proofs == nil {
		if err := s.list(ctx); err != nil {
			return err
		}
	}
	if err := s.measure(ctx, work, e.workers); err != nil {
		return err
	}
	var took time.Duration
	for _, p := range s.proofs {
		took += p.took
	}
	e.say("%s: %d tests take %s", s.label, len(s.proofs), took.Round(time.Second))
	if e.verbose {
		for _, p := range s.proofs {
			e.say("  %s %s, reaches %d", p.name, p.took.Round(time.Millisecond), len(p.reaches))
		}
	}
	return nil
}

func (e *exam) say(format string, args ...any) {
	fmt.Fprintf(e.w, "%6s  ", time.Since(e.began).Round(time.Second))
	fmt.Fprintf(e.w, format+"\n", args...)
}

// all runs the mutants through their own tests, then the rest through the
// simulation. The verdicts are saved after either.
func (e *exam) all(ctx context.Context, root string, chosen []*mutant) ([]verdict, error) {
	out := make([]verdict, len(chosen))
	for i, m := range chosen {
		out[i] = verdict{mutant: m}
		for _, s := range []*suite{e.own[m.label()], e.sim} {
			if s != nil {
				out[i].reached += s.reaching(m.number)
			}
		}
	}
	if err := e.stage(ctx, out, "own tests", func(m *mutant) *suite { return e.own[m.label()] }); err != nil {
		return nil, err
	}
	if err := e.save(root, out); err != nil || e.sim == nil {
		return out, err
	}
	if err := e.stage(ctx, out, "simulation", func(*mutant) *suite { return e.sim }); err != nil {
		return nil, err
	}
	return out, e.save(root, out)
}

// stage runs the mutants that are not caught yet, several at a time.
func (e *exam) stage(ctx context.Context, all []verdict, name string, suite func(*mutant) *suite) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var open []*verdict
	for i := range all {
		if all[i].stage == "" && suite(all[i].mutant).reaching(all[i].number) > 0 {
			open = append(open, &all[i])
		}
	}
	e.say("%s: %d mutants to run", name, len(open))
	next := make(chan *verdict)
	var workers sync.WaitGroup
	for range e.workers {
		workers.Go(func() {
			for v := range next {
				by, err := suite(v.mutant).catch(ctx, v.mutant)
				if err != nil {
					cancel(err)
				}
				if by != "" {
					v.stage, v.by = name, by
				}
				e.told(v, len(open))
			}
		})
	}
	for _, v := range open {
		if ctx.Err() == nil {
			next <- v
		}
	}
	close(next)
	workers.Wait()
	e.done = 0
	return context.Cause(ctx)
}

// told prints how far a stage is.
func (e *exam) told(v *verdict, of int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.done++
	if e.verbose {
		e.say("%s: %s", v.name(), v.verdict())
	} else if e.done%100 == 0 {
		e.say("%d of %d", e.done, of)
	}
}

func (v verdict) verdict() string {
	switch {
	case v.stage != "":
		return "caught by " + v.stage + ", " + v.by
	case v.reached == 0:
		return "not reached"
	}
	return fmt.Sprintf("survives the %d tests that reach it", v.reached)
}

// report prints the score and the survivors, and fails as the package comment says.
func (e *exam) report(root string, all []verdict) error {
	why, err := reasons(under(root, e.reasons))
	if err != nil {
		return err
	}
	unexplained, survived := 0, map[string]bool{}
	where := ""
	for _, v := range all {
		if v.stage != "" {
			continue
		}
		survived[v.name()] = true
		if why[v.name()] != "" {
			continue
		}
		unexplained++
		if at := v.file + " " + v.fn; at != where {
			where = at
			fmt.Fprintf(e.w, "\n%s\n", where)
		}
		fmt.Fprintf(e.w, "  line %d, %s: %s → %s (%s)\n\t%s\n", v.line, v.kind, v.text, v.after, v.verdict(), v.name())
	}
	score := e.scores(all)
	if e.part {
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(why)) {
		if !survived[name] {
			err = cmp.Or(err, fmt.Errorf("%s lists what is no survivor: %s", e.reasons, name))
		}
	}
	switch {
	case score < e.least:
		return fmt.Errorf("%.1f %% of the mutants are caught, want %.0f %%", score, e.least)
	case unexplained > 0:
		return fmt.Errorf("%d survivors are not in %s", unexplained, e.reasons)
	}
	return err
}

// scores prints what was caught, package by package, and returns the whole.
func (e *exam) scores(all []verdict) float64 {
	type count struct{ own, sim, late, survived, unreached int }
	by, sum := map[string]*count{}, &count{}
	for _, v := range all {
		if by[v.label()] == nil {
			by[v.label()] = &count{}
		}
		for _, c := range []*count{by[v.label()], sum} {
			switch {
			case v.stage == "own tests":
				c.own++
			case v.stage != "":
				c.sim++
			case v.reached == 0:
				c.unreached++
			default:
				c.survived++
			}
			if v.by == "time limit" {
				c.late++
			}
		}
	}
	percent := func(c *count) float64 {
		return 100 * float64(c.own+c.sim) / float64(max(1, c.own+c.sim+c.survived+c.unreached))
	}
	fmt.Fprintf(e.w, "\n%-10s %8s %10s %10s %14s %9s %12s %7s\n", "package", "mutants", "own tests", "simulation", "(of both, late)", "survived", "not reached", "caught")
	line := func(name string, c *count) {
		fmt.Fprintf(e.w, "%-10s %8d %10d %10d %14d %9d %12d %6.1f%%\n", name, c.own+c.sim+c.survived+c.unreached, c.own, c.sim, c.late, c.survived, c.unreached, percent(c))
	}
	for _, name := range slices.Sorted(maps.Keys(by)) {
		line(name, by[name])
	}
	line("all", sum)
	fmt.Fprintf(e.w, "seed %d, %s\n", e.seed, time.Since(e.began).Round(time.Second))
	return percent(sum)
}

// save writes the verdict on every mutant.
func (e *exam) save(root string, all []verdict) error {
	var b strings.Builder
	for _, v := range all {
		fmt.Fprintf(&b, "%s\t%d\t%s\t%s\n", v.name(), v.line, v.after, v.verdict())
	}
	path := under(root, e.out)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("write the verdicts: %w", err)
	}
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		return fmt.Errorf("write the verdicts: %w", err)
	}
	return nil
}
