package app

import (
	"testing"
	"testing/synctest"
	"time"

	"peyk/internal/protocol"
)

// TestTheLastStepOfABurstIsTold runs in fake time.
func TestTheLastStepOfABurstIsTold(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var told []int
		p := &teller{write: func(p protocol.Progress) { told = append(told, p.Done) }}
		step := func(done int, then time.Duration) {
			p.progress(done, 9, "gathering")
			time.Sleep(then)
			synctest.Wait()
		}
		step(0, 0)
		step(1, 0)
		step(2, progressEvery-1)
		if len(told) != 0 {
			t.Fatalf("within the first second %v was told", told)
		}
		step(3, time.Minute) // one telling for the burst, with its last step
		step(4, progressEvery)
		step(5, 0)
		p.stop()
		step(6, time.Hour)
		if len(told) != 2 || told[0] != 3 || told[1] != 4 {
			t.Errorf("told %v, want [3 4]", told)
		}
	})
}
