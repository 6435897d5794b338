package e2e

import (
	"context"
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

	"peyk/internal/node"
)

// sideBySide is how many tests run at once: most of their time they wait.
const sideBySide = "4"

// scratch is a directory of this run.
var scratch string

// TestMain builds the binary once where none is named.
func TestMain(m *testing.M) {
	_ = flag.Set("test.parallel", sideBySide) // the command line is parsed later, and wins
	code, err := runTests(m)
	if err = errors.Join(err, postgreSQL.close(), os.RemoveAll(scratch)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// runTests runs the tests and gives the exit code.
func runTests(m *testing.M) (code int, err error) {
	if scratch, err = os.MkdirTemp("", "peyk-e2e-"); err != nil {
		return 1, err
	}
	if os.Getenv("PEYK_BIN") == "" {
		bin := filepath.Join(scratch, "peyk")
		build := exec.Command("go", "build", "-trimpath", "-o", bin, "peyk/cmd/peyk")
		build.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := build.CombinedOutput(); err != nil {
			return 1, fmt.Errorf("build peyk: %w\n%s", err, out)
		}
		os.Setenv("PEYK_BIN", bin)
	}
	return m.Run(), nil
}

// samples is a directory with the sample company's data. They are generated once
// for all instances: it takes more than the rest of a start.
var samples = sync.OnceValues(func() (dir string, err error) {
	dir = filepath.Join(scratch, "samples")
	_, _, err = node.Sample(context.Background(), dir)
	return dir, err
})

// copySamples gives an instance its data. The instance generates them itself
// where they are missing or of another day.
func copySamples(t testing.TB, to string) {
	t.Helper()
	if _, err := os.Stat(to); err == nil {
		return // it was started before
	}
	from, err := samples()
	if err == nil {
		err = os.MkdirAll(filepath.Dir(to), 0o700)
	}
	if err == nil {
		err = os.CopyFS(to, os.DirFS(from))
	}
	if err != nil {
		t.Fatalf("copy the sample data: %v", err)
	}
}

// patience bounds each wait for something outside this process. Work that was
// under way in three processes that died one after another rests a minute
// before it is tried alone; a machine that does much besides takes several times
// as long for all of it.
const patience = 5 * time.Minute

// instance is a Peyk of this test's own, in one of two columns.
type instance struct {
	t     testing.TB
	dir   string
	args  []string
	http  *http.Client
	log   *tail
	world world

	mu  sync.Mutex
	run run
}

// world is how the processes of an instance are laid out.
type world interface {
	// start starts what does not run, and returns when all of it is ready.
	start(args []string) run
	// end sends the company's processes a signal and waits for them.
	end(s os.Signal) error
	// alive reports whether the company runs.
	alive() bool
	// stop ends everything that is left.
	stop()
	// provider is the process of the reporting app just now; 0: none.
	provider() int
	// killProvider ends the provider's processes; they come back by themselves.
	killProvider()
	// holdProvider stops them as they are, or lets them go on.
	holdProvider(hold bool)
	// samples is where the sample company's data lie.
	samples() string
}

// run is DIR/run.json as scripts read it.
type run struct {
	URLs  struct{ Web, API, Mailbox, SMTP, Reader, Provider, Files string }
	PIDs  struct{ Company, Provider int }
	Token string
}

// column makes the world of an instance.
type column func(i *instance) world

// The columns by name.
const (
	inEmbedded = "embedded"
	inApart    = "apart"
)

// columns are the two ways to run Peyk, by name.
func columns() map[string]column {
	return map[string]column{inEmbedded: embedded, inApart: apart}
}

// inBothColumns runs a test in each.
func inBothColumns(t *testing.T, test func(t *testing.T, c column)) {
	t.Parallel()
	for name, c := range columns() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, c)
		})
	}
}

// inOneColumn runs a test whose outcome does not depend on the column: in the
// one that is named, and in both where everyColumn says so. The reason says what
// holds the other column to the same.
func inOneColumn(t *testing.T, only, reason string, test func(t *testing.T, c column)) {
	t.Parallel()
	for name, c := range columns() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if name != only && !everyColumn() {
				t.Skipf("only %s without PEYK_COLUMNS=both: %s", only, reason)
			}
			test(t, c)
		})
	}
}

// everyColumn reports whether each test runs in both columns.
func everyColumn() bool {
	return os.Getenv("PEYK_COLUMNS") == "both" || os.Getenv("PEYK_TORTURE") != ""
}

// start runs the demo on a fresh directory until the test ends, in one process
// and the provider's.
func start(t testing.TB, args ...string) *instance {
	t.Helper()
	return startIn(t, embedded, args...)
}

// startIn runs it in a column.
func startIn(t testing.TB, c column, args ...string) *instance {
	t.Helper()
	i := newInstance(t, c, t.TempDir())
	t.Cleanup(i.end)
	i.up(args...)
	return i
}

// newInstance is an instance that does not run yet.
func newInstance(t testing.TB, c column, dir string) *instance {
	i := &instance{
		t: t, dir: dir, log: &tail{},
		http: &http.Client{Timeout: 2 * time.Minute, Transport: &http.Transport{MaxIdleConnsPerHost: 64}},
	}
	i.world = c(i)
	return i
}

// join is the same running instance in the hands of another test.
func (i *instance) join(t testing.TB) *instance {
	return &instance{t: t, dir: i.dir, http: i.http, log: i.log, world: i.world, run: i.now()}
}

// end stops what still runs, and shows the log of what went wrong.
func (i *instance) end() {
	if i.world.alive() {
		i.down()
	}
	i.world.stop()
	i.http.CloseIdleConnections()
	if i.t.Failed() {
		i.t.Logf("end of the server's log:\n%s", i.log)
	}
}

// up starts what does not run. Arguments stay for the next up without any.
func (i *instance) up(args ...string) {
	i.t.Helper()
	if len(args) > 0 {
		i.args = args
	}
	copySamples(i.t, i.world.samples())
	r := i.world.start(i.args)
	i.mu.Lock()
	i.run = r
	i.mu.Unlock()
}

func (i *instance) runFile() string { return filepath.Join(i.dir, "run.json") }

// now is where the instance is reached, as last known.
func (i *instance) now() run {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.run
}

// down stops the company in an orderly way.
func (i *instance) down() {
	i.t.Helper()
	if err := i.world.end(syscall.SIGTERM); err != nil {
		i.t.Errorf("orderly stop: %v\n%s", err, i.log)
	}
}

// kill ends the company with SIGKILL.
func (i *instance) kill() { _ = i.world.end(syscall.SIGKILL) }

// killProvider ends the provider with SIGKILL; the process that was its app is
// returned.
func (i *instance) killProvider() (pid int) {
	pid = i.world.provider()
	i.world.killProvider()
	return pid
}

// providerPID is the process of the provider's app just now.
func (i *instance) providerPID() int { return i.world.provider() }

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
