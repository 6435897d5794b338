package lang

import "math"

// Magnitude is what large numbers are divided by to be read.
type Magnitude float64

// The magnitudes.
const (
	One      Magnitude = 1
	Thousand Magnitude = 1e3
	Million  Magnitude = 1e6
	Billion  Magnitude = 1e9
)

// ScaleOf is the greatest magnitude v fills once, from least on; else One.
func ScaleOf(v float64, least Magnitude) Magnitude {
	for _, m := range []Magnitude{Billion, Million, Thousand} {
		if m >= least && math.Abs(v) >= float64(m) {
			return m
		}
	}
	return One
}

// Scale is the word for a magnitude: milyon, million; nothing for One.
func (l Language) Scale(m Magnitude) string {
	switch m {
	case Thousand:
		return l.scales[0]
	case Million:
		return l.scales[1]
	case Billion:
		return l.scales[2]
	}
	return ""
}
