package protocol

import "time"

// Period gives the days of a preset as seen from now: from is its first day, to
// the first day after it. ok is false for a name that is no preset of this
// contract. Which day it is, is now's zone's to say; the days themselves are
// counted in UTC, for there are zones where some midnights do not exist.
func Period(preset string, now time.Time) (from, to time.Time, ok bool) {
	today := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, time.UTC)
	month := today.AddDate(0, 0, 1-today.Day())
	quarter := month.AddDate(0, -int(now.Month()-1)%3, 0)
	year := time.Date(now.Year(), 1, 1, 0, 0, 0, 0, time.UTC)
	span := func(from time.Time, years, months, days int) (time.Time, time.Time, bool) {
		return from, from.AddDate(years, months, days), true
	}
	switch preset {
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
