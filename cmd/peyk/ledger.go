package main

import (
	"context"
	"errors"
	"fmt"
	"text/tabwriter"

	"peyk/internal/backoffice/ledger/transfer"
)

type ledgerCommand struct {
	Copy ledgerCopyCommand `cmd:"" help:"Copy the ledger from a SQLite file into an empty PostgreSQL database, and compare."`
}

type ledgerCopyCommand struct {
	From string `help:"The SQLite file; nobody may be using it." required:"" placeholder:"FILE"`
	To   string `help:"postgres://user@host/database, new or empty." required:"" placeholder:"URL"`
}

func (c *ledgerCopyCommand) Run(ctx context.Context, out output) error {
	tables, err := transfer.Copy(ctx, c.From, c.To)
	return errors.Join(err, printComparison(out, tables))
}

// printComparison shows what was found of each table on both sides.
func printComparison(out output, tables []transfer.Table) error {
	if len(tables) == 0 {
		return nil
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "TABLE\tROWS\tCOPIED\tSHA-256")
	for _, t := range tables {
		sum := t.FromSum[:16] + ", the same"
		if !t.Same() {
			sum = t.FromSum[:16] + ", copied " + t.ToSum[:16]
		}
		fmt.Fprintf(w, "%s\t%d\t%d\t%s\n", t.Name, t.From, t.To, sum)
	}
	return w.Flush()
}
