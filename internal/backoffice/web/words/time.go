package words

import (
	"strconv"
	"time"
)

// Day writes a date whole: 1 Ocak 2025.
func (w *Words) Day(t time.Time) string {
	t = t.In(w.zone)
	return strconv.Itoa(t.Day()) + " " + w.month(t) + " " + strconv.Itoa(t.Year())
}

// DayMonth writes a date near enough to need no year: 23 Aralık; a year other
// than this one is written all the same.
func (w *Words) DayMonth(t time.Time) string {
	t = t.In(w.zone)
	if t.Year() != w.now.Year() {
		return w.Day(t)
	}
	return strconv.Itoa(t.Day()) + " " + w.month(t)
}

// Date writes a day that has no hour and no zone: a day on the calendar.
func (w *Words) Date(d time.Time) string {
	return strconv.Itoa(d.Day()) + " " + w.month(d) + " " + strconv.Itoa(d.Year())
}

func (w *Words) month(t time.Time) string {
	return w.Say("month." + strconv.Itoa(int(t.Month())))
}

// Clock writes the time of day: 14:30.
func (w *Words) Clock(t time.Time) string { return t.In(w.zone).Format("15:04") }

// Seconds writes the time of day to the second.
func (w *Words) Seconds(t time.Time) string { return t.In(w.zone).Format("15:04:05") }

// Millis writes the time of day to the millisecond.
func (w *Words) Millis(t time.Time) string { return t.In(w.zone).Format("15:04:05.000") }

// When is the short time of a list: the hour today and yesterday, else the day.
func (w *Words) When(t time.Time) string {
	if age := w.daysAgo(t); age == 0 || age == 1 {
		return w.Clock(t)
	}
	t = t.In(w.zone)
	short := strconv.Itoa(t.Day()) + " " + w.Say("month.short."+strconv.Itoa(int(t.Month())))
	if t.Year() != w.now.Year() {
		return short + " " + strconv.Itoa(t.Year())
	}
	return short
}

// Moment is a point in time within a sentence: today 14:30, yesterday 16:40,
// 19 November 11:02.
func (w *Words) Moment(t time.Time) string {
	switch w.daysAgo(t) {
	case 0:
		return w.Say("moment.today", "Clock", w.Clock(t))
	case 1:
		return w.Say("moment.yesterday", "Clock", w.Clock(t))
	case -1:
		return w.Say("moment.tomorrow", "Clock", w.Clock(t))
	}
	return w.DayMonth(t) + " " + w.Clock(t)
}

// Group names the part of a list a moment belongs to.
func (w *Words) Group(t time.Time) string {
	switch age := w.daysAgo(t); {
	case age <= 0:
		return w.Say("group.today")
	case age == 1:
		return w.Say("group.yesterday")
	case age < 7:
		return w.Say("group.week")
	}
	t = t.In(w.zone)
	return w.month(t) + " " + strconv.Itoa(t.Year())
}

// daysAgo counts midnights between t and now; less than 0: still to come.
func (w *Words) daysAgo(t time.Time) int {
	t = t.In(w.zone)
	then := time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
	today := time.Date(w.now.Year(), w.now.Month(), w.now.Day(), 0, 0, 0, 0, time.UTC)
	return int(today.Sub(then) / (24 * time.Hour))
}

// Took writes a duration as it was measured: 4 ms, 1,6 sn, 2 dk 36 sn.
func (w *Words) Took(d time.Duration) string {
	switch {
	case d < 0:
		return "–"
	case d < time.Second:
		return w.Say("took.ms", "N", w.Number(d.Milliseconds()))
	case d < 10*time.Second:
		return w.Say("took.s", "N", w.Decimal(d.Seconds(), 1))
	case d < time.Minute:
		return w.Say("took.s", "N", w.Number(int64(d.Seconds())))
	case d < time.Hour:
		return w.Say("took.m", "M", int(d.Minutes()), "S", int(d.Seconds())%60)
	case d < 24*time.Hour:
		return w.Say("took.h", "H", int(d.Hours()), "M", int(d.Minutes())%60)
	}
	return w.Count("about.days", int(d.Hours()/24))
}

// About writes a duration as one would say it: 40 saniye, 12 dakika, 3 saat.
func (w *Words) About(d time.Duration) string {
	switch seconds, minutes, hours := d.Round(time.Second), d.Round(time.Minute), d.Round(time.Hour); {
	case seconds < time.Minute:
		return w.Count("about.seconds", max(1, int(seconds.Seconds())))
	case minutes < time.Hour:
		return w.Count("about.minutes", int(minutes.Minutes()))
	case hours < 24*time.Hour:
		return w.Count("about.hours", int(hours.Hours()))
	}
	return w.Count("about.days", int(d.Hours()/24+0.5))
}

// Short is About in the narrow column of a list: 2 dk, 1 sa.
func (w *Words) Short(d time.Duration) string {
	switch {
	case d < time.Minute:
		return w.Say("short.s", "N", max(1, int(d.Seconds())))
	case d.Round(time.Minute) < time.Hour:
		return w.Say("short.m", "N", int(d.Round(time.Minute).Minutes()))
	case d < 24*time.Hour:
		return w.Say("short.h", "N", max(1, int(d.Hours())))
	}
	return w.Say("short.d", "N", int(d.Hours()/24))
}

// Now is the moment the words are seen from, in the reader's time zone.
func (w *Words) Now() time.Time { return w.now }
