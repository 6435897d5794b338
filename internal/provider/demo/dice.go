package demo

import (
	"math"
	"math/rand/v2"
	"sort"
	"time"
)

// dice is one stream of chance. Each table draws from its own.
type dice struct{ *rand.Rand }

// newDice returns the stream of the given name for a seed. The name is hashed
// by FNV-1a (written out, for hash/maphash differs from run to run).
func newDice(seed uint64, stream string) dice {
	h := uint64(14695981039346656037)
	for _, b := range []byte(stream) {
		h = (h ^ uint64(b)) * 1099511628211
	}
	return dice{rand.New(rand.NewPCG(seed, h))}
}

// of returns one of the choices, each as likely as the next.
func of[T any](d dice, choices []T) T { return choices[d.IntN(len(choices))] }

// between returns a whole number from lo to hi, both included.
func (d dice) between(lo, hi int) int { return lo + d.IntN(hi-lo+1) }

// wheel holds running sums of weights: a place is drawn as often as its weight
// says.
type wheel []float64

func newWheel(n int, weight func(i int) float64) wheel {
	w, sum := make(wheel, n), 0.0
	for i := range w {
		sum += weight(i)
		w[i] = sum
	}
	return w
}

func (w wheel) draw(d dice) int {
	x := d.Float64() * w[len(w)-1]
	return sort.Search(len(w)-1, func(i int) bool { return w[i] > x })
}

// calendar is the span the data cover: days from first, which is midnight in
// the shop's own clock. Data carry that clock and no zone.
type calendar struct {
	first time.Time
	busy  wheel // one place per day
}

// newCalendar covers the three years before today; today itself is not over
// and stays out.
func newCalendar(today time.Time) calendar {
	y, m, d := today.Date()
	end := time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	first := end.AddDate(-3, 0, 0)
	n := int(end.Sub(first) / (24 * time.Hour))
	return calendar{first: first, busy: newWheel(n, func(i int) float64 { return business(first.AddDate(0, 0, i), i) })}
}

// business weighs a day: people play in winter, before the holidays and at
// weekends, and the company grows by a fifth a year.
func business(day time.Time, since int) float64 {
	months := [...]float64{1.10, 1.00, 0.95, 0.90, 0.85, 0.80, 0.75, 0.80, 0.90, 1.00, 1.25, 1.60}
	w := months[day.Month()-1] * math.Pow(1.2, float64(since)/365)
	if wd := day.Weekday(); wd == time.Saturday || wd == time.Sunday {
		w *= 1.5
	}
	return w
}

func (c calendar) days() int { return len(c.busy) }

// moments spreads n moments over the calendar, in rising order; how many fall
// on a day is its share of the business, not chance, so no day is forgotten.
func (c calendar) moments(d dice, n int) []time.Time {
	all, total, done := make([]time.Time, 0, n), c.busy[c.days()-1], 0
	for day := range c.days() {
		upTo := int(math.Round(c.busy[day] / total * float64(n)))
		seconds := make([]int, upTo-done)
		for i := range seconds {
			seconds[i] = secondOfDay(d)
		}
		sort.Ints(seconds)
		for _, s := range seconds {
			all = append(all, c.first.AddDate(0, 0, day).Add(time.Duration(s)*time.Second))
		}
		done = upTo
	}
	return all
}

// secondOfDay favours the evening: the later of two throws, after seven in the
// morning.
func secondOfDay(d dice) int {
	const opening, last = 7 * 3600, 24*3600 - 1
	return max(d.between(opening, last), d.between(opening, last))
}

// stamp is how the databases write a moment: sortable as text, and comparable
// with a plain date.
func stamp(t time.Time) string { return t.Format("2006-01-02 15:04:05") }
