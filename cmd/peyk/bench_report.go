package main

import (
	"context"
	"os"
	"runtime/debug"

	"peyk/internal/bench"
	"peyk/internal/bench/document"
)

type reportBench struct {
	benchFlags
	Rounds   int    `help:"Rounds of each." default:"7"`
	Postgres string `help:"Gather a million rows, too, from a database made for it on this PostgreSQL." placeholder:"URL"`
	Write    string `help:"Write the figures into a file, too, in the place of those it has." placeholder:"FILE" type:"path"`
}

func (c *reportBench) Run(ctx context.Context, out output) error {
	d := &bench.Document{}
	if err := c.inLab(ctx, d, c.in); err != nil {
		return err
	}
	if c.Write != "" {
		if err := makeParent(c.Write); err != nil {
			return err
		}
		if err := d.Documents.Put(c.Write, d.Head()); err != nil {
			return err
		}
	}
	if c.JSON {
		return printJSON(out, d)
	}
	return d.Print(out)
}

func (c *reportBench) in(ctx context.Context, x *lab, d *bench.Document) error {
	figures, err := document.Measure(ctx, document.Options{
		Rounds: c.Rounds, Postgres: c.Postgres,
		Worker: func(k document.Kind, database string) []string {
			return []string{x.self, "bench", "make", string(k), "--database", database}
		},
	})
	d.Documents = &figures
	return err
}

// makeCommand is a process that makes documents of one kind, started by bench
// report.
type makeCommand struct {
	Kind     document.Kind `arg:""`
	Database string        `help:"Where the rows are."`
}

func (c *makeCommand) Run(ctx context.Context) error {
	debug.SetGCPercent(collectAt) // as a provider does
	return document.Work(ctx, c.Kind, c.Database, os.Stdin, os.Stdout)
}
