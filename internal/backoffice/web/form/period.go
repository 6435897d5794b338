package form

import (
	"time"

	"peyk/internal/backoffice/web/words"
)

// Period gives the days of a named period as seen from now: from is the first
// day, to the first day after it. It is shown beside the choice; which days are
// meant in the end is decided by the trigger at the moment of the request.
func Period(name string, now time.Time) (from, to time.Time, ok bool) {
	today := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, time.UTC)
	month := time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, time.UTC)
	quarter := month.AddDate(0, -int(now.Month()-1)%3, 0)
	year := time.Date(now.Year(), 1, 1, 0, 0, 0, 0, time.UTC)
	span := func(from time.Time, years, months, days int) (time.Time, time.Time, bool) {
		return from, from.AddDate(years, months, days), true
	}
	switch name {
	case "today":
		return span(today, 0, 0, 1)
	case "yesterday":
		return span(today.AddDate(0, 0, -1), 0, 0, 1)
	case "last-7-days":
		return span(today.AddDate(0, 0, -7), 0, 0, 7)
	case "last-30-days":
		return span(today.AddDate(0, 0, -30), 0, 0, 30)
	case "this-month":
		return span(month, 0, 1, 0)
	case "last-month":
		return span(month.AddDate(0, -1, 0), 0, 1, 0)
	case "this-quarter":
		return span(quarter, 0, 3, 0)
	case "last-quarter":
		return span(quarter.AddDate(0, -3, 0), 0, 3, 0)
	case "this-year":
		return span(year, 1, 0, 0)
	case "last-year":
		return span(year.AddDate(-1, 0, 0), 1, 0, 0)
	case "last-12-months":
		return span(month.AddDate(-1, 0, 0), 1, 0, 0)
	}
	return time.Time{}, time.Time{}, false
}

// daysInWords says a half-open range as people do: both days in, and how many.
func daysInWords(w *words.Words, from, to time.Time) string {
	days := int(to.Sub(from) / (24 * time.Hour))
	last := to.AddDate(0, 0, -1)
	if days == 1 {
		return w.Date(from)
	}
	return w.Count("form.days", days, "From", w.Date(from), "To", w.Date(last))
}
