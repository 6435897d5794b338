package gate

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/iotest"
	"time"

	"go.uber.org/goleak"

	"peyk/internal/report"
)

// TestMain lets the test binary be the children, good and bad, and the parent
// that is killed.
func TestMain(m *testing.M) {
	mode := ""
	if len(os.Args) == 2 {
		mode = os.Args[1]
	}
	switch mode {
	case "child":
		exit(Serve(os.Stdin, os.Stdout))
	case "deaf-child":
		_, err := io.Copy(io.Discard, os.Stdin)
		exit(err)
	case "dying-child":
		_, _ = io.CopyN(io.Discard, os.Stdin, 200)
		panic("eaten by the document")
	case "lying-child":
		exit(writeFrame(os.Stdout, []byte(`{"pages":-1}`)))
	case "parent":
		exit(parent())
	default:
		goleak.VerifyTestMain(m)
	}
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

func newPool(t testing.TB, mode string, children int, l Limits) *Pool {
	t.Helper()
	if raceDetector {
		l.Memory = 1 << 60
	}
	return poolOf(t, Config{Command: []string{os.Args[0], mode}, Children: children, Limits: l})
}

func poolOf(t testing.TB, cfg Config) *Pool {
	t.Helper()
	cfg.Log = slog.New(slog.NewTextHandler(t.Output(), nil))
	p, err := NewPool(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return p
}

func check(t testing.TB, p *Pool, doc []byte) (int, error) {
	t.Helper()
	return p.Check(t.Context(), string(PDF), bytes.NewReader(doc), int64(len(doc)))
}

// refusedAs checks that the error says: the provider lies, and how.
func refusedAs(t *testing.T, err error, want Code) {
	t.Helper()
	if report.ClassOf(err) != report.Lying || report.CodeOf(err) != string(want) {
		t.Errorf("%v (class %s), want %s", err, report.ClassOf(err), want)
	}
}

func TestPoolJudgesAndReusesChildren(t *testing.T) {
	t.Parallel()
	p := newPool(t, "child", 1, Limits{})
	good := written(t, 200)
	var child *child
	for range 3 {
		if pages, err := check(t, p, good); err != nil || pages != 5 {
			t.Errorf("good: %d pages, %v", pages, err)
		}
		_, err := check(t, p, onePage("", "", "<</S/Launch>>"))
		refusedAs(t, err, Launch)
		if err := p.Ready(t.Context()); err != nil {
			t.Error(err)
		}
		c := <-p.slots
		if child != nil && child != c {
			t.Error("the child was not reused")
		}
		child = c
		p.slots <- c
	}
}

func TestPoolAtOnce(t *testing.T) {
	t.Parallel()
	p := newPool(t, "child", 3, Limits{})
	doc := written(t, 20)
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if _, err := check(t, p, doc); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
}

func TestTooLargeForTheChild(t *testing.T) {
	t.Parallel()
	_, err := check(t, newPool(t, "child", 1, Limits{Bytes: 10}), []byte(tiny))
	refusedAs(t, err, TooMuch)
}

func TestBadChildren(t *testing.T) {
	t.Parallel()
	for mode, want := range map[string]struct {
		code Code
		time time.Duration
	}{
		"deaf-child":  {TimedOut, 200 * time.Millisecond},
		"dying-child": {Crashed, time.Minute},
		"lying-child": {Crashed, time.Minute},
	} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			p := newPool(t, mode, 1, Limits{Time: want.time})
			for range 2 { // the slot is good for another child
				_, err := check(t, p, written(t, 20))
				refusedAs(t, err, want.code)
			}
			if err := p.Ready(t.Context()); err == nil {
				t.Error("ready")
			}
		})
	}
}

// A child that died while nobody looked is no reason to refuse a document.
func TestAChildKilledWhileIdle(t *testing.T) {
	t.Parallel()
	p := newPool(t, "child", 1, Limits{})
	if _, err := check(t, p, []byte(tiny)); err != nil {
		t.Fatal(err)
	}
	c := <-p.slots
	if err := c.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	p.slots <- c
	if _, err := check(t, p, []byte(tiny)); err != nil {
		t.Error(err)
	}
}

func TestMemoryHog(t *testing.T) {
	t.Parallel()
	if raceDetector {
		t.Skip("children have no limit of memory under the race detector")
	}
	p := newPool(t, "child", 1, Limits{Memory: 128 << 20, Stream: 1 << 30, Unpacked: 1 << 30})
	_, err := check(t, p, onePage("", "", deflated(t, 200<<20)))
	refusedAs(t, err, Crashed)
	if _, err := check(t, p, []byte(tiny)); err != nil {
		t.Errorf("the next document: %v", err)
	}
}

func TestTroubleThatIsNotTheDocuments(t *testing.T) {
	t.Parallel()
	p := newPool(t, "child", 1, Limits{})
	broken := errors.New("disk broken")
	for name, c := range map[string]struct {
		doc  io.Reader
		want error
	}{
		"unreadable": {iotest.ErrReader(broken), broken},
		"short":      {strings.NewReader(tiny), io.ErrUnexpectedEOF},
	} {
		if _, err := p.Check(t.Context(), string(PDF), c.doc, 1000); !errors.Is(err, c.want) || report.ClassOf(err) != report.Transient {
			t.Errorf("%s: %v", name, err)
		}
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := p.Check(gone, string(PDF), strings.NewReader(tiny), int64(len(tiny))); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if _, err := check(t, poolOf(t, Config{Command: []string{"/no/such/program"}}), []byte(tiny)); !errors.Is(err, os.ErrNotExist) || report.ClassOf(err) != report.Transient {
		t.Errorf("no program: %v", err)
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := check(t, p, []byte(tiny)); !errors.Is(err, ErrClosed) {
		t.Errorf("closed: %v", err)
	}
}

// parent checks a document, says who its child is, and waits to be killed.
func parent() error {
	p, err := NewPool(Config{Command: []string{os.Args[0], "child"}, Log: slog.New(slog.DiscardHandler), Limits: Limits{Memory: 1 << 60}})
	if err != nil {
		return err
	}
	if _, err := p.Check(context.Background(), string(PDF), strings.NewReader(tiny), int64(len(tiny))); err != nil {
		return err
	}
	<-p.slots
	fmt.Println((<-p.slots).cmd.Process.Pid)
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}

func TestNoOrphans(t *testing.T) {
	t.Parallel()
	parent := exec.Command(os.Args[0], "parent")
	stdin, err := parent.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer stdin.Close()
	stdout, err := parent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	var pid int
	if _, err := fmt.Sscan(line, &pid); err != nil {
		t.Fatalf("%q: %v", line, err)
	}
	if !lives(pid) {
		t.Fatalf("child %d does not live beside its parent", pid)
	}
	if err := parent.Process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	_ = parent.Wait()
	for limit := time.Now().Add(20 * time.Second); lives(pid); {
		if time.Now().After(limit) {
			t.Fatalf("child %d outlives its parent", pid)
		}
	}
}

// lives tells whether the process runs; one that ended and was not yet waited
// for by whoever inherited it does not.
func lives(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return false
	}
	_, after, _ := strings.Cut(string(stat), ") ")
	return !strings.HasPrefix(after, "Z") && !strings.HasPrefix(after, "X")
}

func BenchmarkPool(b *testing.B) {
	p := newPool(b, "child", 1, Limits{})
	doc := written(b, 50)
	for b.Loop() {
		if _, err := check(b, p, doc); err != nil {
			b.Fatal(err)
		}
	}
}
