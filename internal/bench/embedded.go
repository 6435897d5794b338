package bench

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"peyk/internal/bench/machine"
	"peyk/internal/node"
	"peyk/internal/provider/engine/constant"
)

// Embedded is `peyk up` on a directory of its own: the company in one process,
// the provider in a second.
type Embedded struct {
	Label   string // in results; "": peyk
	Binary  string
	Dir     string
	Profile string // directory for CPU profiles; "": none

	cmd *exec.Cmd
	run node.Run
}

// Name is how results call it.
func (e *Embedded) Name() string {
	if e.Label == "" {
		return "peyk"
	}
	return e.Label
}

// Start runs the binary and waits until it says that it runs. Its log goes
// where an operator's would: to a file.
func (e *Embedded) Start(ctx context.Context, relay int) (Door, error) {
	if err := os.MkdirAll(e.Dir, 0o700); err != nil {
		return Door{}, fmt.Errorf("make the directory of %s: %w", e.Name(), err)
	}
	args := []string{
		"up", "--nothing", "--data", e.Dir, "--listen", "127.0.0.1:0",
		"--relay-host", "127.0.0.1", "--relay-port", strconv.Itoa(relay), "--relay-tls", "none",
	}
	if e.Profile != "" {
		args = append(args, "--profile", e.Profile)
	}
	cmd, err := launch(ctx, e.Binary, args, filepath.Join(e.Dir, "log"), nil, func(out io.Reader) error {
		return waitFor(out, "Ctrl+C")
	})
	if err != nil {
		return Door{}, err
	}
	e.cmd = cmd
	if e.run, err = node.ReadRun(e.Dir); err != nil {
		return Door{}, errors.Join(err, e.Stop(ctx))
	}
	return Door{API: e.run.URLs.API, Token: e.run.Token, Type: constant.Type}, nil
}

// Processes are the company, and what it started: the provider and the gates.
func (e *Embedded) Processes() ([]machine.Process, error) {
	children, err := machine.Children(e.cmd.Process.Pid)
	names := map[string]string{"provider-process": "provider", "pdf-gate": "gate"}
	out := []machine.Process{{Name: "company", PID: e.cmd.Process.Pid}}
	for _, c := range children {
		if name, ok := names[c.Name]; ok {
			out = append(out, machine.Process{Name: name, PID: c.PID})
		}
	}
	return out, err
}

// Stop ends it as Ctrl+C would.
func (e *Embedded) Stop(ctx context.Context) error { return end(ctx, e.cmd) }

// startTime is how long a world may take to start, stopTime to stop.
const (
	startTime = 30 * time.Second
	stopTime  = 30 * time.Second
)

// launch starts a process whose log goes to a file, and waits for ready to have
// read what it says.
func launch(ctx context.Context, binary string, args []string, log string, stdin *os.File, ready func(io.Reader) error) (*exec.Cmd, error) {
	said, err := os.OpenFile(log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the log of %s: %w", args[0], err)
	}
	defer said.Close()
	cmd := exec.Command(binary, args...)
	cmd.Stderr = said
	if stdin != nil {
		cmd.Stdin = stdin
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // Ctrl+C reaches the bench, which stops it
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", args[0], err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", args[0], err)
	}
	limit := time.AfterFunc(startTime, func() { _ = cmd.Process.Kill() })
	defer limit.Stop()
	if err := ready(out); err != nil {
		_ = cmd.Process.Kill() // it may be dead already
		_ = cmd.Wait()
		return nil, fmt.Errorf("start %s (its log is %s): %w", strings.Join(args, " "), log, err)
	}
	go func() { _, _ = io.Copy(io.Discard, out) }() // until it ends
	return cmd, nil
}

// waitFor reads lines up to one that begins so.
func waitFor(out io.Reader, beginning string) error {
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if strings.HasPrefix(lines.Text(), beginning) {
			return nil
		}
	}
	return errors.Join(lines.Err(), errors.New("it ended before it was ready"))
}

// end interrupts a process and waits for it; nil is none.
func end(ctx context.Context, cmd *exec.Cmd) error {
	if cmd == nil || cmd.ProcessState != nil {
		return nil
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		return fmt.Errorf("stop process %d: %w", cmd.Process.Pid, err)
	}
	return wait(ctx, cmd)
}

// wait waits for a process that was told to end; nil is none.
func wait(ctx context.Context, cmd *exec.Cmd) error {
	if cmd == nil || cmd.ProcessState != nil {
		return nil
	}
	limit, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTime)
	defer cancel()
	defer context.AfterFunc(limit, func() { _ = cmd.Process.Kill() })()
	if err := cmd.Wait(); err != nil {
		return fmt.Errorf("stop process %d: %w", cmd.Process.Pid, err)
	}
	return nil
}
