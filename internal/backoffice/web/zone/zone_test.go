package zone_test

import (
	"slices"
	"testing"
	"time"
	_ "time/tzdata" // as the program has it

	"peyk/internal/backoffice/web/zone"
)

func TestEveryZoneIsKnown(t *testing.T) {
	t.Parallel()
	names := zone.Names()
	for _, name := range names {
		if _, err := time.LoadLocation(name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, name := range []string{"Europe/Istanbul", "UTC", "America/New_York"} {
		if !slices.Contains(names, name) {
			t.Errorf("%s is missing", name)
		}
	}
}
