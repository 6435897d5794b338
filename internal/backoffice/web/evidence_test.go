package web_test

import (
	"strings"
	"testing"

	"peyk/internal/backoffice/ledger"
	"peyk/internal/report"
)

// What is counted has its plural: one page, two rows.
func TestEvidenceHasItsPlural(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.asked("emre", "none", delivered()[:2]...)
	w.update(func(tx ledger.Tx) error {
		return tx.Append(ledger.Fact(r, report.Gateway, report.StepStored, "stored", report.Evidence{"pages": 1, "rows": 1200, "files": "already here"}))
	})
	got := text(one(t, w.as("emre").get("/r/"+r.GUID).page(), el("ol", "class", "journey")))
	if !strings.Contains(got, "already here files, 1 page, 1,200 rows") {
		t.Errorf("step 10 reads %q", got)
	}
}
