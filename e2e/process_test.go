package e2e

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"testing"
	"time"
)

// process is one life of a process of Peyk.
type process struct {
	*exec.Cmd
	gone chan struct{} // closed when it has ended
	err  error         // how; read it after gone
}

// launch starts the binary under test.
func launch(t testing.TB, log *tail, args ...string) *process {
	t.Helper()
	p := &process{Cmd: exec.Command(os.Getenv("PEYK_BIN"), args...), gone: make(chan struct{})}
	p.Stdout, p.Stderr = log, log
	if err := p.Start(); err != nil {
		t.Fatalf("start peyk: %v", err)
	}
	go func() {
		p.err = p.Wait()
		close(p.gone)
	}()
	return p
}

// stopTime is what an orderly stop may take, and some.
const stopTime = 40 * time.Second

// end sends a signal and waits for the end.
func (p *process) end(s os.Signal) error {
	_ = p.Process.Signal(s) // it may be dead already
	return p.wait()
}

// wait is for one that was told to end.
func (p *process) wait() error {
	select {
	case <-p.gone:
		return p.err
	case <-time.After(stopTime):
		return errors.Join(fmt.Errorf("still there after %s", stopTime), p.Process.Kill())
	}
}
