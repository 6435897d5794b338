package gate

import (
	"context"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"sync"
	"time"
)

// child is one process that judges documents.
type child struct {
	cmd    *exec.Cmd
	stdin  io.WriteCloser
	stdout io.ReadCloser
	said   *tail
}

// startChild starts a process without environment and tells it the limits.
func startChild(command []string, limits []byte) (*child, error) {
	c := &child{cmd: exec.Command(command[0], command[1:]...), said: new(tail)}
	c.cmd.Env = []string{"GOMAXPROCS=1"} // nothing of the parent's: it knows secrets
	c.cmd.Dir = "/"
	c.cmd.Stderr = c.said
	var err error
	if c.stdin, err = c.cmd.StdinPipe(); err == nil {
		if c.stdout, err = c.cmd.StdoutPipe(); err == nil {
			err = c.cmd.Start()
		}
	}
	if err != nil {
		return nil, fmt.Errorf("start gate child %s: %w", command[0], err)
	}
	if err := writeFrame(c.stdin, limits); err != nil {
		return nil, fmt.Errorf("start gate child %s: %w: %s", command[0], err, c.kill())
	}
	return c, nil
}

// judge sends the document and waits for the verdict. When ctx ends the child is
// killed.
func (c *child) judge(ctx context.Context, kind Kind, doc []byte) (verdict, error) {
	defer context.AfterFunc(ctx, func() { _ = c.cmd.Process.Kill() })()
	var v verdict
	if err := writeFrame(c.stdin, []byte(kind)); err != nil {
		return verdict{}, err
	}
	if err := writeFrame(c.stdin, doc); err != nil {
		return verdict{}, err
	}
	if err := readJSON(c.stdout, maxVerdict, &v); err != nil {
		return verdict{}, fmt.Errorf("read verdict: %w", err)
	}
	if v.Refused != nil && sentences[v.Refused.Code] == "" || v.Refused == nil && !sensible(kind, v.Pages) {
		return verdict{}, fmt.Errorf("verdict makes no sense: %+v", v)
	}
	return v, nil
}

// sensible tells whether a document of the kind can have so many pages: only a
// PDF has any.
func sensible(kind Kind, pages int) bool {
	if kind == PDF {
		return pages >= 1
	}
	return pages == 0
}

// kill ends the process and gives the last it said.
func (c *child) kill() string {
	_ = c.cmd.Process.Kill() // it may have ended
	_ = c.stdin.Close()
	_ = c.cmd.Wait() // how it ended is known: it was killed or died
	return c.said.String()
}

// end lets the process go: its stdin ends, and so does it.
func (c *child) end() error {
	_ = c.stdin.Close()
	late := time.AfterFunc(endGrace, func() { _ = c.cmd.Process.Kill() })
	defer late.Stop()
	if err := c.cmd.Wait(); err != nil {
		return fmt.Errorf("end gate child: %w: %s", err, c.said)
	}
	return nil
}

// tail keeps the last of what a child says on stderr.
type tail struct {
	mu   sync.Mutex
	last []byte
}

const tailSize = 2 << 10

// Write is the io.Writer's.
func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.last = append(t.last, b...)
	if over := len(t.last) - tailSize; over > 0 {
		t.last = slices.Clone(t.last[over:])
	}
	return len(b), nil
}

// String is what was kept.
func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.last)
}
