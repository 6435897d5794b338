package main

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"peyk/internal/bench"
	"peyk/internal/bench/profile"
)

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
	return c.measure(ctx, out, c.in)
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
		worlds = append(worlds, x.ideal())
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
	return c.measure(ctx, out, c.in)
}

func (c *loneBench) in(ctx context.Context, x *lab, d *bench.Document) error {
	pace := bench.Pace{Journeys: c.Journeys, InFlight: 1, Think: c.Think}
	title := fmt.Sprintf("Lone journeys, %s apart (the rate is of the pauses)", c.Think)
	report, err := x.inTurn(ctx, title, c.Rounds, 20, pace, x.embedded("peyk"), x.ideal())
	report.Pair = nil
	d.Journeys = append(d.Journeys, report)
	return err
}

type finishedBench struct {
	benchFlags
	Finished int `help:"Finished requests in the ledger." default:"1000000"`
	Kept     int `help:"How many of them are not purged yet." default:"20000"`
	Journeys int `help:"Journeys in each round." default:"1000"`
	Rounds   int `help:"Rounds of each." default:"3"`
}

func (c *finishedBench) Run(ctx context.Context, out output) error {
	return c.measure(ctx, out, c.in)
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
