package main

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// proof is a top-level test, with what it reaches.
type proof struct {
	name    string
	flags   []string // of this test only
	took    time.Duration
	cpu     time.Duration
	reaches map[int]bool
}

// suite is a test binary whose tests are run one or several at a time.
type suite struct {
	label  string
	binary string
	dir    string
	flags  []string
	proofs []*proof
}

// Time allowed to a mutant: so many times what the healthy code takes, and this
// much beside it. A loop without end is stopped by its use of CPU, which does not
// depend on what else the machine does.
const (
	timesCPU   = 5
	besideCPU  = 5 * time.Second
	timesWall  = 10
	besideWall = 2 * time.Minute
	memory     = 8 << 20 // KiB of address space: an endless append must not fill the machine
)

// list asks the binary for its tests.
func (s *suite) list(ctx context.Context) error {
	cmd := exec.CommandContext(ctx, s.binary, "-test.list", "^(Test|Example|Fuzz)")
	cmd.Dir = s.dir
	out, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("list the tests of %s: %w", s.label, err)
	}
	for name := range strings.FieldsSeq(string(out)) {
		s.proofs = append(s.proofs, &proof{name: name})
	}
	return nil
}

// outcome is how a run of tests ended.
type outcome struct {
	failed  bool
	late    bool // it did not end in time
	output  string
	elapsed time.Duration
	cpu     time.Duration
}

// run starts the binary with one mutant switched on; 0 is the healthy code.
func (s *suite) run(ctx context.Context, mutant int, proofs []*proof, env ...string) (outcome, error) {
	var names, flags []string
	wall, cpu := besideWall, besideCPU
	for _, p := range proofs {
		names, flags = append(names, p.name), append(flags, p.flags...)
		wall, cpu = wall+timesWall*p.took, cpu+timesCPU*p.cpu
	}
	if mutant == 0 {
		wall, cpu = 10*time.Minute, 10*time.Minute
	}
	ctx, cancel := context.WithTimeout(ctx, wall)
	defer cancel()
	limits := fmt.Sprintf(`ulimit -t %d; ulimit -v %d; exec "$0" "$@"`, int(cpu.Seconds())+1, memory)
	args := slices.Concat([]string{"-c", limits, s.binary, "-test.run", "^(" + strings.Join(names, "|") + ")$",
		"-test.short", "-test.failfast", "-test.parallel", "4", "-test.timeout", "0"}, s.flags, flags)
	cmd := exec.CommandContext(ctx, "sh", args...)
	cmd.Dir = s.dir
	cmd.Env = append(os.Environ(), append(env, "PEYK_MUTANT="+strconv.Itoa(mutant), "GOMAXPROCS=1")...)
	cmd.WaitDelay = 5 * time.Second
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	began := time.Now()
	err := cmd.Run()
	o := outcome{failed: err != nil, output: out.String(), elapsed: time.Since(began)}
	if cmd.ProcessState == nil {
		return o, fmt.Errorf("run the tests of %s: %w", s.label, err)
	}
	o.cpu = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	o.late = o.failed && (ctx.Err() != nil || o.cpu >= cpu)
	return o, nil
}

// measure runs each test of the healthy code alone, several at a time: how long
// it takes, and which mutants it reaches.
func (s *suite) measure(ctx context.Context, work string, workers int) error {
	failed := make([]error, len(s.proofs))
	limit := make(chan struct{}, workers)
	var all sync.WaitGroup
	for i, p := range s.proofs {
		limit <- struct{}{}
		all.Go(func() {
			failed[i] = s.measureOne(ctx, work, p)
			<-limit
		})
	}
	all.Wait()
	slices.SortStableFunc(s.proofs, func(a, b *proof) int { return cmp.Compare(a.took, b.took) })
	return errors.Join(failed...)
}

func (s *suite) measureOne(ctx context.Context, work string, p *proof) error {
	path := filepath.Join(work, s.label+"."+p.name+".reached")
	o, err := s.run(ctx, 0, []*proof{p}, "PEYK_MUTANTS_REACHED="+path)
	if err != nil {
		return err
	}
	if o.failed {
		return fmt.Errorf("%s of %s fails without a mutant:\n%s", p.name, s.label, o.output)
	}
	p.took, p.cpu = o.elapsed, o.cpu
	p.reaches, err = reached(path)
	return err
}

// reached reads the numbers a run left behind. None is no file.
func reached(path string) (map[int]bool, error) {
	out := map[int]bool{}
	f, err := os.Open(path)
	if os.IsNotExist(err) {
		return out, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read what was reached: %w", err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		n, err := strconv.Atoi(lines.Text())
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", path, err)
		}
		out[n] = true
	}
	return out, lines.Err()
}

// batchTime is how long the tests run together may take before the next ones
// wait for their result.
const batchTime = 1500 * time.Millisecond

// batches are the tests that reach a mutant, the quick ones first.
func (s *suite) batches(mutant int) (out [][]*proof) {
	var took time.Duration
	for _, p := range s.proofs {
		if !p.reaches[mutant] {
			continue
		}
		if len(out) == 0 || took+p.took > batchTime || len(p.flags) > 0 {
			out, took = append(out, nil), 0
		}
		out[len(out)-1] = append(out[len(out)-1], p)
		took += p.took
	}
	return out
}

// reaching is how many tests reach a mutant.
func (s *suite) reaching(mutant int) (n int) {
	for _, p := range s.proofs {
		if p.reaches[mutant] {
			n++
		}
	}
	return n
}

// catch runs the tests that reach a mutant until one fails.
func (s *suite) catch(ctx context.Context, m *mutant) (by string, err error) {
	for _, b := range s.batches(m.number) {
		o, err := s.run(ctx, m.number, b)
		if err != nil || ctx.Err() != nil {
			return "", err
		}
		if o.late {
			return "time limit", nil
		}
		if o.failed {
			return failedTest(o.output), nil
		}
	}
	return "", nil
}

// failedTest is the name of the first test that failed; a process that ended
// otherwise has a panic, a leak or a deadlock.
func failedTest(output string) string {
	if m := regexp.MustCompile(`--- FAIL: (\S+)`).FindStringSubmatch(output); m != nil {
		return m[1]
	}
	return "the process ended"
}
