package bugs

import (
	"bytes"
	"debug/buildinfo"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"time"
)

// How long a test may take, and over how many seeds the simulation looks for a
// bug; the rarest needs 200.
const (
	patience  = "5m"
	mostSeeds = "2000"
)

// proof is a test binary that contains all bugs.
type proof struct {
	binary string
	dir    string // of its package, where tests expect to run
	in     string
	flags  []string
}

// TestEachIsCaught builds the tests that find the bugs, once for all bugs, and
// runs them with one bug switched on at a time: each must fail. The same
// binaries must pass with none switched on. PEYK_BUGS=name runs that one only.
func TestEachIsCaught(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds and runs the tests of several packages")
	}
	dir, only := root(t), os.Getenv("PEYK_BUGS")
	sources(t, dir)
	byPackage := map[string][]Bug{}
	for _, b := range All() {
		if only == "" || only == b.Name {
			byPackage[b.In] = append(byPackage[b.In], b)
		}
	}
	if len(byPackage) == 0 {
		t.Fatalf("no bug is called %q", only)
	}
	proofs := build(t, dir, byPackage)
	for in, found := range byPackage {
		t.Run("none in "+in, func(t *testing.T) {
			t.Parallel()
			passes(t, proofs[in], found)
		})
		for _, b := range found {
			t.Run(b.Name, func(t *testing.T) {
				t.Parallel()
				caught(t, proofs[in], b)
			})
		}
	}
}

// sources reads every directory of the module: the result that go test keeps is
// then of these sources, though they are compiled by another process.
func sources(t *testing.T, dir string) {
	t.Helper()
	err := fs.WalkDir(os.DirFS(filepath.Join(dir, "internal")), ".", func(_ string, _ fs.DirEntry, err error) error { return err })
	if err != nil {
		t.Fatal(err)
	}
}

// build makes the test binaries of all packages in one run of the go command,
// which compiles what they share once.
func build(t *testing.T, dir string, byPackage map[string][]Bug) map[string]proof {
	t.Helper()
	overlay, err := Overlay(dir, t.TempDir(), All())
	if err != nil {
		t.Fatal(err)
	}
	out := t.TempDir()
	args := []string{"test", "-c", "-overlay", overlay, "-o", out + "/"}
	proofs := map[string]proof{}
	for in := range byPackage {
		args = append(args, in)
		proofs[in] = proof{binary: filepath.Join(out, path.Base(in)+".test"), dir: filepath.Join(dir, filepath.FromSlash(in)), in: in}
	}
	began := time.Now()
	cmd := exec.CommandContext(t.Context(), "go", args...)
	cmd.Dir = dir
	if text, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("build the tests with all bugs: %v\n%s", err, text)
	}
	t.Logf("%d test binaries built in %s", len(proofs), time.Since(began).Round(100*time.Millisecond))
	for in, p := range proofs {
		p.flags = p.quiet(t)
		proofs[in] = p
	}
	return proofs
}

// quiet keeps property tests from writing the example that failed beside the
// sources, and from looking for a shorter one.
func (p proof) quiet(t *testing.T) []string {
	t.Helper()
	info, err := buildinfo.ReadFile(p.binary)
	if err != nil {
		t.Fatal(err)
	}
	if slices.ContainsFunc(info.Deps, func(m *debug.Module) bool { return m.Path == "pgregory.net/rapid" }) {
		return []string{"-rapid.nofailfile", "-rapid.shrinktime=0s"}
	}
	return nil
}

// run runs tests with one bug switched on, or with none. It has one core: others
// run beside it.
func (p proof) run(t *testing.T, bug string, env []string, args ...string) ([]byte, error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), p.binary, slices.Concat(args, p.flags, []string{"-test.timeout", patience})...)
	cmd.Dir, cmd.WaitDelay = p.dir, time.Second // a server that a test started may hold its output open
	cmd.Env = append(append(os.Environ(), "GOMAXPROCS=1", Env+"="+bug), env...)
	out, err := cmd.CombinedOutput()
	if exit := new(exec.ExitError); err != nil && !errors.As(err, &exit) {
		t.Fatalf("run %s: %v", p.binary, err)
	}
	return out, err
}

// passes is the control: without a bug, what finds bugs passes. Of the long
// tests, which have their own run, it takes a few cases.
func passes(t *testing.T, p proof, found []Bug) {
	var tests []string
	for _, b := range found {
		if !slices.Contains(tests, b.By) {
			tests = append(tests, b.By)
		}
	}
	args := []string{"-test.v", "-test.run", strings.Join(tests, "|")}
	if p.in == sim {
		args = []string{"-test.v", "-test.run", bySeeds + "|" + byTimers, "-seeds", "50"}
	}
	out, err := p.run(t, "", []string{"PEYK_POWER=10"}, args...)
	if err != nil {
		t.Fatalf("without a bug %v fails: %v\n%s", args, err, out)
	}
	for _, name := range tests {
		top, _, _ := strings.Cut(strings.Trim(name, "^"), "$")
		if p.in != sim && !bytes.Contains(out, []byte("--- PASS: "+top)) {
			t.Errorf("no test is called %s:\n%s", name, out)
		}
	}
}

// caught demands that a bug makes its test fail.
func caught(t *testing.T, p proof, b Bug) {
	args := []string{"-test.run", b.By}
	if b.In == sim {
		args = append(args, "-seeds", mostSeeds, "-fails", "1")
	}
	began := time.Now()
	out, err := p.run(t, b.Name, nil, args...)
	if err == nil {
		t.Fatalf("not caught by %s in %s\n%s", b.By, b.In, out)
	}
	said, reason := verdict(b, out)
	if reason != nil {
		t.Fatalf("%s in %s: %v:\n%s", b.By, b.In, reason, out)
	}
	t.Logf("caught by %s in %s after %s: %s", b.By, b.In, time.Since(began).Round(100*time.Millisecond), said)
}

var (
	// A simulation names the promise that was broken.
	promise = regexp.MustCompile(`(?m)^.*(violations:|it ends|lost: |waited for a timer).*$`)
	// Another test says what is wrong with the file and line of t.Error.
	failure = regexp.MustCompile(`(?m)^ *--- FAIL: Test.*\n(?: *--- FAIL: Test.*\n)* *\w+\.go:\d+: (.*)$`)
	// A crash is not a verdict.
	crash = regexp.MustCompile(`(?m)^(panic:|fatal error:|SIG[A-Z]+:).*$`)
)

// verdict finds, in the output of a test that failed, what it says.
func verdict(b Bug, out []byte) (said []byte, reason error) {
	if c := crash.Find(out); c != nil {
		return nil, fmt.Errorf("it crashed: %s", c)
	}
	says := failure
	if b.In == sim || b.In == power {
		says = promise
	}
	found := says.FindSubmatch(out)
	switch {
	case found == nil && says == promise:
		return nil, errors.New("it failed and names no broken promise")
	case found == nil:
		return nil, errors.New("no test failed with a message")
	case says == promise:
		return bytes.TrimSpace(found[0]), nil
	}
	return bytes.TrimSpace(found[1]), nil
}
