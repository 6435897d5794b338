package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strings"
	"time"

	"peyk/internal/bench"
	"peyk/internal/bench/ideal"
	"peyk/internal/bench/machine"
	"peyk/internal/bench/profile"
	"peyk/internal/telemetry"
)

// benchCommand measures. What is measured runs in processes of its own, made
// from this same binary; the load and the relay that ends the journeys are in
// this one.
type benchCommand struct {
	Journey  journeyBench  `cmd:"" help:"Whole journeys: rate, latency, costs, beside the least program that does the same."`
	Lone     loneBench     `cmd:"" help:"Journeys one at a time, with a pause between them."`
	Accept   acceptBench   `cmd:"" help:"How fast requests are answered that come by the clock."`
	Drain    drainBench    `cmd:"" help:"The rate at which many waiting requests are finished, beside few."`
	Finished finishedBench `cmd:"" help:"The rate on a ledger with many finished requests, beside an empty one."`
	Idle     idleBench     `cmd:"" help:"What an installation takes that has nothing to do."`
	All      allBench      `cmd:"" help:"All of these."`

	Ideal idealCommand `cmd:"" hidden:"" help:"A process of the least program, started by bench."`
}

// benchFlags are for every measurement.
type benchFlags struct {
	JSON bool   `help:"Print JSON." name:"json"`
	Temp string `help:"Directory the measured data lie in; they are removed afterwards." placeholder:"DIR" type:"existingdir"`
}

// lab is where one measurement is made.
type lab struct {
	self, dir string
	load      *bench.Load
	running   []*bench.Running
}

// measure opens a lab, lets f measure in it, and prints what it found.
func (f benchFlags) measure(ctx context.Context, out output, measure func(*lab, *bench.Document) error) error {
	d := &bench.Document{}
	if err := f.inLab(ctx, d, measure); err != nil {
		return err
	}
	if f.JSON {
		return printJSON(out, d)
	}
	return d.Print(out)
}

func (f benchFlags) inLab(ctx context.Context, d *bench.Document, measure func(*lab, *bench.Document) error) (err error) {
	debug.SetGCPercent(collectAt)
	x := &lab{}
	if x.self, err = os.Executable(); err != nil {
		return fmt.Errorf("find our own binary: %w", err)
	}
	if x.dir, err = os.MkdirTemp(f.Temp, "peyk-bench-"); err != nil {
		return fmt.Errorf("make a directory for the bench: %w", err)
	}
	defer os.RemoveAll(x.dir)
	if x.load, err = bench.NewLoad(ctx); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, x.stop(ctx), x.load.Close()) }()
	d.At, d.Command, d.Version, d.Machine = time.Now().UTC(), "peyk "+strings.Join(os.Args[1:], " "), version(ctx), machine.Read(x.dir)
	return measure(x, d)
}

// version is what git says of the tree the binary was built from, if it says.
func version(ctx context.Context) string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				return s.Value[:min(12, len(s.Value))]
			}
		}
	}
	said, err := exec.CommandContext(ctx, "git", "describe", "--always", "--dirty").Output()
	if err != nil {
		return "not known"
	}
	return strings.TrimSpace(string(said))
}

// start runs a world.
func (x *lab) start(ctx context.Context, w bench.World) (*bench.Running, error) {
	r, err := x.load.Open(ctx, w, x.dir)
	if err == nil {
		x.running = append(x.running, r)
	}
	return r, err
}

// stop ends all that run.
func (x *lab) stop(ctx context.Context) (err error) {
	for _, r := range x.running {
		err = errors.Join(err, r.Stop(ctx))
	}
	x.running = nil
	return err
}

func (x *lab) embedded(name string) *bench.Embedded {
	return &bench.Embedded{Label: name, Binary: x.self, Dir: filepath.Join(x.dir, name)}
}

// inTurn measures worlds round by round, each with the same journeys.
func (x *lab) inTurn(ctx context.Context, title string, rounds, warm int, p bench.Pace, worlds ...bench.World) (bench.JourneyReport, error) {
	report := bench.JourneyReport{Title: title}
	var running []*bench.Running
	for _, w := range worlds {
		r, err := x.start(ctx, w)
		if err != nil {
			return report, err
		}
		running = append(running, r)
	}
	var err error
	report.Rounds, err = x.load.InTurn(ctx, rounds, p, warm, running...)
	if err == nil && len(worlds) == 2 {
		report.Pair = bench.PairUp(worlds[0].Name(), worlds[1].Name(), report.Rounds)
	}
	return report, errors.Join(err, x.stop(ctx))
}

type journeyBench struct {
	benchFlags
	Journeys int    `help:"Journeys in each round." default:"2000"`
	InFlight int    `help:"Journeys under way at a time." default:"64"`
	Rounds   int    `help:"Rounds of each." default:"5"`
	Warm     int    `help:"Journeys before the first round." default:"500"`
	Against  string `help:"Another peyk to compare with instead of the least program." placeholder:"FILE" type:"existingfile"`
	Alone    bool   `help:"Compare with nobody."`
	Ledger   string `help:"Measure every role apart, on this empty PostgreSQL; compares with nobody." placeholder:"URL"`
	Profile  bool   `help:"Tell where the time of company and provider goes; compares with nobody."`
	Keep     string `help:"Directory to keep the profiles in." placeholder:"DIR" type:"existingdir"`
}

