package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"peyk/internal/bench"
)

type drainBench struct {
	benchFlags
	Waiting int `help:"Requests that wait." default:"50000"`
	Few     int `help:"Requests that wait in the rounds beside." default:"1000"`
	Window  int `help:"Letters the rate is taken of; fewer than the few." default:"800"`
	Rounds  int `help:"Rounds of each." default:"1"`
}

func (c *drainBench) Run(ctx context.Context, out output) error {
	return c.measure(ctx, out, func(x *lab, d *bench.Document) error { return c.in(ctx, x, d) })
}

// in measures each round in a world of its own: what is left waiting in one must
// not be in the way of the next.
func (c *drainBench) in(ctx context.Context, x *lab, d *bench.Document) error {
	report := bench.JourneyReport{Title: fmt.Sprintf("Draining %d waiting requests", c.Waiting)}
	for i := range c.Rounds {
		for _, waiting := range []int{c.Few, c.Waiting} {
			r, err := c.round(ctx, x, fmt.Sprintf("drain-%d-%d", waiting, i), waiting)
			if err != nil {
				return err
			}
			report.Rounds = append(report.Rounds, r)
		}
	}
	report.Pair = bench.PairUp(fmt.Sprintf("%d waiting", c.Waiting), fmt.Sprintf("%d waiting", c.Few), report.Rounds)
	d.Journeys = append(d.Journeys, report)
	return nil
}

func (c *drainBench) round(ctx context.Context, x *lab, name string, waiting int) (bench.Round, error) {
	w, err := x.start(ctx, x.embedded(name))
	if err != nil {
		return bench.Round{}, err
	}
	if _, err := x.load.Journeys(ctx, w, bench.Pace{Journeys: 200, InFlight: 16}); err != nil {
		return bench.Round{}, fmt.Errorf("warm up: %w", err)
	}
	r, err := x.load.Drain(ctx, w, waiting, c.Window)
	return r, errors.Join(err, x.stop(ctx), os.RemoveAll(filepath.Join(x.dir, name)))
}

type finishedBench struct {
	benchFlags
	Finished int `help:"Finished requests in the ledger." default:"1000000"`
	Kept     int `help:"How many of them are not purged yet." default:"20000"`
	Journeys int `help:"Journeys in each round." default:"1000"`
	Rounds   int `help:"Rounds of each." default:"3"`
}

func (c *finishedBench) Run(ctx context.Context, out output) error {
	return c.measure(ctx, out, func(x *lab, d *bench.Document) error { return c.in(ctx, x, d) })
}

func (c *finishedBench) in(ctx context.Context, x *lab, d *bench.Document) error {
	full := x.embedded(fmt.Sprintf("%d finished", c.Finished))
	w, err := x.start(ctx, full)
	if err != nil {
		return err
	}
	if _, err := x.load.Journeys(ctx, w, bench.Pace{Journeys: 1, InFlight: 1}); err != nil {
		return fmt.Errorf("make a finished request: %w", err)
	}
	if err := x.stop(ctx); err != nil {
		return err
	}
	if err := bench.Grow(ctx, full.Dir, c.Finished, min(c.Kept, c.Finished)); err != nil {
		return err
	}
	report, err := x.inTurn(ctx, fmt.Sprintf("On %d finished requests", c.Finished), c.Rounds, 300,
		bench.Pace{Journeys: c.Journeys, InFlight: 64}, full, x.embedded("none finished"))
	d.Journeys = append(d.Journeys, report)
	return err
}

type idleBench struct {
	benchFlags
	Length time.Duration `help:"For how long." default:"30s" name:"for"`
}

func (c *idleBench) Run(ctx context.Context, out output) error {
	return c.measure(ctx, out, func(x *lab, d *bench.Document) error { return c.in(ctx, x, d) })
}

func (c *idleBench) in(ctx context.Context, x *lab, d *bench.Document) error {
	report, err := x.load.Idle(ctx, x.embedded("peyk"), x.dir, c.Length)
	d.Idle = append(d.Idle, report)
	return err
}

// allBench is the standard set: ten minutes at most, or, whole, half an hour.
type allBench struct {
	benchFlags
	Write  string `help:"Write the figures to a file, too, in Markdown." placeholder:"FILE" type:"path"`
	Ledger string `help:"Measure every role apart, too, on this empty PostgreSQL." placeholder:"URL"`
	Whole  bool   `help:"Drain 50,000 instead of 10,000, and a million finished requests instead of a hundred thousand."`
}

func (c *allBench) Run(ctx context.Context, out output) error {
	all := &bench.Document{}
	for _, measure := range c.measures(ctx) {
		one := &bench.Document{}
		if err := c.inLab(ctx, one, measure); err != nil {
			return err
		}
		all.At, all.Command, all.Version, all.Machine = one.At, one.Command, one.Version, one.Machine
		all.Add(*one)
	}
	if err := c.write(all); err != nil {
		return err
	}
	if c.JSON {
		return printJSON(out, all)
	}
	return all.Print(out)
}

// measures of the set.
func (c *allBench) measures(ctx context.Context) []func(*lab, *bench.Document) error {
	drain, finished := &drainBench{Waiting: 10_000, Few: 1000, Window: 800, Rounds: 2}, &finishedBench{Finished: 100_000, Kept: 5000, Journeys: 1000, Rounds: 3}
	if c.Whole {
		drain.Waiting, finished.Finished, finished.Kept = 50_000, 1_000_000, 20_000
	}
	set := []func(*lab, *bench.Document) error{
		func(x *lab, d *bench.Document) error {
			return (&journeyBench{Journeys: 2000, InFlight: 64, Rounds: 5, Warm: 500}).in(ctx, x, d)
		},
		func(x *lab, d *bench.Document) error {
			return (&loneBench{Journeys: 100, Think: 50 * time.Millisecond, Rounds: 3}).in(ctx, x, d)
		},
		func(x *lab, d *bench.Document) error {
			return (&acceptBench{Rate: 300, Length: 10 * time.Second, Rounds: 3}).in(ctx, x, d)
		},
		func(x *lab, d *bench.Document) error { return drain.in(ctx, x, d) },
		func(x *lab, d *bench.Document) error { return finished.in(ctx, x, d) },
		func(x *lab, d *bench.Document) error { return (&idleBench{Length: 30 * time.Second}).in(ctx, x, d) },
		func(x *lab, d *bench.Document) error {
			return (&journeyBench{Journeys: 2000, InFlight: 64, Warm: 500, Profile: true}).in(ctx, x, d)
		},
	}
	if c.Ledger != "" {
		set = append(set, func(x *lab, d *bench.Document) error {
			return (&journeyBench{Journeys: 2000, InFlight: 64, Rounds: 3, Warm: 500, Ledger: c.Ledger}).in(ctx, x, d)
		})
	}
	return set
}

func (c *allBench) write(d *bench.Document) error {
	if c.Write == "" {
		return nil
	}
	f, err := os.Create(c.Write)
	if err != nil {
		return fmt.Errorf("write the figures: %w", err)
	}
	d.Markdown(f)
	if err := f.Close(); err != nil {
		return fmt.Errorf("write the figures to %s: %w", c.Write, err)
	}
	return nil
}
