package e2e

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"
)

// sideBySide is how many tests run at once: most of their time they wait.
const sideBySide = "4"

// TestMain builds the binary once where none is named.
func TestMain(m *testing.M) {
	_ = flag.Set("test.parallel", sideBySide) // the command line is parsed later, and wins
	os.Exit(withBinary(m))
}

func withBinary(m *testing.M) int {
	if os.Getenv("PEYK_BIN") != "" {
		return m.Run()
	}
	dir, err := os.MkdirTemp("", "peyk-e2e-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	bin := filepath.Join(dir, "peyk")
	build := exec.Command("go", "build", "-o", bin, "peyk/cmd/peyk")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "build peyk: %v\n%s", err, out)
		return 1
	}
	os.Setenv("PEYK_BIN", bin)
	return m.Run()
}

// patience bounds each wait for something outside this process. Work that was
// under way in three processes that died one after another rests a minute
// before it is tried alone, so it is longer than that.
const patience = 100 * time.Second

// instance is a `peyk up` of this test's own.
type instance struct {
	t    testing.TB
	dir  string
	args []string
	http *http.Client
	log  *tail

	mu   sync.Mutex
	peyk *process // nil: not running
	run  run
}

// process is one life of the company's process.
type process struct {
	*exec.Cmd
	gone chan struct{} // closed when it has ended
	err  error         // how; read it after gone
}

// run is DIR/run.json as scripts read it.
type run struct {
	URLs  struct{ Web, API, Mailbox, SMTP, Reader, Provider, Files string }
	PIDs  struct{ Company, Provider int }
	Token string
}

// start runs `peyk up --demo` on a fresh directory until the test ends.
func start(t testing.TB, args ...string) *instance {
	t.Helper()
	i := newInstance(t, t.TempDir())
	t.Cleanup(i.end)
	i.up(args...)
	return i
}

// newInstance is an instance that does not run yet.
func newInstance(t testing.TB, dir string) *instance {
	return &instance{
		t: t, dir: dir, log: &tail{},
		http: &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 64}},
	}
}

// end stops what still runs, and shows the log of what went wrong.
func (i *instance) end() {
	if i.alive() != nil {
		i.down()
	}
	i.http.CloseIdleConnections()
	if i.t.Failed() {
		i.t.Logf("end of the server's log:\n%s", i.log)
	}
}

// up starts the company's process, which starts the provider's. Arguments stay
// for the next up without any.
func (i *instance) up(args ...string) {
	i.t.Helper()
	if len(args) > 0 {
		i.args = args
	}
	p := i.launch()
	i.eventually("the run file of process "+fmt.Sprint(p.Process.Pid), func() bool {
		select {
		case <-p.gone:
			i.t.Fatalf("peyk up ended: %v\n%s", p.err, i.log)
		default:
		}
		var r run
		raw, err := os.ReadFile(i.runFile())
		if err != nil || json.Unmarshal(raw, &r) != nil || r.PIDs.Company != p.Process.Pid {
			return false
		}
		i.mu.Lock()
		i.run = r
		i.mu.Unlock()
		return true
	})
}

func (i *instance) launch() *process {
	i.t.Helper()
	args := append([]string{
		"up", "--data", i.dir, "--demo", "--listen", "127.0.0.1:0", "--mailbox-listen", "127.0.0.1:0",
		"--smtp-listen", "127.0.0.1:0", "--mail-unknown-wait", "1s",
	}, i.args...)
	p := &process{Cmd: exec.Command(os.Getenv("PEYK_BIN"), args...), gone: make(chan struct{})}
	p.Stdout, p.Stderr = i.log, i.log
	if err := p.Start(); err != nil {
		i.t.Fatalf("start peyk: %v", err)
	}
	go func() {
		p.err = p.Wait()
		close(p.gone)
	}()
	i.mu.Lock()
	i.peyk = p
	i.mu.Unlock()
	return p
}

func (i *instance) runFile() string { return filepath.Join(i.dir, "run.json") }

// now is the run file as last read.
func (i *instance) now() run {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.run
}

// alive is the company's process; nil if it was stopped or killed.
func (i *instance) alive() *process {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.peyk
}

// signal ends the company's process and waits for it.
func (i *instance) signal(s os.Signal) error {
	i.mu.Lock()
	p := i.peyk
	i.peyk = nil
	i.mu.Unlock()
	_ = p.Process.Signal(s) // it may be dead already
	select {
	case <-p.gone:
		return p.err
	case <-time.After(stopTime):
		return errors.Join(fmt.Errorf("still there %s after signal %s", stopTime, s), p.Process.Kill())
	}
}

// stopTime is what an orderly stop may take, and some.
const stopTime = 40 * time.Second

// down stops the company in an orderly way.
func (i *instance) down() {
	i.t.Helper()
	if err := i.signal(syscall.SIGTERM); err != nil {
		i.t.Errorf("orderly stop: %v\n%s", err, i.log)
	}
}

// kill ends the company with SIGKILL.
func (i *instance) kill() { _ = i.signal(syscall.SIGKILL) }

// killProvider ends the provider's process with SIGKILL; its id is returned.
func (i *instance) killProvider() (pid int) {
	if pid = i.providerPID(); pid != 0 {
		_ = syscall.Kill(pid, syscall.SIGKILL) // it may be dead already
	}
	return pid
}

// providerPID is the provider's process as the run file has it just now.
func (i *instance) providerPID() int {
	var r run
	raw, err := os.ReadFile(i.runFile())
	if err != nil || json.Unmarshal(raw, &r) != nil {
		return 0
	}
	return r.PIDs.Provider
}

// eventually looks until ok says yes, and fails the test if it never does.
func (i *instance) eventually(what string, ok func() bool) {
	i.t.Helper()
	if !i.within(patience, ok) {
		i.t.Fatalf("waited %s in vain for %s", patience, what)
	}
}

// within looks until ok says yes. Another process gives no signal to wait for,
// so it looks soon, then ever less often, for looking takes the time of what is
// looked at, and gives up late.
func (i *instance) within(limit time.Duration, ok func() bool) bool {
	pause := 10 * time.Millisecond
	next := time.NewTimer(pause)
	defer next.Stop()
	over := time.After(limit)
	for !ok() {
		select {
		case <-next.C:
		case <-over:
			return false
		}
		pause = min(2*pause, 160*time.Millisecond)
		next.Reset(pause)
	}
	return true
}

// tail keeps the end of a log.
type tail struct {
	also io.Writer // gets everything; may be nil

	mu  sync.Mutex
	buf []byte
}

const tailSize = 64 << 10

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.buf = append(t.buf, p...)
	if t.also != nil {
		if _, err := t.also.Write(p); err != nil {
			return 0, err
		}
	}
	if len(t.buf) > 2*tailSize {
		t.buf = append([]byte(nil), t.buf[len(t.buf)-tailSize:]...)
	}
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.buf[max(0, len(t.buf)-tailSize):])
}
