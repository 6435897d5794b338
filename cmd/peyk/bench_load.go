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

type acceptBench struct {
	benchFlags
	Rate   int           `help:"Requests a second." default:"300"`
	Length time.Duration `help:"For how long." default:"10s" name:"for"`
	Rounds int           `help:"How often." default:"3"`
}

func (c *acceptBench) Run(ctx context.Context, out output) error {
	return c.measure(ctx, out, c.in)
}

func (c *acceptBench) in(ctx context.Context, x *lab, d *bench.Document) error {
	w, err := x.warmed(ctx, "peyk")
	if err != nil {
		return err
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

type drainBench struct {
	benchFlags
	Waiting int `help:"Requests that wait." default:"50000"`
	Few     int `help:"Requests that wait in the rounds beside." default:"1000"`
	Window  int `help:"Letters the rate is taken of; fewer than the few." default:"800"`
	Rounds  int `help:"Rounds of each." default:"1"`
}

func (c *drainBench) Run(ctx context.Context, out output) error {
	return c.measure(ctx, out, c.in)
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
	w, err := x.warmed(ctx, name)
	if err != nil {
		return bench.Round{}, err
	}
	r, err := x.load.Drain(ctx, w, waiting, c.Window)
	return r, errors.Join(err, x.stop(ctx), os.RemoveAll(filepath.Join(x.dir, name)))
}
