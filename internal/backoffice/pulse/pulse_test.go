package pulse_test

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"peyk/internal/backoffice/pulse"
)

// The 95th is the smallest time within which at least 95 of 100 came, found here
// by counting.
func TestP95IsWhatCountingFinds(t *testing.T) {
	t.Parallel()
	for seed := range uint64(200) {
		dice := rand.New(rand.NewPCG(seed, 7))
		var m pulse.Meter
		now := time.Date(2026, 11, 23, 14, 35, 0, 0, time.UTC)
		var took []time.Duration
		for range 1 + dice.IntN(400) {
			d := time.Duration(1+dice.IntN(500)) * time.Millisecond
			m.Note(now, d, true)
			took = append(took, d)
		}
		took = took[max(0, len(took)-256):]
		want := time.Duration(math.MaxInt64)
		for _, candidate := range took {
			within := 0
			for _, d := range took {
				if d <= candidate {
					within++
				}
			}
			if within*100 >= 95*len(took) {
				want = min(want, candidate)
			}
		}
		if got := m.Figures(now).P95; got != want {
			t.Errorf("seed %d: p95 of %d is %s, want %s", seed, len(took), got, want)
		}
	}
}

func TestFailuresAreThoseOfTheLastDayOfAllProcesses(t *testing.T) {
	t.Parallel()
	begin := time.Date(2026, 11, 22, 0, 30, 0, 0, time.UTC)
	var a, b pulse.Meter
	for h := range 48 {
		now := begin.Add(time.Duration(h) * time.Hour)
		a.Note(now, time.Second, h%2 == 0)
		b.Note(now, time.Second, true)
	}
	now := begin.Add(47 * time.Hour)
	calls, failures := pulse.Failures(now, pulse.Read(a.Figures(now).JSON()), pulse.Read(b.Figures(now).JSON()))
	if calls != 48 || failures != 12 {
		t.Errorf("%d calls, %d failures; want 48 and 12", calls, failures)
	}
	if calls, _ := pulse.Failures(now.Add(24*time.Hour), a.Figures(now)); calls != 0 {
		t.Errorf("a day later %d calls still count", calls)
	}
}

func TestSinceChangesOnlyWithTheState(t *testing.T) {
	t.Parallel()
	var m pulse.Meter
	begin := time.Date(2026, 11, 23, 14, 0, 0, 0, time.UTC)
	for i, ok := range []bool{true, true, false, false, false, true} {
		m.Note(begin.Add(time.Duration(i)*time.Minute), time.Second, ok)
		want := begin.Add(time.Duration([]int{0, 0, 2, 2, 2, 5}[i]) * time.Minute)
		if got, since := m.OK(); got != ok || !since.Equal(want) {
			t.Errorf("after %d: %t since %s, want %t since %s", i, got, since, ok, want)
		}
	}
	if f := m.Figures(begin.Add(6 * time.Minute)); !f.LastOK.Equal(begin.Add(5 * time.Minute)) {
		t.Errorf("last well at %s", f.LastOK)
	}
}