func (c *journeyBench) Run(ctx context.Context, out output) error {
	return c.measure(ctx, out, func(x *lab, d *bench.Document) error { return c.in(ctx, x, d) })
}

func (c *journeyBench) in(ctx context.Context, x *lab, d *bench.Document) error {
	if c.Profile {
		return c.profiled(ctx, x, d)
	}
	worlds := []bench.World{x.embedded("peyk")}
	title := fmt.Sprintf("%d journeys in flight", c.InFlight)
	switch {
	case c.Ledger != "":
		worlds = []bench.World{&bench.Apart{Binary: x.self, Dir: filepath.Join(x.dir, "apart"), Ledger: c.Ledger}}
		title += ", every role apart"
	case c.Against != "":
		worlds = append(worlds, &bench.Embedded{Label: "other", Binary: c.Against, Dir: filepath.Join(x.dir, "other")})
	case !c.Alone:
		worlds = append(worlds, &bench.Ideal{Binary: x.self, Dir: filepath.Join(x.dir, "ideal")})
	}
	report, err := x.inTurn(ctx, title, c.Rounds, c.Warm, bench.Pace{Journeys: c.Journeys, InFlight: c.InFlight}, worlds...)
	d.Journeys = append(d.Journeys, report)
	return err
}

// profiled runs one round and sorts what the processes did in it.
func (c *journeyBench) profiled(ctx context.Context, x *lab, d *bench.Document) error {
	dir := c.Keep
	if dir == "" {
		dir = x.dir
	}
	w := x.embedded("peyk")
	w.Profile = dir
	pace := bench.Pace{Journeys: c.Journeys, InFlight: c.InFlight, Unseen: true}
	report, err := x.inTurn(ctx, fmt.Sprintf("%d journeys in flight, profiled", c.InFlight), 1, c.Warm, pace, w)
	if err != nil {
		return err
	}
	report.Profile = map[string][]profile.Share{}
	for _, name := range []string{"company", "provider"} {
		if report.Profile[name], err = profile.Classify(filepath.Join(dir, name+".pprof")); err != nil {
			return err
		}
	}
	d.Journeys = append(d.Journeys, report)
	return nil
}

type loneBench struct {
	benchFlags
	Journeys int           `help:"Journeys in each round." default:"100"`
	Think    time.Duration `help:"Pause after each letter." default:"50ms"`
	Rounds   int           `help:"Rounds of each." default:"3"`
}

func (c *loneBench) Run(ctx context.Context, out output) error {
	return c.measure(ctx, out, func(x *lab, d *bench.Document) error { return c.in(ctx, x, d) })
}

func (c *loneBench) in(ctx context.Context, x *lab, d *bench.Document) error {
	pace := bench.Pace{Journeys: c.Journeys, InFlight: 1, Think: c.Think}
	title := fmt.Sprintf("Lone journeys, %s apart (the rate is of the pauses)", c.Think)
	report, err := x.inTurn(ctx, title, c.Rounds, 20, pace, x.embedded("peyk"), &bench.Ideal{Binary: x.self, Dir: filepath.Join(x.dir, "ideal")})
	report.Pair = nil
	d.Journeys = append(d.Journeys, report)
	return err
}

type acceptBench struct {
	benchFlags
	Rate   int           `help:"Requests a second." default:"300"`
	Length time.Duration `help:"For how long." default:"10s" name:"for"`
	Rounds int           `help:"How often." default:"3"`
}

func (c *acceptBench) Run(ctx context.Context, out output) error {
	return c.measure(ctx, out, func(x *lab, d *bench.Document) error { return c.in(ctx, x, d) })
}

func (c *acceptBench) in(ctx context.Context, x *lab, d *bench.Document) error {
	w, err := x.start(ctx, x.embedded("peyk"))
	if err != nil {
		return err
	}
	if _, err := x.load.Journeys(ctx, w, bench.Pace{Journeys: 200, InFlight: 16}); err != nil {
		return fmt.Errorf("warm up: %w", err)
	}
	for range c.Rounds {
		report, err := x.load.Accept(ctx, w, c.Rate, c.Length)
		if err != nil {
			return err
		}
		d.Accept = append(d.Accept, report)
	}
	return x.stop(ctx)
}

// idealCommand is one of the two processes of the least program.
type idealCommand struct {
	Side string `arg:"" enum:"company,provider"`
}

func (c *idealCommand) Run(ctx context.Context) error {
	debug.SetGCPercent(collectAt)
	log, err := telemetry.NewLog(os.Stderr, "warn")
	if err != nil {
		return err
	}
	if c.Side == "company" {
		return ideal.ServeCompany(ctx, os.Stdin, os.Stdout, log)
	}
	return ideal.ServeProvider(ctx, os.Stdin, os.Stdout, log)
}
