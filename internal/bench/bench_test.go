package bench

import (
	"strings"
	"testing"
	"time"

	"peyk/internal/bench/machine"
	"peyk/internal/bench/profile"
	"peyk/internal/report"
)

func TestPercentilesAreTheNearestRanks(t *testing.T) {
	t.Parallel()
	var took []time.Duration
	for i := range 200 {
		took = append(took, time.Duration(200-i)*time.Millisecond) // 1 to 200, falling
	}
	want := Latencies{P50: 100, P90: 180, P99: 198, Max: 200}
	if got := sumUp(took); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got := sumUp([]time.Duration{time.Second}); got != (Latencies{1000, 1000, 1000, 1000}) {
		t.Errorf("of one: %+v", got)
	}
	if got := sumUp(nil); got != (Latencies{}) {
		t.Errorf("of none: %+v", got)
	}
}

func TestScheduleKeepsItsPaceWhateverComes(t *testing.T) {
	t.Parallel()
	began := time.Unix(1000, 0)
	times := schedule(began, 300, 2*time.Second)
	if len(times) != 600 {
		t.Fatalf("%d requests in two seconds at 300 a second", len(times))
	}
	for i, at := range times {
		if want := time.Duration(i) * time.Second / 300; at.Sub(began) != want {
			t.Fatalf("request %d goes after %s, want %s", i, at.Sub(began), want)
		}
	}
}

func TestPairsAreOfRoundsThatRanBesideEachOther(t *testing.T) {
	t.Parallel()
	rounds := []Round{ // the second begins each second pair
		{World: "a", Rate: 10}, {World: "b", Rate: 20},
		{World: "b", Rate: 40}, {World: "a", Rate: 10},
		{World: "a", Rate: 30}, {World: "b", Rate: 30},
	}
	p := PairUp("a", "b", rounds)
	if p.Median != 0.5 || len(p.Ratios) != 3 || p.Ratios[1] != 0.25 {
		t.Errorf("got %+v", p)
	}
	if got := median([]float64{4, 1, 3, 2}); got != 2.5 {
		t.Errorf("the median of four is %v", got)
	}
}

func TestSettledIsDeliveredAndCleaned(t *testing.T) {
	t.Parallel()
	for said, want := range map[string]bool{
		"DELIVERED cleaned_at_provider": true,
		"DELIVERED webhook":             false,
		"STORED cleaned_at_provider":    false,
	} {
		state, fact, _ := strings.Cut(said, " ")
		var s standing
		s.State = report.State(state)
		s.Journal = append(s.Journal, struct {
			Name string `json:"name"`
		}{fact})
		if s.settled() != want {
			t.Errorf("%s is settled: %v", said, !want)
		}
	}
}

// What is measured is in the file, and the file says how it came to be.
func TestMarkdownHasAllThatWasMeasured(t *testing.T) {
	t.Parallel()
	flushes := 5.25
	d := Document{
		At: time.Unix(0, 0), Command: "peyk bench all", Version: "abc", Machine: machine.Line{CPU: "a processor", Cores: 2},
		Journeys: []JourneyReport{{
			Title:   "64 in flight",
			Rounds:  []Round{{World: "peyk", Rate: 123.4, Latency: Latencies{1, 2, 3, 4}, Costs: Costs{Flushes: &flushes, CPU: map[string]float64{"company": 4.5}}}},
			Pair:    &Pair{Over: "peyk", Under: "ideal", Median: 0.625, Ratios: []float64{0.625}},
			Profile: map[string][]profile.Share{"company": {{Part: "JSON", Of: 0.25}}},
		}},
		Accept: []AcceptReport{{Rate: 300, Seconds: 10}},
		Idle:   []IdleReport{{Ready: 216, CPU: map[string]float64{"company": 0.5}, RSS: map[string]int64{"company": 84 << 20}}},
	}
	var md, table strings.Builder
	d.Markdown(&md)
	if err := d.Print(&table); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"a processor", "64 in flight", "123", "5.2", "company 4.50", "0.62", "JSON", "25.0 %", "300", "216 ms", "84 MB"} {
		for kind, text := range map[string]string{"Markdown": md.String(), "table": table.String()} {
			if !strings.Contains(text, want) {
				t.Errorf("the %s has no %q:\n%s", kind, want, text)
			}
		}
	}
	if !strings.Contains(md.String(), "peyk bench all") || !strings.Contains(md.String(), "1 January 1970") {
		t.Errorf("it does not say how and when:\n%s", md.String())
	}
}
