package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"peyk/internal/bench"
)

type idleBench struct {
	benchFlags
	Length time.Duration `help:"For how long." default:"30s" name:"for"`
}

func (c *idleBench) Run(ctx context.Context, out output) error {
	return c.measure(ctx, out, c.in)
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
	for _, m := range c.measures() {
		one := &bench.Document{}
		if err := c.inLab(ctx, one, m); err != nil {
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
func (c *allBench) measures() []measurement {
	drain := &drainBench{Waiting: 10_000, Few: 1000, Window: 800, Rounds: 2}
	finished := &finishedBench{Finished: 100_000, Kept: 5000, Journeys: 1000, Rounds: 3}
	if c.Whole {
		drain.Waiting, finished.Finished, finished.Kept = 50_000, 1_000_000, 20_000
	}
	set := []measurement{
		(&journeyBench{Journeys: 2000, InFlight: 64, Rounds: 5, Warm: 500}).in,
		(&loneBench{Journeys: 100, Think: 50 * time.Millisecond, Rounds: 3}).in,
		(&acceptBench{Rate: 300, Length: 10 * time.Second, Rounds: 3}).in,
		drain.in,
		finished.in,
		(&idleBench{Length: 30 * time.Second}).in,
		(&journeyBench{Journeys: 2000, InFlight: 64, Warm: 500, Profile: true}).in,
		(&reportBench{Rounds: 7, Postgres: c.Ledger}).in,
	}
	if c.Ledger != "" {
		set = append(set, (&journeyBench{Journeys: 2000, InFlight: 64, Rounds: 3, Warm: 500, Ledger: c.Ledger}).in)
	}
	return set
}

func (c *allBench) write(d *bench.Document) error {
	if c.Write == "" {
		return nil
	}
	if err := makeParent(c.Write); err != nil {
		return err
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
