package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"peyk/internal/backoffice/reader"
	"peyk/internal/bench/machine"
	"peyk/internal/protocol"
	"peyk/internal/provider/engine/constant"
)

// Apart is every role as a process of its own, on a PostgreSQL that runs already
// and a server of the queue: `peyk serve` eight times.
type Apart struct {
	Label  string // in results; "": apart
	Binary string
	Dir    string
	Ledger string // URL of an empty database

	ports   map[string]int
	running []member
}

// member is one of the processes.
type member struct {
	role string
	cmd  *exec.Cmd
}

// Name is how results call it.
func (a *Apart) Name() string {
	if a.Label == "" {
		return "apart"
	}
	return a.Label
}

// Start runs the roles in the order in which each finds what it needs.
func (a *Apart) Start(ctx context.Context, relay int) (Door, error) {
	if err := a.start(ctx, relay); err != nil {
		return Door{}, errors.Join(fmt.Errorf("start %s: %w", a.Name(), err), a.Stop(ctx))
	}
	token, err := os.ReadFile(filepath.Join(a.Dir, "cli.token"))
	if err != nil {
		return Door{}, errors.Join(err, a.Stop(ctx))
	}
	return Door{API: "http://" + a.at("trigger") + "/api/v1", Token: strings.TrimSpace(string(token)), Type: constant.Type}, nil
}

func (a *Apart) start(ctx context.Context, relay int) error {
	if err := os.MkdirAll(a.Dir, 0o700); err != nil {
		return err
	}
	if err := a.choosePorts(ctx); err != nil {
		return err
	}
	if err := a.settle(relay); err != nil {
		return err
	}
	for _, role := range []string{"queue", "app", "files"} {
		if err := a.run(ctx, role); err != nil {
			return err
		}
	}
	key, err := a.key()
	if err != nil {
		return err
	}
	for _, role := range []string{"trigger", "web", "gateway", "reader", "trace"} {
		if err := a.run(ctx, role, "--provider-key", key); err != nil {
			return err
		}
	}
	return nil
}

// choosePorts finds a free one for each door.
func (a *Apart) choosePorts(ctx context.Context) error {
	a.ports = map[string]int{}
	for _, door := range []string{"queue", "app", "files", "trigger", "web", "reader"} {
		var lc net.ListenConfig
		l, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
		if err != nil {
			return fmt.Errorf("find a port for %s: %w", door, err)
		}
		defer l.Close() // all at the end, or one might be found twice
		a.ports[door] = l.Addr().(*net.TCPAddr).Port
	}
	return nil
}

func (a *Apart) at(door string) string { return fmt.Sprintf("127.0.0.1:%d", a.ports[door]) }

func (a *Apart) settings() string { return filepath.Join(a.Dir, "peyk.yaml") }

// settle writes the one file all of them read.
func (a *Apart) settle(relay int) error {
	in := func(name string) string { return filepath.Join(a.Dir, name) }
	lines := []string{
		"data: " + a.Dir, "nothing: true", "ledger: " + a.Ledger, "blobs: " + in("blobs"),
		"queue: [nats://" + a.at("queue") + "]", "queue-listen: " + a.at("queue"),
		"service-token-file: " + in("service.token"), "cli-token-file: " + in("cli.token"),
		"provider-token-file: " + in("provider.token"), "webhook-token-file: " + in("webhook.token"),
		"listen: " + a.at("web"), "api-listen: " + a.at("trigger"), "api: http://" + a.at("trigger"), "public-url: http://" + a.at("web"),
		"reader-listen: " + a.at("reader"), "webhook-url: http://" + a.at("reader") + reader.Path,
		"provider: http://" + a.at("app"), "provider-files: http://" + a.at("files"), "provider-network: [127.0.0.0/8]",
		"app-listen: " + a.at("app"), "files-listen: " + a.at("files"),
		"relay-host: 127.0.0.1", fmt.Sprint("relay-port: ", relay), "relay-tls: none",
	}
	return os.WriteFile(a.settings(), []byte(strings.Join(lines, "\n")+"\n"), 0o600)
}

// run starts a role and waits until it serves.
func (a *Apart) run(ctx context.Context, role string, more ...string) error {
	args := append([]string{"serve", role, "--config", a.settings()}, more...)
	cmd, err := launch(ctx, a.Binary, args, filepath.Join(a.Dir, role+".log"), nil, func(out io.Reader) error {
		return waitFor(out, "Peyk serves")
	})
	if err == nil {
		a.running = append(a.running, member{role, cmd})
	}
	return err
}

// key is what the app signs with, the public half.
func (a *Apart) key() (string, error) {
	raw, err := os.ReadFile(filepath.Join(a.Dir, "provider", "webhook.key"))
	if err != nil {
		return "", err
	}
	key, err := protocol.ParseSigningKey("webhook", string(raw))
	return key.Public().String(), err
}

// Processes are those of the roles; PostgreSQL's are its own.
func (a *Apart) Processes() (out []machine.Process, err error) {
	for _, m := range a.running {
		out = append(out, machine.Process{Name: m.role, PID: m.cmd.Process.Pid})
		if m.role != "gateway" {
			continue
		}
		children, err := machine.Children(m.cmd.Process.Pid)
		if err != nil {
			return out, err
		}
		for _, c := range children {
			out = append(out, machine.Process{Name: "gate", PID: c.PID})
		}
	}
	return out, nil
}

// Stop ends the roles, the last started first.
func (a *Apart) Stop(ctx context.Context) (err error) {
	for _, m := range slices.Backward(a.running) {
		err = errors.Join(err, end(ctx, m.cmd))
	}
	a.running = nil
	return err
}
