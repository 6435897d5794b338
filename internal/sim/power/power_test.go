package power_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"peyk/internal/blob"
	"peyk/internal/sim/power"
)

// How often PEYK_SEED and PEYK_POWER do not say otherwise.
const (
	sample = 60  // cases
	within = 200 // cases in which a flaw must show
)

// tally counts what happened, so that a green run shows what it went through.
type tally map[string]int

func (t tally) add(what string) { t[what]++ }

func (t tally) addIf(really bool, what string) {
	if really {
		t[what]++
	}
}

func (t tally) String() string {
	var b strings.Builder
	for _, what := range slices.Sorted(maps.Keys(t)) {
		fmt.Fprintf(&b, "\n  %6d %s", t[what], what)
	}
	return b.String()
}

// flaw is a disk or a store that does not do its duty.
type flaw struct {
	pragmas map[string]string
	ignore  func(power.Op) bool
	blobs   func(func() (blob.Disk, error)) func() (blob.Disk, error)
}

// template is a disk with a ledger in which nothing happened yet.
func template(t *testing.T) *power.Disk {
	t.Helper()
	w := &world{disk: power.New(epoch), time: epoch(), rng: rand.New(rand.NewPCG(0, 0)), said: newPromises(), tally: tally{}}
	if err := w.open(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := w.close(false); err != nil {
		t.Fatal(err)
	}
	return w.disk.Copy()
}

// play runs a case in a bubble: whoever waits, waits in no time, and callers
// come in the order of the seed.
func play(t *testing.T, seed uint64, template *power.Disk, f flaw) (tally, error) {
	var w *world
	var err error
	synctest.Test(t, func(t *testing.T) {
		w = begin(seed, template, f)
		err = w.run(t.Context())
	})
	return w.tally, err
}

// TestNothingAcknowledgedIsLost cuts the power anywhere, up to three times in a
// row, and looks for what was answered.
func TestNothingAcknowledgedIsLost(t *testing.T) {
	t.Parallel()
	first, n := uint64(1), number(t, "PEYK_POWER", sample)
	if seed := number(t, "PEYK_SEED", 0); seed > 0 {
		first, n = seed, 1
	}
	start := template(t)
	began := time.Now()
	var mu sync.Mutex
	sum := tally{}
	t.Run("cases", func(t *testing.T) {
		workers := uint64(runtime.GOMAXPROCS(0))
		for worker := range workers {
			t.Run(fmt.Sprint(worker), func(t *testing.T) {
				t.Parallel()
				for seed := first + worker; seed < first+n; seed += workers {
					counts, err := play(t, seed, start, flaw{})
					if err != nil {
						t.Errorf("seed %d: %v\n  PEYK_SEED=%d go test ./internal/sim/power -run %s", seed, err, seed, "TestNothingAcknowledgedIsLost")
						return
					}
					mu.Lock()
					counts["cases"]++
					for what, many := range counts {
						sum[what] += many
					}
					mu.Unlock()
				}
			})
		}
	})
	t.Logf("%v: %s", time.Since(began).Round(time.Millisecond), sum)
	if n >= sample && !t.Failed() {
		sum.sawAll(t)
	}
}

// sawAll fails if the cases never came to where it is hard.
func (t tally) sawAll(tb testing.TB) {
	tb.Helper()
	for _, mark := range []string{
		"cut at rest", "cut in open", "cut in restart", "cut in close", "cut in work, sync of the WAL",
		"cut in work, write of a fold", "cut in work, syncdir of the blobs", "batches", "changes refused", "leases",
		"changes under way kept", "changes under way lost", "blobs under way kept", "blobs under way lost",
		"blobs dropped", "rows found their bytes",
	} {
		if !slices.ContainsFunc(slices.Collect(maps.Keys(t)), func(what string) bool { return strings.HasPrefix(what, mark) }) {
			tb.Errorf("no case had: %s", mark)
		}
	}
}

// number reads an environment variable.
func number(t *testing.T, name string, otherwise uint64) uint64 {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return n
}
