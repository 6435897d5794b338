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
