package protocol_test

import (
	"testing"
	"time"

	"peyk/internal/protocol"
)

func TestPeriods(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 14, 30, 0, 0, time.UTC)
	for name, want := range map[string]string{
		"today": "2026-11-23..2026-11-24", "yesterday": "2026-11-22..2026-11-23",
		"last-7-days": "2026-11-16..2026-11-23", "last-30-days": "2026-10-24..2026-11-23",
		"this-month": "2026-11-01..2026-12-01", "last-month": "2026-10-01..2026-11-01",
		"this-quarter": "2026-10-01..2027-01-01", "last-quarter": "2026-07-01..2026-10-01",
		"this-year": "2026-01-01..2027-01-01", "last-year": "2025-01-01..2026-01-01",
		"last-12-months": "2025-11-01..2026-11-01",
	} {
		from, to, ok := protocol.Period(name, now)
		if got := from.Format(time.DateOnly) + ".." + to.Format(time.DateOnly); !ok || got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
	if _, _, ok := protocol.Period("last-eclipse", now); ok {
		t.Error("a period nobody knows has days")
	}
}

// A zone decides which day it is; that some of its midnights do not exist must
// not move a day.
func TestPeriodsInTheirZone(t *testing.T) {
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
		from, to, ok := protocol.Period(c.name, now.In(zone))
		if !ok || from.Format(time.DateOnly) != c.from || to.Format(time.DateOnly) != c.to {
			t.Errorf("%+v: %s to %s", c, from.Format(time.DateOnly), to.Format(time.DateOnly))
		}
	}
}
