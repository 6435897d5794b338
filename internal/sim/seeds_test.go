package sim_test

import (
	"flag"
	"testing"

	"peyk/internal/sim"
)

var seedFlag = flag.Uint64("seed", 0, "run this one seed of the simulated world")

func TestOne(t *testing.T) {
	lab, err := sim.NewLab()
	if err != nil {
		t.Fatal(err)
	}
	from, n := uint64(1), uint64(50)
	if *seedFlag != 0 {
		from, n = *seedFlag, 1
	}
	for s := from; s < from+n; s++ {
		r, err := lab.Seed(s, sim.Memory)
		if err != nil {
			t.Fatal(err)
		}
		if err := r.Err(); err != nil {
			t.Errorf("seed %d: %v", s, err)
		}
		t.Logf("seed %d: %d requests, %d steps, %d faults, %d crashes", s, r.Requests, r.Steps, r.Faults, r.Crashes)
	}
}
