package trigger

import (
	"testing"
	"time"
)

// A zone decides which day it is; that some of its midnights do not exist must
// not move a day.
func TestPresetDays(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ zone, now, name, from, to string }{
		{"Europe/Istanbul", "2025-12-31T20:59:59Z", "last-year", "2024-01-01", "2025-01-01"},
		{"Europe/Istanbul", "2025-12-31T21:00:00Z", "last-year", "2025-01-01", "2026-01-01"},
		{"America/Santiago", "2026-09-06T12:00:00Z", "today", "2026-09-06", "2026-09-07"},
		{"Asia/Beirut", "2026-03-29T12:00:00Z", "today", "2026-03-29", "2026-03-30"},
		{"UTC", "2026-11-23T09:00:00Z", "this-quarter", "2026-10-01", "2027-01-01"},
		{"UTC", "2026-03-31T09:00:00Z", "last-month", "2026-02-01", "2026-03-01"},
	} {
		zone, err := time.LoadLocation(c.zone)
		if err != nil {
			t.Fatal(err)
		}
		now, err := time.Parse(time.RFC3339, c.now)
		if err != nil {
			t.Fatal(err)
		}
		from, to, ok := preset(c.name, now.In(zone))
		if !ok || from.Format(day) != c.from || to.Format(day) != c.to {
			t.Errorf("%+v: %s to %s", c, from.Format(day), to.Format(day))
		}
	}
}
