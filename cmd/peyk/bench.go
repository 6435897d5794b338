package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"

	"peyk/internal/bench"
	"peyk/internal/bench/ideal"
	"peyk/internal/telemetry"
)

// benchCommand measures. What is measured runs in processes of its own, made
// from this same binary; the load and the relay that ends the journeys are in
// this one.
type benchCommand struct {
	Journey journeyBench `cmd:"" help:"Whole journeys: rate, latency, costs, beside the least program that does the same."`

	Ideal idealCommand `cmd:"" hidden:"" help:"A process of the least program, started by bench."`
}

// benchFlags are for every measurement.
type benchFlags struct {
	JSON bool   `help:"Print JSON." name:"json"`
	Temp string `help:"Directory the measured data lie in; they are removed afterwards." placeholder:"DIR" type:"existingdir"`
}

type journeyBench struct {
	benchFlags
	Journeys int    `help:"Journeys in each round." default:"2000"`
	InFlight int    `help:"Journeys under way at a time." default:"64"`
	Rounds   int    `help:"Rounds of each." default:"3"`
	Warm     int    `help:"Journeys before the first round." default:"500"`
	Against  string `help:"Another peyk to compare with instead of the ideal." placeholder:"FILE" type:"existingfile"`
	Alone    bool   `help:"Compare with nobody."`
	Ledger   string `help:"Measure every role apart instead, on this empty PostgreSQL." placeholder:"URL"`
	Profile  string `help:"Directory for profiles of where the CPU's time goes." placeholder:"DIR" type:"existingdir"`
}

func (c *journeyBench) Run(ctx context.Context, out output) error {
	debug.SetGCPercent(collectAt)
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find our own binary: %w", err)
	}
	dir, err := os.MkdirTemp(c.Temp, "peyk-bench-")
	if err != nil {
		return fmt.Errorf("make a directory for the bench: %w", err)
	}
	defer os.RemoveAll(dir)
	worlds := []bench.World{&bench.Embedded{Binary: self, Dir: filepath.Join(dir, "peyk"), Profile: c.Profile}}
	if c.Ledger != "" {
		worlds[0] = &bench.Apart{Binary: self, Dir: filepath.Join(dir, "peyk"), Ledger: c.Ledger}
	}
	switch {
	case c.Against != "":
		worlds = append(worlds, &bench.Embedded{Label: "other", Binary: c.Against, Dir: filepath.Join(dir, "other")})
	case !c.Alone:
		worlds = append(worlds, &bench.Ideal{Binary: self, Dir: filepath.Join(dir, "ideal")})
	}
	l, err := bench.NewLoad(ctx)
	if err != nil {
		return err
	}
	defer l.Close()
	var running []*bench.Running
	stop := func() (err error) {
		for _, w := range running {
			err = errors.Join(err, w.Stop(ctx))
		}
		running = nil
		return err
	}
	for _, w := range worlds {
		r, err := l.Open(ctx, w, dir)
		if err != nil {
			return errors.Join(err, stop())
		}
		running = append(running, r)
	}
	rounds, err := l.InTurn(ctx, c.Rounds, bench.Pace{Journeys: c.Journeys, InFlight: c.InFlight, Unseen: c.Profile != ""}, c.Warm, running...)
	if err := errors.Join(err, stop()); err != nil {
		return err
	}
	return printJSON(out, rounds)
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
