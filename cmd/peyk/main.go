// Command peyk asks for reports and brings them: the server, and the command
// line that talks to it.
//
// Exit codes are promises: 0 done; 1 it failed; 2 the command was wrong; 3 the
// request ended without a report (rejected, failed, declined, expired,
// cancelled); 4 there is no such request; 5 the server refused.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // time zones on machines that bring none

	"github.com/alecthomas/kong"

	"peyk/internal/protocol"
)

// The exit codes.
const (
	exitFailed  = 1
	exitUsage   = 2
	exitNoGood  = 3
	exitUnknown = 4
	exitRefused = 5
)

// commands is the whole command line. Every flag can also be given as PEYK_…
// in the environment.
type commands struct {
	Up      upCommand      `cmd:"" help:"Run everything on this machine: the company, the provider, a mailbox."`
	Serve   serveCommand   `cmd:"" help:"Run some roles in this process, the rest elsewhere."`
	Request requestCommand `cmd:"" help:"Ask for a report."`
	Status  statusCommand  `cmd:"" help:"Show how a request stands, with its journal."`
	List    listCommand    `cmd:"" help:"List requests, newest first."`
	Approve approveCommand `cmd:"" help:"Let a request run."`
	Decline declineCommand `cmd:"" help:"Refuse a request, with a reason."`
	Cancel  cancelCommand  `cmd:"" help:"Cancel a request before its report is here."`
	Redrive redriveCommand `cmd:"" help:"Send a failed or rejected request on its way again."`
	Catalog catalogCommand `cmd:"" help:"List the reports that can be asked for, with their parameters."`
	User    userCommand    `cmd:"" help:"Keep the accounts."`
	Report  reportCommand  `cmd:"" help:"Write reports: a first file, a check, a preview."`
	Bench   benchCommand   `cmd:"" help:"Measure how fast this machine carries reports."`
	Ledger  ledgerCommand  `cmd:"" help:"Carry the ledger to another store."`
	Version versionCommand `cmd:"" help:"Print the version."`

	ProviderProcess providerCommand `cmd:"" hidden:"" help:"The provider's process, started by up."`
	PDFGate         gateCommand     `cmd:"" name:"pdf-gate" hidden:"" help:"A document gate, started by up."`
}

// output is where commands write what was asked for.
type output struct{ io.Writer }

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, stop, os.Args[1:], os.Stdout, os.Stderr))
}

// run is main without the process: it returns the exit code. stopSignals gives
// signals back their usual meaning, so that a second one leaves now.
func run(ctx context.Context, stopSignals func(), args []string, stdout, stderr io.Writer) int {
	parser, err := newParser(ctx, stopSignals, stdout, stderr)
	if err != nil {
		fmt.Fprintln(stderr, "peyk:", err)
		return exitFailed
	}
	k, err := parser.Parse(args)
	if err != nil {
		fmt.Fprintln(stderr, "peyk:", err)
		return exitUsage
	}
	if err := k.Run(); err != nil {
		fmt.Fprintln(stderr, "peyk:", err)
		return exitCode(err)
	}
	return 0
}

// newParser reads command lines.
func newParser(ctx context.Context, stopSignals func(), stdout, stderr io.Writer) (*kong.Kong, error) {
	return kong.New(&commands{},
		kong.Name("peyk"),
		kong.Description("Ask for a report, walk away, get it.\n\n"+
			"Exit codes: 0 done, 1 failed, 2 wrong usage, 3 the request ended without a report, 4 no such request, 5 refused."),
		kong.DefaultEnvars("PEYK"),
		kong.Configuration(loadSettings),
		kong.Writers(stdout, stderr),
		kong.UsageOnError(),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(output{stdout}),
		kong.Bind(onStop(stopSignals)),
	)
}

// onStop is called when an orderly stop begins.
type onStop func()

// exitCode is the table from errors to exit codes.
func exitCode(err error) int {
	var problem *protocol.Problem
	var ended *endedError
	switch {
	case errors.As(err, &ended):
		return exitNoGood
	case errors.As(err, &problem) && problem.Status == 404:
		return exitUnknown
	case errors.As(err, &problem):
		return exitRefused
	}
	return exitFailed
}
