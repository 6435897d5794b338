package trace_test

import (
	"testing"
	"time"

	"peyk/internal/report"
)

// Each record about a request names it.
func TestLogsNameTheRequest(t *testing.T) {
	inWorld(t, time.Hour, func(w *world) {
		w.relay = failing(1, report.Transient)
		w.arrives("key")
		w.after(time.Hour)
		w.log.About(guid, "mail not sent", "mail sent")
	})
}
