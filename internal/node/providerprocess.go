package node

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"

	"peyk/internal/telemetry"
)

// The descriptors the provider's listeners are handed over as (os/exec,
// ExtraFiles).
const (
	appDescriptor   = 3
	filesDescriptor = 4
)

// ServeProvider is the whole of the provider's process: it reads its order from
// the first line of stdin, says hello on stdout, and works until stdin closes
// or ctx ends.
func ServeProvider(ctx context.Context, stdin io.Reader, stdout io.Writer) error {
	in := bufio.NewReader(stdin)
	order, err := readOrder(in)
	if err != nil {
		return err
	}
	log, err := telemetry.NewLog(os.Stderr, order.LogLevel)
	if err != nil {
		return err
	}
	p, err := openProvider(ctx, order.config(log.With("company", "provider")))
	if err != nil {
		return errors.Join(err, sayHello(stdout, ProviderHello{Error: err.Error()}))
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	go func() {
		_, _ = io.Copy(io.Discard, in) // ends when the company does, in whatever way
		stop()
	}()
	if err := sayHello(stdout, ProviderHello{PublicKey: p.key.Public().String()}); err != nil {
		return errors.Join(err, p.close())
	}
	profiled, err := telemetry.Profile(order.Profile, "provider")
	if err != nil {
		return errors.Join(err, p.close())
	}
	return errors.Join(p.run(ctx), profiled())
}

// config of the provider's process: all of it, on the listeners handed down.
func (o ProviderOrder) config(log *slog.Logger) ProviderConfig {
	return ProviderConfig{
		Dir: o.Dir, Reports: o.Reports, Sources: o.Sources, Nothing: o.Nothing, Company: o.Company, Limits: o.Limits,
		Token: o.Token, WebhookURL: o.WebhookURL, Present: o.Present, Wait: predecessorTime,
		App: inherited(appDescriptor), Files: inherited(filesDescriptor), Log: log,
	}
}

func readOrder(in *bufio.Reader) (o ProviderOrder, err error) {
	line, err := in.ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, &o)
	}
	if err != nil {
		return o, fmt.Errorf("read the order on standard input (this command is started by peyk up): %w", err)
	}
	return o, nil
}

func sayHello(stdout io.Writer, h ProviderHello) error {
	line, err := json.Marshal(h)
	if err == nil {
		_, err = stdout.Write(append(line, '\n'))
	}
	if err != nil {
		return fmt.Errorf("say hello to the company: %w", err)
	}
	return nil
}

// inherited is a listener our parent opened, so that its address outlives us.
func inherited(descriptor uintptr) Listen {
	return func(context.Context) (net.Listener, error) {
		f := os.NewFile(descriptor, "listener")
		l, err := net.FileListener(f)
		if err != nil {
			return nil, fmt.Errorf("take over the listener %d (this command is started by peyk up): %w", descriptor, err)
		}
		return l, f.Close()
	}
}
