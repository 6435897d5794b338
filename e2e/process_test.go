package e2e

import (
	"errors"
	"fmt"
	"io"
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
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatalf("start peyk: %v", err)
	}
	p.Stdout, p.Stderr = w, w
	err = p.Start()
	w.Close() // the process has its own
	if err != nil {
		r.Close()
		t.Fatalf("start peyk: %v", err)
	}
	logged := make(chan struct{})
	go func() {
		defer close(logged)
		defer r.Close()
		_, _ = io.Copy(log, r) // a tail takes everything
	}()
	go func() {
		p.err = p.Wait()
		select {
		case <-logged:
		case <-time.After(time.Second): // a provider that outlives the company holds the pipe open
		}
		close(p.gone)
	}()
	return p
}

// stopTime is what an orderly stop may take on a machine that does much besides.
const stopTime = 3 * time.Minute

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
