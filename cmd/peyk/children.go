package main

import (
	"context"
	"fmt"
	"os"
	"runtime/debug"

	"peyk/internal/backoffice/gateway/gate"
	"peyk/internal/node"
)

// providerCommand is the other company's process. It lives while its standard
// input is open; descriptors 3 and 4 are its listeners.
type providerCommand struct{}

func (*providerCommand) Run(ctx context.Context) error {
	debug.SetGCPercent(collectAt)
	return node.ServeProvider(ctx, os.Stdin, os.Stdout)
}

// gateCommand is a child that looks into documents for the gateway.
type gateCommand struct{}

func (*gateCommand) Run() error { return gate.Serve(os.Stdin, os.Stdout) }

type versionCommand struct{}

func (*versionCommand) Run(out output) error {
	version := "(devel)"
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		version = info.Main.Version
	}
	_, err := fmt.Fprintln(out, "peyk", version)
	return err
}
