package bench

import (
	"slices"
	"time"
)

// Latencies sums up how long something took, in milliseconds.
type Latencies struct {
	P50 float64 `json:"p50_ms"`
	P90 float64 `json:"p90_ms"`
	P99 float64 `json:"p99_ms"`
	Max float64 `json:"max_ms"`
}

// sumUp sorts what it is given.
func sumUp(took []time.Duration) Latencies {
	if len(took) == 0 {
		return Latencies{}
	}
	slices.Sort(took)
	return Latencies{
		P50: millis(percentile(took, 50)), P90: millis(percentile(took, 90)),
		P99: millis(percentile(took, 99)), Max: millis(took[len(took)-1]),
	}
}

// percentile is the nearest rank: the least value that p of a hundred do not
// exceed.
func percentile(sorted []time.Duration, p int) time.Duration {
	return sorted[(len(sorted)*p+99)/100-1]
}

func millis(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// median is the middle value, or the mean of the two in the middle.
func median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}
