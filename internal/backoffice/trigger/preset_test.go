package trigger_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"peyk/internal/protocol"
)

// Wherever and whenever a preset is asked for, it is whole days, the first
// before the last, near the day it is there.
func TestPresetsAnywhere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	zones := []string{
		"UTC", "Europe/Istanbul", "America/Santiago", "Asia/Beirut", "Pacific/Kiritimati", "Pacific/Pago_Pago",
		"Asia/Kathmandu", "Africa/Cairo", "America/Havana", "Australia/Lord_Howe",
	}
	presets := []string{"today", "yesterday", "this-month", "last-month", "this-quarter", "last-quarter", "this-year", "last-year"}
	start := time.Date(2015, 1, 1, 0, 0, 0, 0, time.UTC).Unix()
	rapid.Check(t, func(rt *rapid.T) {
		zone := rapid.SampledFrom(zones).Draw(rt, "zone")
		name := rapid.SampledFrom(presets).Draw(rt, "preset")
		w.now = time.Unix(start+rapid.Int64Range(0, 20*365*86400).Draw(rt, "seconds"), 0).UTC()
		guid := w.guid()
		body := strings.NewReplacer("last-year", name, `"type"`, `"time_zone":"`+zone+`","type"`).Replace(form(guid, "top-games.v1"))
		if rec := w.call("derya", "POST", "/requests", body); rec.Code != 202 {
			rt.Fatalf("%d %s to %s", rec.Code, rec.Body, body)
		}
		var p struct{ Period protocol.DateRangeValue }
		if err := json.Unmarshal(w.status("derya", guid).Parameters, &p); err != nil {
			rt.Fatal(err)
		}
		from, err1 := time.Parse(time.DateOnly, p.Period.From)
		to, err2 := time.Parse(time.DateOnly, p.Period.To)
		if err1 != nil || err2 != nil || !from.Before(to) || to.Sub(from) > 366*24*time.Hour {
			rt.Fatalf("%s in %s at %s is %+v", name, zone, w.now, p.Period)
		}
		there, err := time.LoadLocation(zone)
		if err != nil {
			rt.Fatal(err)
		}
		today := w.now.In(there).Format(time.DateOnly)
		holds := p.Period.From <= today && today < p.Period.To
		if current := slices.Contains([]string{"today", "this-month", "this-quarter", "this-year"}, name); current != holds {
			rt.Fatalf("%s in %s, where it is %s, is %+v", name, zone, today, p.Period)
		}
	})
}
