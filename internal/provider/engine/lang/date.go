package lang

import (
	"fmt"
	"time"
)

// nbsp keeps the dash of a range on the line of what it follows.
const nbsp = "\u00a0"

// Date is 23 Kasım 2026 or 23 November 2026.
func (l Language) Date(t time.Time) string {
	return fmt.Sprintf("%d %s %04d", t.Day(), l.months[t.Month()-1], t.Year())
}

// ShortDate is for table cells: 23.11.2026 or 2026-11-23.
func (l Language) ShortDate(t time.Time) string { return t.Format(l.shortDate) }

// DateTime is the date with the time of day to the second.
func (l Language) DateTime(t time.Time) string { return l.Date(t) + " " + t.Format(time.TimeOnly) }

// DayAndTime is Pazartesi, 14:30.
func (l Language) DayAndTime(t time.Time) string {
	return l.days[t.Weekday()] + ", " + t.Format("15:04")
}

// Range writes the days from from up to, and without, to, as short as it can
// be said: 2025, 2024 – 2025, Ocak 2025, 23 Kasım 2026, 1 – 15 Mart 2025,
// 1 Mart – 15 Nisan 2025.
func (l Language) Range(from, to time.Time) string {
	last := to.AddDate(0, 0, -1)
	switch {
	case from.YearDay() == 1 && to.YearDay() == 1:
		return l.years(from, last)
	case from.Day() == 1 && from.AddDate(0, 1, 0).Equal(to):
		return fmt.Sprintf("%s %04d", l.months[from.Month()-1], from.Year())
	case !from.Before(last):
		return l.Date(from)
	case from.Year() == last.Year() && from.Month() == last.Month():
		return fmt.Sprintf("%d%s– %s", from.Day(), nbsp, l.Date(last))
	case from.Year() == last.Year():
		return fmt.Sprintf("%d %s%s– %s", from.Day(), l.months[from.Month()-1], nbsp, l.Date(last))
	}
	return l.Date(from) + nbsp + "– " + l.Date(last)
}

func (l Language) years(from, last time.Time) string {
	if from.Year() == last.Year() {
		return fmt.Sprintf("%04d", from.Year())
	}
	return fmt.Sprintf("%04d%s– %04d", from.Year(), nbsp, last.Year())
}

// AxisDate writes a day (2025-01-31) or a month (2025-01) as short as an axis
// needs it: 31 Oca, with its year where there are several, and Oca 2025. False
// for any other text.
func (l Language) AxisDate(text string, years bool) (string, bool) {
	if day, err := time.Parse(time.DateOnly, text); err == nil {
		if years {
			return fmt.Sprintf("%d %s %04d", day.Day(), l.shortMonth(day.Month()), day.Year()), true
		}
		return fmt.Sprintf("%d %s", day.Day(), l.shortMonth(day.Month())), true
	}
	if month, err := time.Parse("2006-01", text); err == nil {
		return fmt.Sprintf("%s %04d", l.shortMonth(month.Month()), month.Year()), true
	}
	return "", false
}

// shortMonth is the first three letters, in both languages the custom.
func (l Language) shortMonth(m time.Month) string { return string([]rune(l.months[m-1])[:3]) }
