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
	"os/exec"
	"sync"
	"syscall"
	"time"
)

// ProviderOrder is what the provider's process is told on the first line of its
// standard input. Secrets travel there, never on a command line.
type ProviderOrder struct {
	Dir        string   `json:"dir"`
	Reports    []string `json:"reports"` // directories of report types
	Sources    []string `json:"sources"` // files that name what they may read
	Nothing    bool     `json:"nothing"` // instead of them, one that is a constant page
	Company    string   `json:"company"` // in the head of documents
	Limits     Limits   `json:"limits"`
	Token      string   `json:"token"`       // what the company presents
	WebhookURL string   `json:"webhook_url"` // the company's reader
	Present    string   `json:"present"`     // what we present there
	LogLevel   string   `json:"log_level"`
	Profile    string   `json:"profile"` // directory for a profile; "": none
}

// ProviderHello is the line it answers on standard output: it is ready, or why
// it cannot be.
type ProviderHello struct {
	PublicKey string `json:"public_key"`
	Error     string `json:"error,omitempty"`
}

// The restarts of a child that dies.
const (
	firstRestart = 100 * time.Millisecond
	lastRestart  = 5 * time.Second
	helloTime    = 30 * time.Second
)

// child is the provider's process: started, watched, started again. The
// listeners are ours, so that its addresses stay while it is being replaced.
type child struct {
	command []string
	order   ProviderOrder
	files   []*os.File // of the listeners: descriptors 3 and 4
	log     *slog.Logger

	mu      sync.Mutex
	process *os.Process
	stdin   io.Closer
	done    chan struct{} // the watch is over
	stop    context.CancelFunc
	onStart func(pid int)
}

// startChild starts the provider and returns what it says of itself.
func startChild(ctx context.Context, command []string, order ProviderOrder, listeners []net.Listener, log *slog.Logger, onStart func(pid int)) (*child, ProviderHello, error) {
	c := &child{command: command, order: order, log: log, done: make(chan struct{}), onStart: onStart}
	for _, l := range listeners {
		f, err := l.(*net.TCPListener).File()
		if err != nil {
			return nil, ProviderHello{}, fmt.Errorf("hand a listener to the provider: %w", err)
		}
		c.files = append(c.files, f)
	}
	cmd, hello, err := c.start(ctx)
	if err != nil {
		return nil, hello, err
	}
	watch, stop := context.WithCancel(context.Background())
	c.stop = stop
	go c.watch(watch, cmd)
	return c, hello, nil
}

// start runs the process once and waits for its first line.
func (c *child) start(ctx context.Context) (*exec.Cmd, ProviderHello, error) {
	cmd := exec.Command(c.command[0], c.command[1:]...)
	cmd.ExtraFiles, cmd.Stderr = c.files, os.Stderr
	// Ctrl+C reaches the whole group; the provider stops when we let it.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, ProviderHello{}, fmt.Errorf("start the provider: %w", err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, ProviderHello{}, fmt.Errorf("start the provider: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return nil, ProviderHello{}, fmt.Errorf("start the provider: %w", err)
	}
	c.mu.Lock()
	c.process, c.stdin = cmd.Process, stdin
	c.mu.Unlock()
	c.onStart(cmd.Process.Pid)
	hello, err := greet(ctx, stdin, stdout, c.order)
	if err != nil {
		_ = cmd.Process.Kill() // it may be dead already
		return nil, hello, errors.Join(fmt.Errorf("start the provider: %w", err), ignoreExit(cmd.Wait()))
	}
	return cmd, hello, nil
}

// greet sends the order and reads the hello, within helloTime.
func greet(ctx context.Context, stdin io.Writer, stdout io.Reader, order ProviderOrder) (ProviderHello, error) {
	ctx, cancel := context.WithTimeout(ctx, helloTime)
	defer cancel()
	type answer struct {
		hello ProviderHello
		err   error
	}
	said := make(chan answer, 1)
	go func() {
		hello, err := exchange(stdin, stdout, order)
		said <- answer{hello, err}
	}()
	select {
	case a := <-said:
		return a.hello, a.err
	case <-ctx.Done():
		return ProviderHello{}, fmt.Errorf("it did not say hello: %w", ctx.Err())
	}
}

func exchange(stdin io.Writer, stdout io.Reader, order ProviderOrder) (hello ProviderHello, err error) {
	line, err := json.Marshal(order)
	if err == nil {
		_, err = stdin.Write(append(line, '\n'))
	}
	if err == nil {
		line, err = bufio.NewReader(stdout).ReadBytes('\n')
	}
	if err == nil {
		err = json.Unmarshal(line, &hello)
	}
	if err == nil && hello.Error != "" {
		err = errors.New(hello.Error)
	}
	return hello, err
}

// watch starts the process again whenever it dies, until stop.
func (c *child) watch(ctx context.Context, cmd *exec.Cmd) {
	defer close(c.done)
	pause := firstRestart
	for {
		var err error
		if cmd != nil {
			began := time.Now()
			err = cmd.Wait()
			if time.Since(began) > lastRestart {
				pause = firstRestart // it had worked
			}
		}
		if ctx.Err() != nil {
			return
		}
		c.log.ErrorContext(ctx, "the provider's process died; starting it again", "error", err, "after", pause)
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return
		}
		pause = min(2*pause, lastRestart)
		if cmd, _, err = c.start(ctx); err != nil {
			c.log.ErrorContext(ctx, "the provider did not start", "error", err)
			cmd = nil
		}
	}
}

// close ends the process in an orderly way: its standard input closes. When ctx
// ends it is killed.
func (c *child) close(ctx context.Context) error {
	c.stop()
	c.mu.Lock()
	err := c.stdin.Close()
	c.mu.Unlock()
	select {
	case <-c.done:
	case <-ctx.Done():
		c.mu.Lock()
		err = errors.Join(ctx.Err(), c.process.Kill())
		c.mu.Unlock()
		<-c.done
	}
	for _, f := range c.files {
		err = errors.Join(err, f.Close())
	}
	if err != nil {
		return fmt.Errorf("stop the provider: %w", err)
	}
	return nil
}

// ignoreExit drops the exit status of a process that was killed on purpose.
func ignoreExit(err error) error {
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return nil
	}
	return err
}
