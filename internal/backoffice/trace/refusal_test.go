package trace_test

import (
	"strings"
	"testing"
	"time"

	"peyk/internal/backoffice/event"
	"peyk/internal/report"
)

// The letter about a report the provider would not prepare says why, also in the
// provider's own words.
func TestARefusalIsTold(t *testing.T) {
	const said = "About 7 rows; at most 6 are allowed."
	inWorld(t, month, func(w *world) {
		w.move(func(r *report.Request, now time.Time) (report.Move, error) {
			return r.Reject(report.Failure{Code: "too-expensive", Detail: said, Stage: "audit"}, now, nil)
		})
		w.hears(event.ReportRejected)
		w.expect(report.Rejected, "rejected sent flagged=false", 1)
		letter := strings.Join(strings.Fields(string(w.taken[0])), " ")
		for _, want := range []string{"too much data", said} {
			if !strings.Contains(letter, want) {
				t.Errorf("the letter does not say %q:\n%s", want, w.taken[0])
			}
		}
	})
}
