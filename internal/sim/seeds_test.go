package sim_test

import (
	"flag"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/ledger/sqlite"
	"peyk/internal/sim"
)

// The knobs of tier A. A failure prints the seed; -seed repeats it.
var (
	oneSeed   = flag.Uint64("seed", 0, "run this one seed, and tell its whole journal if it breaks a promise")
	firstSeed = flag.Uint64("first", 1, "the first seed of a run")
	lasting   = flag.Duration("for", 0, "run seeds for so long instead of a number of them")
	seeds     = flag.Uint64("seeds", 0, "how many seeds to run (0: 2,000, or 500 with -short)")
	mostFails = flag.Int("fails", 5, "stop after so many failures")
)

// Every so many seeds a history runs twice, the second time on SQLite: both
// must leave the same journal.
const everySQLite = 100

// tally is what many seeds came to.
type tally struct {
	seeds, requests, steps, faults, crashes, twice atomic.Int64

	mu    sync.Mutex
	marks map[string]int
	fails int
}

func (y *tally) add(r sim.Result) {
	y.seeds.Add(1)
	y.requests.Add(int64(r.Requests))
	y.steps.Add(int64(r.Steps))
	y.faults.Add(int64(r.Faults))
	y.crashes.Add(int64(r.Crashes))
	y.mu.Lock()
	defer y.mu.Unlock()
	for m, n := range r.Marks {
		y.marks[m] += n
	}
}

// TestMain trades memory for time: worlds are small and die young.
func TestMain(m *testing.M) {
	debug.SetGCPercent(1600)
	os.Exit(m.Run())
}

func newLab(t testing.TB) *sim.Lab {
	t.Helper()
	lab, err := sim.NewLab()
	if err != nil {
		t.Fatal(err)
	}
	return lab
}

func howMany() uint64 {
	switch {
	case *seeds > 0:
		return *seeds
	case testing.Short():
		return 500
	}
	return 2_000
}

// TestSeeds is tier A: many histories, none of which may break a promise.
func TestSeeds(t *testing.T) {
	lab, y, began := newLab(t), &tally{marks: map[string]int{}}, time.Now()
	if *oneSeed != 0 {
		y.one(t, lab, *oneSeed)
		return
	}
	n, next := howMany(), atomic.Uint64{}
	if *lasting > 0 {
		n = math.MaxUint64 - *firstSeed
	}
	next.Store(*firstSeed)
	var crew sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		crew.Go(func() {
			for s := next.Add(1) - 1; s < *firstSeed+n && !y.enough() && (*lasting == 0 || time.Since(began) < *lasting); s = next.Add(1) - 1 {
				y.one(t, lab, s)
			}
		})
	}
	crew.Wait()
	t.Logf("%d seeds from %d in %s: %d requests, %d steps, %d faults, %d crashes; %d run twice", y.seeds.Load(), *firstSeed,
		time.Since(began).Round(time.Second), y.requests.Load(), y.steps.Load(), y.faults.Load(), y.crashes.Load(), y.twice.Load())
	if y.seeds.Load() >= sim.SeedsForMarks && !t.Failed() {
		for _, m := range sim.Silent(y.marks) {
			t.Errorf("in %d seeds this never happened: %s", y.seeds.Load(), m)
		}
	}
	if testing.Verbose() {
		t.Log(sounds(y.marks))
	}
}

// TestNothingWaitsForATimer: where nothing fails each step is set off by its
// event, whatever comes first, the 202 or the webhook, the answer or its waking.
func TestNothingWaitsForATimer(t *testing.T) {
	t.Parallel()
	lab := newLab(t)
	for seed := *firstSeed; seed < *firstSeed+howMany()/10; seed++ {
		r, err := lab.Fair(seed)
		if err == nil {
			err = r.Err()
		}
		if err != nil {
			t.Fatalf("seed %d: %v\n%s\nrepeat with: go test ./internal/sim -run '^%s$' -first %d", seed, err, r.Story(), t.Name(), seed)
		}
	}
}

// enough failures were seen to know.
func (y *tally) enough() bool {
	y.mu.Lock()
	defer y.mu.Unlock()
	return y.fails >= *mostFails
}

func (y *tally) fail(t *testing.T, seed uint64, format string, args ...any) {
	y.mu.Lock()
	defer y.mu.Unlock()
	y.fails++
	t.Errorf("seed %d, the %dth tried: %s\nrepeat with: go test ./internal/sim -run '^TestSeeds$' -seed %d", seed, y.seeds.Load(), fmt.Sprintf(format, args...), seed)
}

func (y *tally) one(t *testing.T, lab *sim.Lab, seed uint64) {
	r, err := lab.Seed(seed, sim.Memory)
	if err != nil {
		y.fail(t, seed, "%v", err)
		return
	}
	y.add(r)
	if err := r.Err(); err != nil {
		y.fail(t, seed, "%v", err)
		if *oneSeed != 0 {
			t.Log(r.Story())
		}
	}
	if r.Faults < 30 || r.Crashes < 5 {
		y.fail(t, seed, "only %d faults and %d crashes", r.Faults, r.Crashes)
	}
	if seed%everySQLite == 0 || *oneSeed != 0 {
		y.again(t, lab, seed, r)
	}
}

// again runs the seed once more, on SQLite.
func (y *tally) again(t *testing.T, lab *sim.Lab, seed uint64, first sim.Result) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	second, err := lab.Seed(seed, func(now func() time.Time) (ledger.Ledger, error) {
		return sqlite.Open(t.Context(), sqlite.Config{Path: path, Now: now, Readers: 1})
	})
	if err != nil {
		y.fail(t, seed, "on SQLite: %v", err)
		return
	}
	y.twice.Add(1)
	if err := second.Err(); err != nil {
		y.fail(t, seed, "on SQLite: %v", err)
	}
	if second.Hash() != first.Hash() || second.Steps != first.Steps {
		y.fail(t, seed, "the journal on SQLite is another one than in memory: %d steps, %d in memory", second.Steps, first.Steps)
	}
}

// sounds lists the marks with their counts.
func sounds(marks map[string]int) string {
	var b strings.Builder
	for _, m := range slices.Sorted(maps.Keys(marks)) {
		fmt.Fprintf(&b, "%9d %s\n", marks[m], m)
	}
	return b.String()
}
