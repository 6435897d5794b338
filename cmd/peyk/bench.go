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
	Report   reportBench   `cmd:"" help:"What documents cost to make, beside a headless Chromium, where it is installed."`
	All      allBench      `cmd:"" help:"All of these."`

	Ideal idealCommand `cmd:"" hidden:"" help:"A process of the least program, started by bench."`
	Make  makeCommand  `cmd:"" hidden:"" help:"A process that makes documents, started by bench."`
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

// measurement adds what it finds to a document.
type measurement func(ctx context.Context, x *lab, d *bench.Document) error

// measure makes one in a lab and prints what it found.
func (f benchFlags) measure(ctx context.Context, out output, m measurement) error {
	d := &bench.Document{}
	if err := f.inLab(ctx, d, m); err != nil {
		return err
	}
	if f.JSON {
		return printJSON(out, d)
	}
	return d.Print(out)
}

func (f benchFlags) inLab(ctx context.Context, d *bench.Document, m measurement) (err error) {
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
	return m(ctx, x, d)
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

// ideal is the least program.
func (x *lab) ideal() *bench.Ideal {
	return &bench.Ideal{Binary: x.self, Dir: filepath.Join(x.dir, "ideal")}
}

// warmed runs a world that has made some journeys.
func (x *lab) warmed(ctx context.Context, name string) (*bench.Running, error) {
	w, err := x.start(ctx, x.embedded(name))
	if err != nil {
		return nil, err
	}
	if _, err := x.load.Journeys(ctx, w, bench.Pace{Journeys: 200, InFlight: 16}); err != nil {
		return nil, fmt.Errorf("warm up: %w", err)
	}
	return w, nil
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
