package form

import (
	"time"

	"peyk/internal/backoffice/web/words"
)

// daysInWords says a half-open range as people do: both days in, and how many.
func daysInWords(w *words.Words, from, to time.Time) string {
	days := int(to.Sub(from) / (24 * time.Hour))
	last := to.AddDate(0, 0, -1)
	if days == 1 {
		return w.Date(from)
	}
	return w.Count("form.days", days, "From", w.Date(from), "To", w.Date(last))
}

// customDays says the two days chosen instead of a preset, once they are two.
func customDays(w *words.Words, f Field) string {
	from, err1 := time.Parse(time.DateOnly, f.From)
	last, err2 := time.Parse(time.DateOnly, f.To)
	if f.Value != Custom && len(f.Options) > 0 || err1 != nil || err2 != nil || last.Before(from) {
		return ""
	}
	return daysInWords(w, from, last.AddDate(0, 0, 1))
}
