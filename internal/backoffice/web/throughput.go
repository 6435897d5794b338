package web

import (
	"slices"
	"strconv"
	"sync"
	"time"

	"peyk/internal/backoffice/ledger"
	"peyk/internal/backoffice/web/page/operations"
)

// medianOf is over how many of today's last deliveries the median is taken.
const medianOf = 500

// hourly remembers what was delivered in hours that are over: they do not change
// any more, and a busy day is not counted again every few seconds.
type hourly struct {
	mu    sync.Mutex
	hours map[int64]ledger.Deliveries // by when each began, in seconds since 1970
}

// settledAfter is how long after its end an hour is final: what was committed
// meanwhile carries its time.
const settledAfter = time.Minute

func (h *hourly) remembered(begin time.Time) (ledger.Deliveries, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	d, ok := h.hours[begin.Unix()]
	return d, ok
}

func (h *hourly) remember(begin time.Time, d ledger.Deliveries) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.hours == nil {
		h.hours = map[int64]ledger.Deliveries{}
	}
	h.hours[begin.Unix()] = d
	for at := range h.hours {
		if begin.Unix()-at > int64(72*time.Hour/time.Second) {
			delete(h.hours, at)
		}
	}
}

// between counts what was delivered in [from, to): whole hours as remembered.
func (h *hourly) between(view ledger.View, from, to time.Time) (sum ledger.Deliveries, err error) {
	for from.Before(to) {
		begin := from.Truncate(time.Hour)
		end := begin.Add(time.Hour)
		if end.After(to) {
			end = to
		}
		whole := from.Equal(begin) && end.Sub(begin) == time.Hour
		d, known := ledger.Deliveries{}, false
		if whole {
			d, known = h.remembered(begin)
		}
		if !known {
			if d, err = view.Deliveries(from, end); err != nil {
				return sum, err
			}
			if whole && view.Now().Sub(end) > settledAfter {
				h.remember(begin, d)
			}
		}
		sum.Count, sum.Promised, sum.Late = sum.Count+d.Count, sum.Promised+d.Promised, sum.Late+d.Late
		from = end
	}
	return sum, nil
}

// The chart, in the units of its picture.
const (
	chartWidth, chartHeight = 496, 82
	chartHours              = 24
)

// fillThroughput counts the last day by the hour, and today against yesterday.
func (s *Station) fillThroughput(p *operations.Page, v *visit, view ledger.View) error {
	now := v.w.Now()
	present := now.Truncate(time.Hour)
	var counts [chartHours]int
	for i := range counts {
		begin := present.Add(time.Duration(i-chartHours+1) * time.Hour)
		end := begin.Add(time.Hour)
		if i == chartHours-1 {
			end = now.Add(time.Microsecond)
		}
		d, err := s.counted.between(view, begin, end)
		if err != nil {
			return err
		}
		counts[i] = d.Count
	}
	p.Chart = chart(v, present, counts)
	midnight := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, now.Location())
	today, err := s.counted.between(view, midnight, now.Add(time.Microsecond))
	if err != nil {
		return err
	}
	yesterday, err := s.counted.between(view, midnight.AddDate(0, 0, -1), now.AddDate(0, 0, -1))
	if err != nil {
		return err
	}
	took, err := view.Took(midnight, now.Add(time.Microsecond), medianOf)
	if err != nil {
		return err
	}
	p.Figures = append(p.Figures, operations.Figure{
		Label: v.w.Say("operations.today"), Value: v.w.Number(int64(today.Count)),
		More: v.w.Say("operations.today.more", "N", v.w.Number(int64(yesterday.Count))),
	}, promiseFigure(v, today), medianFigure(v, took))
	return nil
}

func promiseFigure(v *visit, d ledger.Deliveries) operations.Figure {
	f := operations.Figure{Label: v.w.Say("operations.promised"), Value: "–", More: v.w.Say("operations.promised.none")}
	if d.Promised > 0 {
		f.Value = v.w.Say("operations.percent", "N", v.w.Decimal(100*float64(d.Promised-d.Late)/float64(d.Promised), 1))
		f.More = v.w.Count("operations.promised.late", d.Late)
	}
	return f
}

func medianFigure(v *visit, took []time.Duration) operations.Figure {
	f := operations.Figure{Label: v.w.Say("operations.median"), Value: "–", More: v.w.Say("operations.median.more")}
	if len(took) > 0 {
		f.Value = v.w.Took(median(took))
	}
	return f
}

// chart draws the bars. The axis begins at zero and ends at a round number.
func chart(v *visit, present time.Time, counts [chartHours]int) operations.Chart {
	step := niceStep(slices.Max(counts[:]))
	top := 3 * step
	c := operations.Chart{Width: chartWidth, Height: chartHeight}
	for i := range 4 {
		y := chartHeight - chartHeight*i*step/top
		c.Lines = append(c.Lines, operations.Line{Y: strconv.Itoa(y + 1), Label: v.w.Number(int64(i * step))})
	}
	const slot, gap = chartWidth / float64(chartHours), 5.0
	sum := 0
	for i, n := range counts {
		at := present.Add(time.Duration(i-chartHours+1) * time.Hour)
		h := float64(chartHeight) * float64(n) / float64(top)
		bar := operations.Bar{
			X: decimal(float64(i)*slot + gap/2), Y: decimal(chartHeight - h + 1), Width: decimal(slot - gap), Height: decimal(h),
			Hour: v.w.Clock(at), Count: v.w.Number(int64(n)), Present: i == chartHours-1,
		}
		if at.Hour()%6 == 0 && i > 0 && i < chartHours-1 {
			bar.Tick = decimal(float64(i)*slot + slot/2)
		}
		c.Bars = append(c.Bars, bar)
		sum += n
	}
	c.Told = v.w.Count("operations.chart.told", sum)
	return c
}

// niceStep is the least of 1, 2, 5, 10, 20, 50, … that three of are enough.
func niceStep(most int) int {
	for scale := 1; ; scale *= 10 {
		for _, n := range []int{1, 2, 5} {
			if 3*n*scale >= most {
				return n * scale
			}
		}
	}
}

func decimal(f float64) string { return strconv.FormatFloat(f, 'f', 1, 64) }
